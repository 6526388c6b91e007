"""Checks what `cytosae` says of a cohort against NumPy and SciPy, from the project file alone; fails where it differs.
    cohort.py compare PROJECT A B JSON      (B "" for all others)
    cohort.py patients PROJECT JSON
    cohort.py patient PROJECT NAME CONTROLS JSON
    cohort.py confounds PROJECT JSON
    cohort.py mann-whitney FILE             rows "n_a n_b u p a… b…" of our own tests' numbers"""

import json
import sqlite3
import sys

import numpy as np
import scipy.stats


def close(a, b, what, rel=1e-9, abs_=1e-12):
    a, b = np.asarray(a, "f8"), np.asarray(b, "f8")
    ok = (np.abs(a - b) <= abs_ + rel * np.abs(b)) | (np.isnan(a) & np.isnan(b))
    assert ok.all(), f"{what}: {a[~ok][:3]} expected {b[~ok][:3]}"


def patients(project):
    """names, diseases, (patients, d_sae) barcodes; by disease, then name"""
    db = sqlite3.connect(project)
    d_sae, = db.execute("SELECT d_sae FROM project").fetchone()
    sums, n, disease = {}, {}, {}
    for patient, d, latents, counts in db.execute(
            "SELECT c.patient, c.disease, x.latents, x.counts FROM cell c JOIN cell_latents x ON x.cell = c.id"):
        if patient is None:
            continue
        row = sums.setdefault(patient, np.zeros(d_sae))
        row[np.frombuffer(latents, "<u4")] += np.frombuffer(counts, "<u2")
        n[patient] = n.get(patient, 0) + 1
        disease[patient] = d
    names = sorted(sums, key=lambda p: (disease[p] is None, disease[p] or "", p))
    return names, np.array([disease[p] for p in names]), np.array([sums[p] / n[p] for p in names]), [n[p] for p in names]


def adjust(p):
    p = np.asarray(p)
    order = np.argsort(p)
    q = p[order] * len(p) / np.arange(1, len(p) + 1)
    out = np.empty(len(p))
    out[order] = np.minimum.accumulate(q[::-1])[::-1]
    return np.minimum(out, 1)


def compare(project, a, b, answer):
    _, disease, x, _ = patients(project)
    one, other = x[disease == a], x[(disease == b) if b else (disease != a)]
    tested = np.flatnonzero((one.sum(0) > 0) | (other.sum(0) > 0))
    tests = [scipy.stats.mannwhitneyu(one[:, k], other[:, k], alternative="two-sided") for k in tested]
    q = dict(zip(tested, adjust([t.pvalue for t in tests])))
    expected = {k: t for k, t in zip(tested, tests)}
    assert answer["n_tested"] == len(tested) == len(answer["latents"])
    for row in answer["latents"]:
        k = row["latent"]
        close(row["mean_a"], one[:, k].mean(), "mean_a")
        close(row["difference"], one[:, k].mean() - other[:, k].mean(), "difference", abs_=1e-10)
        close(row["effect"], 2 * expected[k].statistic / (len(one) * len(other)) - 1, "effect")
        close(row["p"], expected[k].pvalue, "p")
        close(row["q"], q[k], "q")
    effects = [abs(r["effect"]) for r in answer["latents"]]
    assert effects == sorted(effects, reverse=True)


def outliers(disease, x):
    sd = x.std(0)
    z = x[:, sd > 0] / sd[sd > 0]
    out = np.full(len(x), np.nan)
    for d in set(disease):
        i = np.flatnonzero(disease == d)
        if len(i) >= 3:
            distance = np.array([np.sqrt(((z[j] - z[i[i != j]].mean(0)) ** 2).mean()) for j in i])
            out[i] = distance / np.median(distance)
    return out


def all_patients(project, answer):
    names, disease, x, n = patients(project)
    assert [p["patient"] for p in answer["patients"]] == names
    assert [p["n_cells"] for p in answer["patients"]] == n
    close([np.nan if p["outlier"] is None else p["outlier"] for p in answer["patients"]], outliers(disease, x), "outlier")
    close(np.array(answer["correlation"], "f8"), np.corrcoef(x), "correlation", abs_=1e-10)


