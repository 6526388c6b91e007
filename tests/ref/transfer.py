#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""transfer.py A.cytosae B.cytosae SAID.json TABLE.csv: what `cytosae transfer` says of the first data sets of two projects, computed
again from the cells' latents with NumPy."""
import csv
import json
import sqlite3
import sys

import numpy as np


def load(path):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    d_sae = db.execute("SELECT d_sae FROM project").fetchone()[0]
    dataset = db.execute("SELECT id FROM dataset ORDER BY id").fetchone()[0]
    names = dict(db.execute("SELECT number, name FROM label WHERE dataset = ?", (dataset,)))
    scores, labels = [], []
    for label, latents, values in db.execute(
            "SELECT cell.label, latents, scores FROM cell JOIN cell_latents ON cell_latents.cell = cell.id "
            "WHERE cell.dataset = ? AND failure IS NULL ORDER BY position", (dataset,)):
        row = np.zeros(d_sae)
        row[np.frombuffer(latents, "<u4")] = np.frombuffer(values, "<f4")
        scores.append(row)
        labels.append(names.get(label))
    return np.array(scores), np.array(labels, dtype=object)


(a, la), (b, lb) = load(sys.argv[1]), load(sys.argv[2])
said = json.load(open(sys.argv[3]))
table = list(csv.DictReader(open(sys.argv[4])))
alive_a, alive_b = (a > 0).any(0), (b > 0).any(0)
both = alive_a & alive_b
assert said["n_train"] == len(a) and said["n_test"] == len(b) and said["d_sae"] == a.shape[1] == len(table)
assert said["n_alive_train"] == alive_a.sum() and said["n_alive_test"] == alive_b.sum() and said["n_alive_both"] == both.sum()
assert abs(said["share_alive_both"] - both.sum() / alive_a.sum()) < 1e-8
classes = sorted((set(la) & set(lb)) - {None}, key=lambda name: name.encode())
assert len(classes) >= 3 and said["classes"] == [
    {"name": name, "n_train": (la == name).sum(), "n_test": (lb == name).sum()} for name in classes], said["classes"]

pa = np.array([a[la == name].mean(0) for name in classes])
pb = np.array([b[lb == name].mean(0) for name in classes])
pa, pb = pa - pa.mean(0), pb - pb.mean(0)
with np.errstate(all="ignore"):
    r = (pa * pb).sum(0) / np.sqrt((pa ** 2).sum(0) * (pb ** 2).sum(0))
constant = (np.abs(pa).max(0) < 1e-12) | (np.abs(pb).max(0) < 1e-12)
r[~both | constant] = np.nan
least = said["min_cells"]
assert least == min(max(min(len(a), len(b)) // 5, 3), 10)
fa, fb = (a > 0).mean(0), (b > 0).mean(0)
for k, row in enumerate(table):
    found = float(row["correlation"]) if row["correlation"] else np.nan
    assert int(row["latent"]) == k and int(row["n_train"]) == (a[:, k] > 0).sum() and int(row["n_test"]) == (b[:, k] > 0).sum()
    assert np.isnan(found) == np.isnan(r[k]) and (np.isnan(found) or abs(found - r[k]) < 1e-4), (k, found, r[k])
    if max(fa[k], fb[k]) > 0:
        assert abs(float(row["similarity"]) - min(fa[k], fb[k]) / max(fa[k], fb[k])) < 1e-7
    ranked = (a[:, k] > 0).sum() >= least and (b[:, k] > 0).sum() >= least and not np.isnan(r[k])
    assert bool(row["rank"]) == ranked == bool(row["transferability"]), k
assert said["n_correlated"] == np.isfinite(r).sum() and said["n_ranked"] == sum(bool(row["rank"]) for row in table)
assert abs(said["mean_correlation"] - np.nanmean(r)) < 1e-5 and abs(said["median_correlation"] - np.nanmedian(r)) < 1e-4

# The ranking: correlations shrunk to the mean of those that are ranked.
n = np.minimum((a > 0).sum(0), (b > 0).sum(0))
kept = (n >= least) & np.isfinite(r)
mean = r[kept].mean()
shrunk = mean + (r - mean) * n / (n + 10)
for k in np.flatnonzero(kept):
    assert abs(float(table[k]["transferability"]) - shrunk[k]) < 1e-4, k
order = [float(row["transferability"]) for row in sorted((row for row in table if row["rank"]), key=lambda row: int(row["rank"]))]
assert order == sorted(order, reverse=True) and len(order) > 10
assert abs(said["most"][0]["transferability"] - max(order)) < 1e-7
assert abs(said["least"][0]["transferability"] - min(order)) < 1e-7
assert said["most"][0]["n_train"] >= least <= said["most"][0]["n_test"]
