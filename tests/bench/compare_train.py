#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""compare_train.py BENCH_TRAIN IMAGES D_IN D_SAE STEPS L0 THREADS: one step of training beside PyTorch's dense step from the
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

program, images, d_in, d_sae, steps, l0, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
    ours = subprocess.Popen([program, folder, str(int(images) * 257), d_in, d_sae, steps, l0, threads],
                            stdout=subprocess.PIPE, text=True)
    lines = ours.stdout.read().splitlines()
    ours.wait()
    our_memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    our_times = [float(line.split()[0]) for line in lines]
    weights = [torch.from_numpy(np.load(f"{folder}/{name}.npy")) for name in ("w_enc", "b_enc", "w_dec", "b_dec")]
    x = torch.from_numpy(np.load(f"{folder}/x.npy"))
trainer = Trainer(weights, 8e-5, 4e-4, 500, True, 64)
times = []
for i in range(int(steps)):
    start = time.monotonic()
    loss = trainer.step(x[i])
    times.append(time.monotonic() - start)
    print(f"ours    {lines[i]}\nPyTorch {times[-1]:.3f} s  mse {loss[0]:.6g}  l1 {loss[1]:.6g}  l0 {loss[3]:.4g}", flush=True)
a, b = statistics.median(our_times[1:]), statistics.median(times[1:])
print(f"ours {int(images) / a:.2f} images/s, {our_memory:.0f} MB; PyTorch {int(images) / b:.2f} images/s, "
      f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB; {b / a:.1f} times as fast")
