"""What is like what, from the project file alone, in NumPy:
    neighbours.py PROJECT DATASET LATENT OUT_PREFIX
reads `cell` and `cell_latents`, writes OUT_PREFIX. + picks.npy (4, 6) positions of the cells at the 100th, 75th, 50th
and 0th percentile of the active cells; counts.npy and edges.npy of the histogram in 12 bins; profile.npy (classes, 3)
cells, active cells, mean score; latents.npy (d_sae) cosine of each latent with LATENT; cells.npy (n, n) cosine of each
cell with each other.

    neighbours.py SAE_WEIGHTS.safetensors LATENT OUT_PREFIX
writes OUT_PREFIX.directions.npy (d_sae) cosine of each decoder row with that of LATENT."""

import json
import sqlite3
import struct
import sys

import numpy as np


def cosine(matrix, vector):
    with np.errstate(invalid="ignore"):
        return matrix @ vector / (np.linalg.norm(matrix, axis=-1) * np.linalg.norm(vector))


def directions(path, latent, prefix):
    data = open(path, "rb").read()
    n, = struct.unpack("<Q", data[:8])
    entry = json.loads(data[8:8 + n])["W_dec"]
    begin, end = entry["data_offsets"]
    dtype = {"F32": "<f4", "F16": "<f2"}[entry["dtype"]]
    rows = np.frombuffer(data[8 + n + begin:8 + n + end], dtype).reshape(entry["shape"]).astype("f8")
    np.save(prefix + ".directions.npy", cosine(rows, rows[latent]))


def main():
    if len(sys.argv) == 4:
        return directions(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    db, latent, prefix = sqlite3.connect(sys.argv[1]), int(sys.argv[3]), sys.argv[4]
    d_sae, = db.execute("SELECT d_sae FROM project").fetchone()
    dataset, first, n_cells = db.execute("SELECT id, first_cell, n_cells FROM dataset WHERE name = ?",
                                         (sys.argv[2],)).fetchone()
    scores = np.zeros((n_cells, d_sae))
    label = np.full(n_cells, -1)
    for cell, number, latents, values in db.execute(
            "SELECT c.id, c.label, x.latents, x.scores FROM cell c JOIN cell_latents x ON x.cell = c.id "
            "WHERE c.dataset = ?", (dataset,)):
        scores[cell - first, np.frombuffer(latents, "<u4")] = np.frombuffer(values, "<f4")
        label[cell - first] = -1 if number is None else number

    s = scores[:, latent]
    active = np.nonzero(s)[0]
    order = active[np.lexsort((active, -s[active]))]
    picks = []
    for percentile in (100, 75, 50, 0):
        middle = (1 - percentile / 100) * (len(order) - 1)
        starts = np.arange(len(order) - 5)
        # the later of two that are equally near
        distance = np.abs(starts + 2.5 - middle)
        start = starts[np.nonzero(distance <= distance.min() + 1e-9)[0][-1]]
        picks.append(order[start:start + 6])
    np.save(prefix + ".picks.npy", np.array(picks, "f4"))
    logs = np.log10(s[active])
    counts, edges = np.histogram(logs, 12, (logs.min(), logs.max()))
    np.save(prefix + ".counts.npy", counts.astype("f4"))
    np.save(prefix + ".edges.npy", (10 ** edges).astype("f4"))
    np.save(prefix + ".profile.npy", np.array([[np.sum(label == c), np.sum(s[label == c] > 0), s[label == c].mean()]
                                               for c in range(label.max() + 1)], "f4"))
    np.save(prefix + ".latents.npy", np.nan_to_num(cosine(scores.T, s)).astype("f4"))
    np.save(prefix + ".cells.npy", np.nan_to_num(np.array([cosine(scores, row) for row in scores])).astype("f4"))


main()
