"""Checks `cytosae classify --json` against scikit-learn's LogisticRegression (solver="liblinear") on the same folds:
    classify.py PROJECT JSON
The choice of C, the predictions, the scores, the evidence and every measure are computed again."""

import json
import sys

import numpy as np
import sklearn.linear_model
import sklearn.metrics
import sklearn.preprocessing

import cohort

CS = [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100]


def fit(x, y, c):
    scaler = sklearn.preprocessing.StandardScaler().fit(x)
    model = sklearn.linear_model.LogisticRegression(solver="liblinear", C=c, tol=1e-8, max_iter=100000)
    return scaler, model.fit(scaler.transform(x), y)


def search(x, y):
    inner = np.zeros(len(y), int)
    for c in range(y.max() + 1):
        inner[y == c] = np.arange((y == c).sum())
    n = min(3, np.bincount(y).min())
    best, best_f1 = 1, -1
    if n < 2:
        return best
    f1s = []
    for c in CS:
        predicted = np.empty_like(y)
        for f in range(n):
            test = inner % n == f
            scaler, model = fit(x[~test], y[~test], c)
            predicted[test] = model.predict(scaler.transform(x[test]))
        f1s.append(sklearn.metrics.f1_score(y, predicted, average="weighted"))
        if f1s[-1] > best_f1 + 1e-12:
            best, best_f1 = c, f1s[-1]
    return best


def main():
    with open(sys.argv[2], encoding="utf-8") as f:
        answer = json.load(f)
    names, disease, x, _ = cohort.patients(sys.argv[1])
    classes = sorted(set(disease))
    assert answer["classes"] == classes
    y = np.array([classes.index(d) for d in disease])
    result = answer["results"][0]
    rows = result["patients"]
    assert [r["patient"] for r in rows] == names and [r["disease"] for r in rows] == list(disease)
    folds = np.array([r["folds"] for r in rows])
    predictions = np.array([[classes.index(p) for p in r["predictions"]] for r in rows])
    measured, confusion = [], np.zeros((len(classes), len(classes)))
    for repeat in range(answer["n_repeats"]):
        for f in range(answer["n_folds"]):
            test = folds[:, repeat] == f
            assert set(y[test]) == set(range(len(classes))), "a fold without a class"
            c = result["c"][repeat * answer["n_folds"] + f]
            if repeat == 0:
                expected = search(x[~test], y[~test])
                assert c == expected, f"C {c}, expected {expected}"
            scaler, model = fit(x[~test], y[~test], c)
            z = scaler.transform(x[test])
            np.testing.assert_array_equal(model.predict(z), predictions[test, repeat])
            scores = model.predict_proba(z)
            if repeat == 0:
                ours = np.array([r["scores"] for r, t in zip(rows, test) if t])
                np.testing.assert_allclose(ours, scores, atol=2e-4)
                for i, row in zip(np.flatnonzero(test), (r for r, t in zip(rows, test) if t)):
                    k = classes.index(row["predicted"])
                    w = model.coef_[k] if len(classes) > 2 else model.coef_[0] * (1 if k == 1 else -1)
                    contribution = w * scaler.transform(x[i:i + 1])[0]
                    best = -np.sort(-contribution)[:len(row["evidence"])]
                    np.testing.assert_allclose([e["contribution"] for e in row["evidence"]], best, atol=2e-3)
                    for e in row["evidence"]:
                        np.testing.assert_allclose(e["contribution"], contribution[e["latent"]], atol=2e-3)
            p = predictions[test, repeat]
            area = (sklearn.metrics.roc_auc_score(y[test], scores, multi_class="ovr") if len(classes) > 2
                    else sklearn.metrics.roc_auc_score(y[test], scores[:, 1]))
            measured.append([sklearn.metrics.f1_score(y[test], p, average="weighted"),
                             sklearn.metrics.f1_score(y[test], p, average="macro"),
                             sklearn.metrics.balanced_accuracy_score(y[test], p), area])
        confusion += sklearn.metrics.confusion_matrix(y, predictions[:, repeat]) / answer["n_repeats"]
    measured = np.array(measured)
    for j, name in enumerate(("weighted_f1", "macro_f1", "balanced_accuracy", "auroc")):
        tolerance = 1e-9 if name != "auroc" else 0.02 # a pair of nearly equal scores may change places
        assert abs(result[name]["mean"] - measured[:, j].mean()) < tolerance, name
        assert abs(result[name]["deviation"] - measured[:, j].std(ddof=1)) < tolerance, name
        assert result[name]["low"] <= result[name]["high"]
    np.testing.assert_allclose(result["confusion"], confusion, atol=1e-9)
    # with everything kept the mask is none; latents that no patient carries are no features
    whole = np.mean([sklearn.metrics.f1_score(y, predictions[:, r], average="weighted") for r in range(answer["n_repeats"])])
    assert result["kept"][-1]["n"] == (x > 0).any(axis=0).sum() and abs(result["kept"][-1]["mean"] - whole) < 1e-9


if __name__ == "__main__":
    main()
