#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""compare_train.py BENCH_TRAIN IMAGES D_IN D_SAE STEPS L0 THREADS [VARIANT]: one step of training beside PyTorch's dense step from the
same start on the same tokens, in one run; prints seconds, images/s, peak memory, the ratio of medians, and both losses. The
first step of either is left out of the medians."""
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ref"))
from train_twin import Trainer  # noqa: E402

program, images, d_in, d_sae, steps, l0, threads = sys.argv[1:8]
variant = sys.argv[8] if len(sys.argv) > 8 else "relu"
torch.set_num_threads(int(threads))
with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
    ours = subprocess.Popen([program, folder, str(int(images) * 257), d_in, d_sae, steps, l0, threads, variant],
                            stdout=subprocess.PIPE, text=True)
    lines = ours.stdout.read().splitlines()
    ours.wait()
    our_memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    our_times = [float(line.split()[0]) for line in lines]
    weights = [torch.from_numpy(np.load(f"{folder}/{name}.npy")) for name in ("w_enc", "b_enc", "w_dec", "b_dec", "theta")]
    x = torch.from_numpy(np.load(f"{folder}/x.npy"))
relu, jumprelu = variant == "relu", variant == "jumprelu"
nested = (1, 3, 7, 15, 32) if variant == "matryoshka" else (32,)
trainer = Trainer(weights, {
    "variant": variant, "lr": 4e-4, "warm_up": 500, "dead_after": 64, "l1": 8e-5 if relu else 0, "ghost": relu,
    "k": int(float(l0)), "aux_k": 0 if relu or jumprelu else int(d_in) // 2, "aux_weight": 1 / 32,
    "l0": 2e-5 if jumprelu else 0, "bandwidth": 0.05, "scale": float(x[0].pow(2).mean().sqrt()),
    "prefixes": [int(d_sae) * n // 32 for n in nested]})
times = []
for i in range(int(steps)):
    start = time.monotonic()
    loss = trainer.step(x[i])
    times.append(time.monotonic() - start)
    print(f"ours    {lines[i]}\nPyTorch {times[-1]:.3f} s  mse {loss['mse']:.6g}  nested {loss['nested']:.6g}  "
          f"l1 {loss['l1']:.6g}  l0 {loss['l0']:.4g}", flush=True)
a, b = statistics.median(our_times[1:]), statistics.median(times[1:])
print(f"ours {int(images) / a:.2f} images/s, {our_memory:.0f} MB; PyTorch {int(images) / b:.2f} images/s, "
      f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB; {b / a:.1f} times as fast")
