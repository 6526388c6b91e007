"""Barcodes from the project file alone, in NumPy:
    barcodes.py PROJECT BY NORMALISE THRESHOLD OUT_PREFIX
reads the tables `cell` and `cell_latents` (THRESHOLD "index") or `threshold_counts`, writes OUT_PREFIX.npy (rows,
d_sae) f64 and OUT_PREFIX.txt, the rows' names; patients by disease, then name.

    barcodes.py h5ad FILE OUT_PREFIX
opens the file with anndata: OUT_PREFIX.npy (X) and .txt (a row "name|disease|n_cells" for each obs, then a row
"latent|name" for each var that has a name)."""

import sqlite3
import sys

import numpy as np


def load(db, threshold):
    """(cells, d_sae) counts and what each cell belongs to."""
    d_sae, = db.execute("SELECT d_sae FROM project").fetchone()
    if threshold == "index":
        rows = db.execute("SELECT c.patient, c.disease, l.name, d.name, x.latents, x.counts FROM cell c "
                          "JOIN cell_latents x ON x.cell = c.id JOIN dataset d ON d.id = c.dataset "
                          "LEFT JOIN label l ON l.dataset = c.dataset AND l.number = c.label ORDER BY c.id").fetchall()
    else:
        rows = db.execute("SELECT c.patient, c.disease, l.name, d.name, x.latents, x.counts FROM cell c "
                          "JOIN threshold_counts x ON x.cell = c.id AND x.value = ? JOIN dataset d ON d.id = c.dataset "
                          "LEFT JOIN label l ON l.dataset = c.dataset AND l.number = c.label ORDER BY c.id",
                          (float(threshold),)).fetchall()
    counts = np.zeros((len(rows), d_sae))
    for i, row in enumerate(rows):
        counts[i, np.frombuffer(row[4], "<u4")] = np.frombuffer(row[5], "<u2")
    return counts, [row[:4] for row in rows]


def barcodes(counts, facts, by, norm):
    def of(cells):
        total = counts[cells].sum(0)
        return total / len(cells) if norm == "per-image" else total / counts.shape[1] if norm == "paper" else total

    def groups(column):
        names = sorted({f[column] for f in facts if f[column] is not None})
        return {n: [i for i, f in enumerate(facts) if f[column] == n] for n in names}

    if by in ("label", "dataset"):
        g = groups({"label": 2, "dataset": 3}[by])
        return list(g), np.array([of(cells) for cells in g.values()])
    g = groups(0)
    disease = {n: next((facts[i][1] for i in cells if facts[i][1] is not None), None) for n, cells in g.items()}
    names = sorted(g, key=lambda n: (disease[n] is None, disease[n] or "", n))
    patients = np.array([of(g[n]) for n in names])
    if by == "patient":
        return names, patients
    diseases = sorted({d for d in disease.values() if d is not None})
    return diseases, np.array([patients[[i for i, n in enumerate(names) if disease[n] == d]].mean(0) for d in diseases])


def main():
    if sys.argv[1] == "h5ad":
        import anndata
        a = anndata.read_h5ad(sys.argv[2])
        np.save(sys.argv[3] + ".npy", np.asarray(a.X, dtype="f8"))
        lines = [f"{n}|{o.disease}|{o.n_cells}" for n, o in a.obs.iterrows()]
        lines += [f"{n}|{v['name']}" for n, v in a.var.iterrows() if v["name"]]
        lines.append(f"threshold|{float(a.uns['threshold']):g}")
        prefix = sys.argv[3]
    else:
        project, by, norm, threshold, prefix = sys.argv[1:]
        counts, facts = load(sqlite3.connect(project), threshold)
        lines, values = barcodes(counts, facts, by, norm)
        np.save(prefix + ".npy", values)
    with open(prefix + ".txt", "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")


main()