def one_patient(project, name, controls, answer):
    names, disease, x, n = patients(project)
    i = names.index(name)
    beside = [j for j in range(len(names)) if j != i and disease[j] == controls]
    mean, sd = x[beside].mean(0), x[beside].std(0, ddof=1)
    z = (x[i] - mean) / (sd + np.median(sd[sd > 0]))
    assert [r["latent"] for r in answer["strongest"]] == list(np.argsort(-x[i], kind="stable")[:len(answer["strongest"])])
    best = -np.sort(-z)[:len(answer["unusual"])]
    close([r["z"] for r in answer["unusual"]], best, "z")
    for r in answer["unusual"]:
        close(r["z"], z[r["latent"]], "z")
    # the bootstrap draws at random: its own twin has to come near it
    db = sqlite3.connect(project)
    cells = np.zeros((n[i], x.shape[1]))
    for c, (latents, counts) in enumerate(db.execute(
            "SELECT x.latents, x.counts FROM cell c JOIN cell_latents x ON x.cell = c.id WHERE c.patient = ?", (name,))):
        cells[c, np.frombuffer(latents, "<u4")] = np.frombuffer(counts, "<u2")
    rng = np.random.default_rng(0)
    for point in answer["stability"]:
        r = [np.corrcoef(cells[rng.integers(0, n[i], point["n_cells"])].sum(0), x[i])[0, 1] for _ in range(1000)]
        assert abs(point["mean"] - np.mean(r)) < 6 * np.std(r) / np.sqrt(200) + 1e-9, (point, np.mean(r))
    enough = 0
    for point in reversed(answer["stability"]):
        if point["low"] < 0.95:
            break
        enough = point["n_cells"]
    assert answer["n_enough"] == enough


def confounds(project, answer):
    db = sqlite3.connect(project)
    d_sae, = db.execute("SELECT d_sae FROM project").fetchone()
    rows = db.execute("SELECT c.dataset, l.name, c.red, c.green, c.blue, c.width * c.height, x.latents, x.scores FROM cell c "
                      "JOIN cell_latents x ON x.cell = c.id LEFT JOIN label l ON l.dataset = c.dataset AND l.number = c.label"
                      ).fetchall()
    f = np.zeros((len(rows), d_sae))
    for i, row in enumerate(rows):
        f[i, np.frombuffer(row[6], "<u4")] = np.frombuffer(row[7], "<f4")
    facts = np.array([[*row[2:5], np.log(row[5])] for row in rows])
    dataset, label = np.array([r[0] for r in rows]), np.array([str(r[1]) for r in rows])
    judged = np.flatnonzero((f > 0).sum(0) >= 20)
    assert answer["n_judged"] == len(judged) == len(answer["latents"])
    for values in (f, facts):
        for c in set(label):
            values[label == c] -= values[label == c].mean(0)
    for row in answer["latents"]:
        v = f[:, row["latent"]]
        for j, name in enumerate(("red", "green", "blue", "size")):
            if row[name] is None:
                assert np.abs(facts[:, j]).max() < 1e-3 or np.abs(v).max() < 1e-3, name
            else:
                close(row[name], np.corrcoef(v, facts[:, j])[0, 1], name, rel=1e-6, abs_=1e-7)
        groups = [v[dataset == d] for d in set(dataset)]
        eta = np.sqrt(sum(len(g) * g.mean() ** 2 for g in groups) / (v ** 2).sum())
        if len(groups) > 1:
            close(row["dataset"], eta, "dataset", rel=1e-6)
        else:
            assert row["dataset"] is None


def mann_whitney(path):
    for line in open(path):
        n_a, n_b, u, p, *x = line.split()
        x = np.array(x, "f8")
        t = scipy.stats.mannwhitneyu(x[:int(n_a)], x[int(n_a):], alternative="two-sided")
        close(float(u), t.statistic, "U")
        close(float(p), t.pvalue, f"p of {n_a} and {n_b}")


def main():
    what, args = sys.argv[1], sys.argv[2:]
    if what == "mann-whitney":
        return mann_whitney(args[0])
    with open(args[-1], encoding="utf-8") as f:
        answer = json.load(f)
    {"compare": compare, "patients": all_patients, "patient": one_patient, "confounds": confounds}[what](*args[:-1], answer)


if __name__ == "__main__":
    main()
