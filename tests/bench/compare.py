"""`cytosae index` beside PyTorch doing the same job (tests/ref/index_twin.py) on the same images in the same run,
alternating, median of REPEATS; both from image files to statistics and top lists, ours with the project file
written:
    compare.py CYTOSAE ENCODER SAE N_THREADS REPEATS LIST.csv N_IMAGES"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ref"))
import torch

import index_twin
import vit

cytosae, encoder_path, sae_path, threads, repeats, images, n_images = sys.argv[1:]
torch.set_num_threads(int(threads))
paths = vit.read_list(images)[:int(n_images)]
encoder, sae = vit.load_encoder(encoder_path), vit.load_sae(sae_path)
ours, theirs, peak = [], [], 0
with tempfile.TemporaryDirectory() as folder:
    listing = os.path.join(folder, "list.csv")
    with open(listing, "w") as f:
        f.write("image\n" + "".join(f'"{os.path.abspath(p)}"\n' for p in paths))

    def index(name, *extra):
        """Seconds and peak MB of one run, loading of the models included."""
        start = time.monotonic()
        process = subprocess.Popen([cytosae, "index", os.path.join(folder, name), "--encoder", encoder_path, "--sae",
                                    sae_path, "--images", listing, "--threads", threads, *extra],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # VmHWM, not getrusage(): that counts this process before exec() too.
        high = 0
        while process.poll() is None:
            try:
                with open(f"/proc/{process.pid}/status") as f:
                    high = max([high] + [int(line.split()[1]) / 1024 for line in f if line.startswith("VmHWM")])
            except OSError:
                pass
            time.sleep(0.02)
        assert process.returncode == 0
        return time.monotonic() - start, high

    for r in range(int(repeats)):
        seconds, high = index(f"run-{r}.cytosae")
        peak = max(peak, high)
        ours.append(len(paths) / seconds)
        start = time.monotonic()
        index_twin.run(paths, encoder, sae)
        theirs.append(len(paths) / (time.monotonic() - start))
        print(f"run {r + 1}: ours {ours[-1]:.2f} images/s (models loaded and hashed in it), "
              f"PyTorch {theirs[-1]:.2f} (models loaded before)", flush=True)
    size = os.path.getsize(os.path.join(folder, "run-0.cytosae")) / 1e6
a, b = statistics.median(ours), statistics.median(theirs)
print(f"median: ours {a:.2f}, PyTorch {b:.2f} images/s, ratio {a / b:.2f}; our peak {peak:.0f} MB, project {size:.1f} MB; "
      f"{threads} threads, {len(paths)} images")
