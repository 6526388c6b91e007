# SPDX-License-Identifier: GPL-3.0-or-later
"""Do latents find structures? Against the masks of simulated cells.

localisation.py CYTOSAE ENCODER SAE FOLDER

FOLDER was made by `cytosae phantom --size 224 --masks`. Each cell gives 256 patches; a candidate (a latent, a raw
dimension of the encoder with either sign, a random direction) gives a number to each patch, and that number is taken for
all 196 pixels of it. Candidates are compared by their average precision over the pixels of all cells of half the patients;
the best one, and the threshold with which it has the best intersection over union there, are then scored on the other half.
All cells count, also those without the structure: a candidate has to tell both where and whether. Ties share a rank.

Random directions are as many as latents and as sparse: normal weights, each with the bias that makes it fire on as many
patches as one of the latents. The ceiling is what a map of 16 x 16 patches could reach: the patch's true share as its
number. Chance is the share of pixels. Not a test: it prints figures and judges nothing.
"""
import csv
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
from PIL import Image

import vit

STRUCTURES = ["nucleus", "eosinophilic_granules", "basophilic_granules", "auer_rods", "vacuoles"]
PIXELS = 14 * 14
TILE = 64


def share(folder, image, structure):
    """(256,) pixels of the structure in each patch; no file: the cell has none."""
    name = os.path.splitext(image.replace("images/", "masks/", 1))[0] + f"-{structure}.png"
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return np.zeros(256)
    mask = np.asarray(Image.open(path).convert("L")) > 127
    return mask.reshape(16, 14, 16, 14).sum((1, 3)).reshape(256).astype(float)


def curve(scores, truth):
    """Thresholds, falling, with the pixels of the structure and all pixels at or above each. Scores of 0 do not fire and
    come last together."""
    fired = np.flatnonzero(scores)
    order = fired[np.argsort(-scores[fired], kind="stable")]
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1) if len(order) else np.array([], int)
    hit = np.append(np.cumsum(truth[order])[ends], truth.sum())
    taken = np.append((ends + 1) * PIXELS, len(scores) * PIXELS)
    return np.append(scores[order][ends], -np.inf), hit, taken


def average_precision(scores, truth):
    _, hit, taken = curve(scores, truth)
    return float(np.sum(np.diff(hit, prepend=0) / truth.sum() * hit / taken))


def best_threshold(scores, truth):
    thresholds, hit, taken = curve(scores, truth)
    return thresholds[np.argmax(hit / (taken + truth.sum() - hit))]


def overlap(scores, truth, threshold):
    found = scores >= threshold
    return float(truth[found].sum() / (found.sum() * PIXELS + truth[~found].sum()))


class Latents:
    def __init__(self, sae):
        self.sae, self.n = sae, sae["W_enc"].shape[1]

    def name(self, column):
        return str(column)

    def scores(self, tokens, columns):
        h = (tokens - self.sae["b_dec"]) @ self.sae["W_enc"][:, columns] + self.sae["b_enc"][columns]
        return torch.relu(h).numpy()


class Directions:
    """Random ones, as sparse as the latents are on @tokens."""

    def __init__(self, sae, tokens):
        self.n, self.b_dec = sae["W_enc"].shape[1], sae["b_dec"]
        self.w = torch.randn(sae["W_enc"].shape, generator=torch.Generator().manual_seed(0))
        self.bias = torch.zeros(self.n)
        latents = Latents(sae)
        for columns in torch.arange(self.n).split(TILE):
            rate = (latents.scores(tokens, columns) > 0).mean(0)
            h = ((tokens - self.b_dec) @ self.w[:, columns]).numpy()
            self.bias[columns] = torch.tensor([np.quantile(h[:, i], 1 - r) for i, r in enumerate(rate)],
                                              dtype=torch.float32)

    def name(self, column):
        return str(column)

    def scores(self, tokens, columns):
        return torch.relu((tokens - self.b_dec) @ self.w[:, columns] - self.bias[columns]).numpy()


class Dimensions:
    """Of the encoder, each with both signs; shifted so that no number is 0."""

    def __init__(self, tokens):
        self.n = 2 * tokens.shape[1]

    def name(self, column):
        return f"{'-' if column % 2 else '+'}{column // 2}"

    def scores(self, tokens, columns):
        sign = 1 - 2 * (columns % 2)
        return (tokens[:, columns // 2].double() * sign + 1e6).numpy()


def search(candidates, tokens, truths):
    """{structure: (best average precision, candidate)} on the half to choose from."""
    best = {name: (-1.0, -1) for name in truths}
    for columns in torch.arange(candidates.n).split(TILE):
        scores = candidates.scores(tokens, columns)
        for i, column in enumerate(columns.tolist()):
            for name, truth in truths.items():
                best[name] = max(best[name], (average_precision(scores[:, i], truth), column))
    return best


def main():
    cytosae, encoder, sae_path, folder = sys.argv[1:5]
    manifest = os.path.join(folder, "manifest.csv")
    with open(manifest, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with tempfile.TemporaryDirectory() as tmp:
        out = os.path.join(tmp, "tokens.npy")
        subprocess.run([cytosae, "embed", "--encoder", encoder, manifest, "--out", out], check=True,
                       stderr=subprocess.DEVNULL)
        tokens = torch.from_numpy(np.load(out)[:, 1:])
    # Groups take turns in fives, so patients of even and odd number are of every group alike.
    odd = np.array([int(row["patient"][1:]) % 2 == 1 for row in rows])
    halves = [tokens[torch.from_numpy(half)].reshape(-1, tokens.shape[2]) for half in (odd, ~odd)]
    truths = {name: np.stack([share(folder, row["image"], name) for row in rows]) for name in STRUCTURES}
    missing = [name for name in STRUCTURES if not all(truths[name][half].any() for half in (odd, ~odd))]
    if missing:
        sys.exit(f"{folder}: no masks of {', '.join(missing)} in one half of the patients")
    first, second = ({name: truth[half].reshape(-1) for name, truth in truths.items()} for half in (odd, ~odd))

    sae = vit.load_sae(sae_path)
    kinds = {"best latent": Latents(sae), "best raw dimension": Dimensions(halves[0]),
             "best random direction": Directions(sae, halves[0])}
    found = {kind: search(candidates, halves[0], first) for kind, candidates in kinds.items()}
    print(f"{len(rows)} cells: {odd.sum()} to choose from, {(~odd).sum()} to score on")
    for name in STRUCTURES:
        has = truths[name].sum(1) > 0
        chance = second[name].sum() / (len(second[name]) * PIXELS)
        print(f"{name}: in {has[odd].sum()} and {has[~odd].sum()} cells; chance AP {chance:.4f}")
        for kind, candidates in kinds.items():
            column = torch.tensor([found[kind][name][1]])
            a, b = (candidates.scores(half, column)[:, 0] for half in halves)
            iou = overlap(b, second[name], best_threshold(a, first[name]))
            print(f"    {kind:22s} {candidates.name(column.item()):>5s}  AP {average_precision(b, second[name]):.3f}  IoU {iou:.3f}"
                  f"  (AP where chosen {found[kind][name][0]:.3f})")
        iou = overlap(second[name], second[name], best_threshold(first[name], first[name]))
        print(f"    {'ceiling of 16 x 16':22s}        AP {average_precision(second[name], second[name]):.3f}  IoU {iou:.3f}")


if __name__ == "__main__":
    with torch.inference_mode():
        main()
