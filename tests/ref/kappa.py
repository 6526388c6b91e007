"""OUT.npy A.csv B.csv FIELD...: for each field n, equal, Cohen's kappa from the matrix of both, over the latents about which
both files say something (unreviewed and empty say nothing; case and outer spaces do not count)."""
import csv
import sys

import numpy as np


def kappa(x, y):
    values = sorted(set(x) | set(y))
    matrix = np.zeros((len(values), len(values)))
    for p, q in zip(x, y):
        matrix[values.index(p), values.index(q)] += 1
    matrix /= matrix.sum()
    chance = matrix.sum(0) @ matrix.sum(1)
    return (np.trace(matrix) - chance) / (1 - chance) if chance < 1 else float("nan")


def read(path, field):
    with open(path, newline="", encoding="utf-8") as file:
        said = {int(row["latent"]): row[field].strip().casefold() for row in csv.DictReader(file)}
    return {latent: value for latent, value in said.items() if value not in ("", "unreviewed")}


rows = []
for name in sys.argv[4:]:
    a, b = read(sys.argv[2], name), read(sys.argv[3], name)
    both = sorted(a.keys() & b.keys())
    x, y = [a[k] for k in both], [b[k] for k in both]
    rows.append([len(both), sum(p == q for p, q in zip(x, y)),
                 kappa(x, y) if both else float("nan")])
np.save(sys.argv[1], np.array(rows, dtype=np.float64))
