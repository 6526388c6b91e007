"""Checks the baselines of `cytosae classify --features barcodes,mean-embedding,cls --json` against PyTorch and scikit-learn:
    embeddings.py PROJECT JSON ENCODER
Patients are embedded from their images, classified on the same folds, and what the program says of both is compared."""

import json
import os
import sqlite3
import sys

import numpy as np
import sklearn.metrics

import classify
import cohort
import vit


def embed(project, names, encoder):
    """(patients, d) of the mean over all 257 tokens, and of CLS"""
    db = sqlite3.connect(project)
    sums, n = {}, dict.fromkeys(names, 0)
    for patient, path, root in db.execute("SELECT c.patient, c.path, d.root FROM cell c JOIN dataset d ON d.id = c.dataset "
                                          "WHERE c.patient IS NOT NULL AND c.failure IS NULL"):
        pixels = vit.preprocess(os.path.join(root, os.fsdecode(path)))
        t = vit.tokens(encoder, vit.normalise(pixels[None]))[0].double().numpy()
        sums[patient] = sums.get(patient, 0) + np.array([t.mean(0), t[0]])
        n[patient] += 1
    return np.array([sums[p] / n[p] for p in names]).transpose(1, 0, 2)


def check(result, answer, x, y):
    classes, rows = answer["classes"], result["patients"]
    assert result["n_features"] == x.shape[1]
    folds = np.array([r["folds"][0] for r in rows])
    predictions = np.array([classes.index(r["predictions"][0]) for r in rows])
    measured = []
    for f in range(answer["n_folds"]):
        test = folds == f
        assert result["c"][f] == classify.search(x[~test], y[~test])
        scaler, model = classify.fit(x[~test], y[~test], result["c"][f])
        z = scaler.transform(x[test])
        np.testing.assert_array_equal(model.predict(z), predictions[test])
        for row, value, scores in zip((r for r, t in zip(rows, test) if t), z, model.predict_proba(z)):
            np.testing.assert_allclose(row["scores"], scores, atol=1e-3)
            for e in row["evidence"]:  # the scaled features themselves
                np.testing.assert_allclose(e["value"], value[e["dimension"]], atol=2e-3)
        measured.append(sklearn.metrics.f1_score(y[test], predictions[test], average="weighted"))
    assert abs(result["weighted_f1"]["mean"] - np.mean(measured)) < 1e-9


def main():
    project, answer_path, encoder = sys.argv[1:]
    with open(answer_path, encoding="utf-8") as f:
        answer = json.load(f)
    names, disease, _, _ = cohort.patients(project)
    y = np.array([answer["classes"].index(d) for d in disease])
    mean, cls = embed(project, names, vit.load_encoder(encoder))
    results = {r["features"]: r for r in answer["results"]}
    check(results["mean-embedding"], answer, mean, y)
    check(results["cls"], answer, cls, y)
    # the same folds for all
    for r in results.values():
        assert [p["folds"] for p in r["patients"]] == [p["folds"] for p in answer["results"][0]["patients"]]


main()
