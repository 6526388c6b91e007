"""The whole job of indexing in PyTorch: decode, embed, encode, reduce, keep the best 25 cells of each latent with
their maps. The peer of the benchmark and the reference of the top lists:
    index_twin.py LIST OUT_DIR ENCODER SAE [THREADS]
writes scores.npy (n, d_sae), counts.npy (n, d_sae), frequency.npy, mean_act.npy, max_act.npy (d_sae), top.npy
(25, d_sae) list positions (-1: none), top_scores.npy."""

import os
import sys
import time

import numpy as np
import torch

import vit

TAU, M, BATCH = 0.2, 25, 4


@torch.inference_mode()
def run(paths, encoder, sae):
    d_sae = sae["W_enc"].shape[1]
    best = torch.full((0, d_sae), -1.0)
    cells = torch.full((0, d_sae), -1, dtype=torch.int64)
    maps = torch.zeros(0, d_sae, 256, dtype=torch.float16) if d_sae <= 4096 else None
    scores, counts, largest = [], [], torch.zeros(d_sae)
    for i in range(0, len(paths), BATCH):
        batch = paths[i:i + BATCH]
        f = vit.latents(sae, vit.tokens(encoder, vit.normalise(np.stack([vit.preprocess(p) for p in batch]))))
        score = f.mean(1)
        scores.append(score)
        counts.append((f > TAU).sum(1).to(torch.int32))
        largest = torch.maximum(largest, f.amax((0, 1)))
        # A stable sort keeps the lower position first among equals.
        joined = torch.cat([best, score])
        where = torch.cat([cells, torch.arange(i, i + len(batch))[:, None].expand(-1, d_sae)])
        best, order = joined.sort(dim=0, descending=True, stable=True)
        best, order = best[:M], order[:M]
        cells = where.gather(0, order)
        if maps is not None:
            candidates = torch.cat([maps, f[:, 1:].transpose(1, 2).half()])
            maps = candidates.gather(0, order[..., None].expand(-1, -1, 256))
    scores = torch.cat(scores)
    active = (scores > 0).sum(0)
    mean_act = torch.where(active > 0, scores.sum(0) / active.clamp_min(1), torch.zeros(()))
    cells[best <= 0] = -1
    return {"scores": scores, "counts": torch.cat(counts), "frequency": active / len(paths), "mean_act": mean_act,
            "max_act": largest, "top": cells, "top_scores": best}


if __name__ == "__main__":
    if len(sys.argv) > 5:
        torch.set_num_threads(int(sys.argv[5]))
    paths = vit.read_list(sys.argv[1])
    encoder, sae = vit.load_encoder(sys.argv[3]), vit.load_sae(sys.argv[4])
    start = time.monotonic()
    result = run(paths, encoder, sae)
    print(f"images/s {len(paths) / (time.monotonic() - start):.3f}")
    for name, value in result.items():
        np.save(os.path.join(sys.argv[2], name + ".npy"), value.numpy())
