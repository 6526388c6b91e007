# SPDX-License-Identifier: GPL-3.0-or-later
"""The measures of METHODS 7 from their definitions, with scikit-learn, SciPy and NumPy in double precision.

measures.py FOLDER SAE

FOLDER holds what the program was asked about: images.csv (path, label, patient), tokens.npy (n, 257, d), scores.npy
(n, latents), embeddings.npy (n, d_e) unscaled, and, where there are masks, maps.npy (n_masked, 256, latents), masked.csv
(position, structure, mask file, grey level: 256 for "above 127"), tau.txt. And what it answered: rows.csv, a line for each
latent, summary.csv, classes.csv, structures.csv. Exits with 1 and says where they differ. Scores and maps are the
program's own, so that all that ranks by them has to agree to the last digits; variance and L0 come from the tokens."""

import csv
import os
import sys

import numpy as np
import torch
from PIL import Image
from scipy.stats import entropy
from sklearn.metrics import average_precision_score

import vit

folder, sae_path = sys.argv[1:3]
bad = []


def table(name):
    with open(os.path.join(folder, name), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def load(name):
    return np.load(os.path.join(folder, name))


def check(what, found, expected, tolerance):
    found, expected = float(found), float(expected)
    if np.isnan(found) != np.isnan(expected) or not (np.isnan(expected) or abs(found - expected) <= tolerance):
        bad.append(f"{what}: {found!r}, expected {expected!r}")


def same(what, found, expected):
    if found != expected:
        bad.append(f"{what}: {found!r}, expected {expected!r}")


images, rows = table("images.csv"), table("rows.csv")
summary = {row["name"]: row["value"] for row in table("summary.csv")}
scores, tokens = load("scores.npy").astype(np.float64), load("tokens.npy").astype(np.float64)
n, n_latents = scores.shape
labels = np.array([row["label"] for row in images])
names = sorted(set(labels) - {""}, key=lambda name: name.encode())
labelled = labels != ""
alive = np.flatnonzero((scores > 0).any(0))
same("latents", len(rows), n_latents)

# Halves: patients take turns; images without one, those of their class.
half, patients, of_class = np.zeros(n, int), {}, {}
for i, row in enumerate(images):
    if row["patient"]:
        half[i] = patients.setdefault(row["patient"], len(patients)) % 2
    else:
        half[i] = of_class.setdefault(row["label"], 0) % 2
        of_class[row["label"]] += 1

# ---- Variance, from the tokens ----
sae = {k: v.double() if isinstance(v, torch.Tensor) else v for k, v in vit.load_sae(sae_path).items()}
x = torch.from_numpy(tokens)
h = (x - sae["b_dec"]) @ sae["W_enc"] + sae["b_enc"]
f = vit.latents(sae, x)
unsure = (h.abs() < 1e-3).sum((0, 1)).numpy()
fired = (f > 0).sum((0, 1)).numpy()
residual = x - f @ sae["W_dec"] - sae["b_dec"]
total = ((x - x.mean((0, 1))) ** 2).sum()
check("explained", summary["explained"], 1 - (residual ** 2).sum() / total, 1e-6)
check("l0", summary["l0"], fired.sum() / (n * 257), unsure.sum() / (n * 257) + 1e-12)
# 2 f r·w + f² ‖w‖², summed over tokens: what ‖r + f w‖² − ‖r‖² is
flat_f, flat_r = f.reshape(-1, n_latents), residual.reshape(-1, residual.shape[2])
gain = (2 * (flat_f * (flat_r @ sae["W_dec"].T)).sum(0) + (flat_f ** 2).sum(0) * (sae["W_dec"] ** 2).sum(1)) / total
for k in alive[::97]:
    without = flat_r + flat_f[:, k:k + 1] * sae["W_dec"][k]
    check(f"own check of {k}", gain[k], ((without ** 2).sum() - (flat_r ** 2).sum()) / total, 1e-9)
    check(f"explained of {k}", rows[k]["explained"], gain[k], 1e-7)

# ---- Each latent ----
e = load("embeddings.npy").astype(np.float64)
e /= np.linalg.norm(e, axis=1, keepdims=True)
cosines = e @ e.T
pairs = np.triu_indices(n, 1)
w = sae["W_dec"].numpy()[alive]
w = w / np.linalg.norm(w, axis=1, keepdims=True)
likeness = w @ w.T
np.fill_diagonal(likeness, -2)
order = np.argsort(-scores, axis=0, kind="stable")
top = {k: set(order[:16, k][scores[order[:16, k], k] > 0]) for k in alive}
ms = np.full(n_latents, np.nan)
means = {name: [] for name in ("entropy", "purity", "cosine", "jaccard")}

for k in range(n_latents):
    row, s = rows[k], scores[:, k]
    same(f"n_active of {k}", int(row["n_active"]), int((s > 0).sum()))
    check(f"frequency of {k}", row["frequency"], (s > 0).mean(), 1e-12)
    check(f"token frequency of {k}", row["token_frequency"], fired[k] / (n * 257), unsure[k] / (n * 257) + 1e-12)
    if not (s > 0).any():
        same(f"best class of {k}", row["best_class"], "-1")
        continue
    # Pach et al., pair by pair
    if (s > 0).sum() > 1 and s.max() > s.min():
        a = (s - s.min()) / (s.max() - s.min())
        product = (a[:, None] * a)[pairs]
        if product.sum() > 0:
            ms[k] = (product * cosines[pairs]).sum() / product.sum()
    check(f"monosemanticity of {k}", row["monosemanticity"], ms[k], 1e-5)
    ten = order[:10, k]
    if (s[ten] > 0).all() and labelled[ten].all():
        mass = np.array([s[ten][labels[ten] == name].sum() for name in names])
        check(f"entropy of {k}", row["entropy"], entropy(mass), 1e-6)
        check(f"purity of {k}", row["purity"], mass.max() / mass.sum(), 1e-6)
        means["entropy"].append(entropy(mass))
        means["purity"].append(mass.max() / mass.sum())
    else:
        check(f"entropy of {k}", row["entropy"], np.nan, 0)
    if names and k % 5 == 0:
        best = [(average_precision_score(labels[labelled] == name, s[labelled]), (labels[labelled] == name).mean())
                for name in names]
        gains = [(p - chance) / (1 - chance) if chance < 1 else 0 for p, chance in best]
        c = int(row["best_class"])
        check(f"gain of the best class of {k}", gains[c], max(gains), 1e-9)
        check(f"auprc of {k}", row["auprc"], best[c][0], 1e-9)
        check(f"prevalence of {k}", row["prevalence"], best[c][1], 1e-12)

for i, k in enumerate(alive):
    row = rows[k]
    check(f"cosine of {k}", row["cosine"], likeness[i].max(), 1e-5)
    check(f"nearest of {k}", likeness[i][np.searchsorted(alive, int(row["nearest"]))], likeness[i].max(), 1e-5)
    means["cosine"].append(likeness[i].max())
holders = {}
for k in alive:
    for cell in top[k]:
        holders.setdefault(cell, []).append(k)
for k in alive:
    shared = {}
    for cell in top[k]:
        for other in holders[cell]:
            if other != k:
                shared[other] = shared.get(other, 0) + 1
    jaccard = {other: count / (len(top[k]) + len(top[other]) - count) for other, count in shared.items()}
    best = max(jaccard.values(), default=0)
    check(f"jaccard of {k}", rows[k]["jaccard"], best, 1e-12)
    same(f"twin of {k}", int(rows[k]["twin"]), min((o for o, j in jaccard.items() if j == best), default=-1))
    means["jaccard"].append(best)

for name, values in means.items():
    check(f"mean {name}", summary[name], np.mean(values) if values else np.nan, 1e-5)
check("mean monosemanticity", summary["monosemanticity"], np.nanmean(ms), 1e-5)
check("chance of monosemanticity", summary["monosemanticity_chance"], cosines[pairs].mean(), 1e-6)
check("dead share", summary["dead_share"], 1 - len(alive) / n_latents, 1e-12)

# ---- The best latent of each class: chosen on one half, scored on the other ----
selectivity = []
for name, row in zip(names, table("classes.csv")):
    same("class", row["name"], name)
    first, second = labelled & (half == 0), labelled & (half == 1)
    k = int(row["latent"])
    if not (labels[first] == name).any():
        same(f"latent of {name}", k, -1)
        continue
    chosen = average_precision_score(labels[first] == name, scores[first, k])
    check(f"chosen of {name}", row["chosen"], chosen, 1e-6)
    for j in alive[::5]:
        there = average_precision_score(labels[first] == name, scores[first, j])
        if there > chosen + 1e-6:
            bad.append(f"{name}: latent {j} with {there} is better than {k} with {chosen}")
    if (labels[second] == name).any():
        scored, chance = average_precision_score(labels[second] == name, scores[second, k]), (labels[second] == name).mean()
        check(f"scored of {name}", row["scored"], scored, 1e-9)
        check(f"chance of {name}", row["chance"], chance, 1e-12)
        selectivity.append((scored - chance) / (1 - chance))
check("selectivity", summary["selectivity"], np.mean(selectivity) if selectivity else np.nan, 1e-9)


# ---- Maps ----
def shares(path, level):
    """(256,) exact shares of the patches, whatever the mask's size: each pixel is laid out as 16 x 16, each patch is then
    a block of whole numbers of them."""
    grey = np.asarray(Image.open(path).convert("RGB"))[:, :, 0]
    mask = grey > 127 if level == 256 else grey == level
    fine = np.repeat(np.repeat(mask, 16, 0), 16, 1)
    return fine.reshape(16, mask.shape[0], 16, mask.shape[1]).mean((1, 3)).reshape(256)


def precision(score, share):
    """Two samples a patch, weighted by what of it is in the structure and what is not."""
    return average_precision_score(np.repeat([1, 0], len(score)), np.tile(score, 2),
                                   sample_weight=np.concatenate([share, 1 - share]))


def overlap(found, share):
    return share[found].sum() / (found.sum() + share[~found].sum())


if os.path.exists(os.path.join(folder, "maps.npy")):
    maps, pieces = load("maps.npy").astype(np.float64), table("masked.csv")
    positions = sorted({int(piece["position"]) for piece in pieces})
    structures = sorted({piece["structure"] for piece in pieces}, key=lambda name: name.encode())
    tau = float(open(os.path.join(folder, "tau.txt")).read())
    truth = {name: np.zeros((len(positions), 256)) for name in structures}
    for piece in pieces:
        truth[piece["structure"]][positions.index(int(piece["position"]))] += shares(piece["file"], int(piece["level"]))
    first, second = half[positions] == 0, half[positions] == 1
    alive_maps = np.flatnonzero((maps > 0).any((0, 1)))
    for k in range(n_latents):
        if k not in alive_maps:
            same(f"structure of {k}", rows[k]["structure"], "-1")
    for k in alive_maps[::7]:
        gains, values = [], []
        for name in structures:
            share = truth[name].reshape(-1)
            p = precision(maps[:, :, k].reshape(-1), share)
            values.append((p, share.mean(), overlap(maps[:, :, k].reshape(-1) > tau, share)))
            gains.append((p - share.mean()) / (1 - share.mean()))
        s = int(rows[k]["structure"])
        check(f"gain of the structure of {k}", gains[s], max(gains), 1e-5)
        check(f"map precision of {k}", rows[k]["map_precision"], values[s][0], 1e-5)
        check(f"map chance of {k}", rows[k]["map_chance"], values[s][1], 1e-6)
        check(f"map overlap of {k}", rows[k]["map_overlap"], values[s][2], 1e-5)

    def score_best(what, row, score_1, share_1, score_2, share_2):
        check(f"{what}: chosen", row["chosen"], precision(score_1, share_1), 1e-5)
        check(f"{what}: scored", row["scored"], precision(score_2, share_2), 1e-5)
        check(f"{what}: chance", row["chance"], share_2.mean(), 1e-6)
        thresholds = [-np.inf, *np.unique(score_1[score_1 > 0])]
        best = max(overlap(score_1 >= t, share_1) for t in thresholds)
        near = [overlap(score_2 >= t, share_2) for t in thresholds if overlap(score_1 >= t, share_1) >= best - 1e-6]
        if not any(abs(float(row["overlap"]) - value) <= 1e-5 for value in near):
            bad.append(f"{what}: overlap {row['overlap']}, expected one of {near}")

    for name, row in zip(structures, table("structures.csv")):
        same("structure", row["name"], name)
        share_1, share_2 = truth[name][first].reshape(-1), truth[name][second].reshape(-1)
        if not share_1.any() or not share_2.any():
            continue
        k = int(row["latent"])
        for j in alive_maps[::7]:
            there = precision(maps[first, :, j].reshape(-1), share_1)
            if there > float(row["chosen"]) + 1e-5:
                bad.append(f"{name}: latent {j} is better than {k}")
        score_best(name, row, maps[first, :, k].reshape(-1), share_1, maps[second, :, k].reshape(-1), share_2)
        ceiling = {key[8:]: value for key, value in row.items() if key.startswith("ceiling_")}
        score_best("ceiling of " + name, ceiling, share_1, share_1, share_2, share_2)

for line in bad[:30]:
    print(line)
print(f"{n} images, {n_latents} latents, {len(alive)} alive: {len(bad)} differences")
sys.exit(len(bad) > 0)
