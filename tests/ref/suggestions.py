# SPDX-License-Identifier: GPL-3.0-or-later
"""suggestions.py FOLDER

Names suggested for latents, from the definition, with scikit-learn. FOLDER holds scores.npy (n, latents), codes.npy
(n, attributes; -1 unknown), half.npy (n), answer.csv (latent, attribute, value, auprc, prevalence, bound, n_cells,
n_positive). The shuffles are NumPy's own: default_rng(seed + shuffle).permutation of the cells of the second half."""

import csv
import sys

import numpy as np
from sklearn.metrics import average_precision_score

folder, SEED, N_SHUFFLES = sys.argv[1], 42, 99
scores, codes, half = (np.load(f"{folder}/{name}.npy").astype(np.float64) for name in ("scores", "codes", "half"))
codes, half = codes.astype(int), half.astype(int)
looked_at = np.flatnonzero((scores > 0).sum(0) >= 10)


def gain(precision, chance):
    return (precision - chance) / (1 - chance) if chance < 1 else 0


def precision(labels, score):
    return average_precision_score(labels, score) if labels.any() else np.nan


expected = {}
for a in range(codes.shape[1]):
    known = codes[:, a] >= 0
    first, second = np.flatnonzero(known & (half == 0)), np.flatnonzero(known & (half == 1))
    values = range(codes[:, a].max() + 1)
    bound = dict.fromkeys(values, 0.0)
    for shuffle in range(N_SHUFFLES):
        order = np.random.default_rng(SEED + shuffle).permutation(len(second))
        dealt = codes[second, a][order]
        for v in values:
            for k in looked_at:
                bound[v] = max(bound[v], precision(dealt == v, scores[second, k]))
    for k in looked_at:
        best, best_gain = None, 0
        for v in values:
            g = gain(precision(codes[first, a] == v, scores[first, k]), (codes[first, a] == v).mean())
            if g > best_gain:
                best, best_gain = v, g
        if best is None:
            continue
        labels = codes[second, a] == best
        p, chance = precision(labels, scores[second, k]), labels.mean()
        if (labels.sum() >= 20 and (~labels).sum() >= 20 and chance <= 0.5 and gain(p, chance) >= 0.5 and p > bound[best]):
            expected.setdefault(k, []).append((-gain(p, chance), a, best, p, chance, bound[best], len(second), labels.sum()))

with open(f"{folder}/answer.csv", newline="", encoding="utf-8") as file:
    found = [[float(x) for x in row.values()] for row in csv.DictReader(file)]
wanted = [[k, *entry[1:]] for k in sorted(expected) for entry in sorted(expected[k])[:3]]
print(f"{len(found)} suggestions, expected {len(wanted)}")
assert len(wanted) >= 3, "the example is too poor to show anything"
assert len(found) == len(wanted) and np.allclose(found, wanted, rtol=0, atol=1e-9), (found, wanted)
