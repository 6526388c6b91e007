# SPDX-License-Identifier: GPL-3.0-or-later
"""class_scores.py PROJECT OUT N: mean score of each latent over the cells of each class, and the N most selective
latents of each class, from the tables of the project file with NumPy. Writes OUT/mean.npy (classes, latents),
OUT/share.npy likewise, OUT/picks.npy (picks, 3): class, latent, selectivity."""
import sqlite3
import sys

import numpy as np

db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
d_sae, = db.execute("SELECT d_sae FROM project").fetchone()
n_classes, = db.execute("SELECT count(*) FROM label WHERE dataset = 1").fetchone()
scores = [[] for _ in range(n_classes)]
for label, latents, values in db.execute(
        "SELECT label, latents, scores FROM cell_latents JOIN cell ON cell.id = cell WHERE dataset = 1 AND label IS NOT NULL"):
    row = np.zeros(d_sae)
    row[np.frombuffer(latents, "<u4")] = np.frombuffer(values, "<f4")
    scores[label].append(row)
scores = [np.array(rows).reshape(-1, d_sae) for rows in scores]
mean = np.array([rows.mean(axis=0) for rows in scores])
share = np.array([(rows > 0).mean(axis=0) for rows in scores])
with np.errstate(invalid="ignore"):
    selectivity = mean / mean.sum(axis=0)
picks = []
for c, rows in enumerate(scores):
    listed = [k for k in range(d_sae)
              if mean[:, k].argmax() == c and mean[c, k] > 0 and share[c, k] >= 0.1 and (rows[:, k] > 0).sum() >= 3]
    listed.sort(key=lambda k: (-selectivity[c, k], -mean[c, k], k))
    picks += [(c, k, selectivity[c, k]) for k in listed[:int(sys.argv[3])]]
for name, array in (("mean", mean), ("share", share), ("picks", np.array(picks))):
    np.save(f"{sys.argv[2]}/{name}.npy", array.astype(np.float32))
