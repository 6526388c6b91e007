"""Images per second, file to per-latent results, beside PyTorch doing the same job on the same images in the
same run, alternating, median of REPEATS:
    compare.py BENCH_INDEX ENCODER SAE N_THREADS REPEATS IMAGES.csv N_IMAGES
PyTorch's twin decodes with PIL, batches 4 images, and reduces f to score, count, maximum and CLS as METHODS 3
asks; it keeps a running top 25."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "ref"))
import numpy as np
import torch

import vit

bench, encoder_path, sae_path, threads, repeats, images, n_images = sys.argv[1:]
torch.set_num_threads(int(threads))
paths = vit.read_list(images)[:int(n_images)]
listing = tempfile.NamedTemporaryFile("w", suffix=".csv")
listing.write("image\n" + "".join(p + "\n" for p in paths))
listing.flush()

encoder, sae = vit.load_encoder(encoder_path), vit.load_sae(sae_path)
ours, theirs, peak = [], [], 0
with torch.inference_mode():
    for r in range(int(repeats)):
        out = subprocess.run([bench, encoder_path, sae_path, threads, "1", listing.name], check=True,
                             capture_output=True, text=True).stdout
        ours.append(float(out.split("images/s ")[1].split()[0]))
        peak = max(peak, float(out.split("peak MB ")[1].split()[0]))
        start = time.monotonic()
        top = torch.zeros(25, sae["W_enc"].shape[1])
        for i in range(0, len(paths), 4):
            x = vit.normalise(np.stack([vit.preprocess(p) for p in paths[i:i + 4]]))
            f = vit.latents(sae, vit.tokens(encoder, x))
            score, count, largest, cls = f.mean(1), (f > 0.2).sum(1), f.amax(1), f[:, 0]
            top = torch.cat([top, score]).topk(25, dim=0).values
        theirs.append(len(paths) / (time.monotonic() - start))
        print(f"run {r + 1}: ours {ours[-1]:.3f} images/s, PyTorch {theirs[-1]:.3f}", flush=True)
a, b = statistics.median(ours), statistics.median(theirs)
print(f"median: ours {a:.3f} images/s, PyTorch {b:.3f} images/s, ratio {a / b:.2f}; our peak {peak:.0f} MB; "
      f"{out.splitlines()[0]}; {threads} threads, {len(paths)} images")
