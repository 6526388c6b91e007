"""Checks the evidence of `cytosae classify --evidence … --json` against scikit-learn, the project file and the models in
PyTorch:
    evidence.py PROJECT JSON ENCODER SAE
Contributions have to add to the decision value less the intercept, counts and shares to those of the patient's cells, and
every patch has to be what the models say of the image, for maps that the index holds and for some that it does not."""

import json
import os
import sqlite3
import sys

import numpy as np

import classify
import cohort
import vit


def fit_model(answer, x, disease, patient, names):
    """The model of the first repeat that did not see the patient, or of all where its disease is not known."""
    y = np.array([answer["classes"].index(d) if d is not None else -1 for d in disease])
    result = answer["results"][0]
    folds = {r["patient"]: r["folds"][0] for r in result["patients"]}
    training = y >= 0
    if patient in folds:
        c = result["c"][folds[patient]]
        training &= np.array([folds.get(n) != folds[patient] for n in names])
    else:
        c = classify.search(x[training], y[training])
    return c, x[training], classify.fit(x[training], y[training], c)


def check_decision(e, classes, x, training, scaler, model):
    two = len(classes) == 2
    k = classes.index(e["class"])
    sign = -1 if two and k == 0 else 1
    weight = sign * model.coef_[0 if two else k]
    intercept = sign * model.intercept_[0 if two else k]
    value = scaler.transform(x[None])[0]
    contribution = weight * value
    decision = np.atleast_1d(model.decision_function(value[None])[0])
    decision = sign * decision[0] if two else decision[k]
    size = np.abs(contribution).sum()
    assert abs(contribution.sum() + intercept - decision) < 1e-9 * size  # so says scikit-learn itself
    assert abs(e["decision"] - decision) < 1e-3 * size and abs(e["constant"] - intercept) < 1e-3 * size
    assert abs(sum(c["contribution"] for c in e["concepts"]) + e["rest"] + e["constant"] - e["decision"]) < 1e-9 * size
    assert e["predicted"] == classes[int(model.predict(value[None])[0])]
    np.testing.assert_allclose(e["scores"], model.predict_proba(value[None])[0], atol=2e-4)
    assert e["n_concepts"] == np.count_nonzero(contribution)
    shares = [c["contribution"] for c in e["concepts"]]
    assert shares == sorted(shares, reverse=True)
    largest = -np.sort(-np.abs(contribution))[:len(shares)]
    np.testing.assert_allclose(-np.sort(-np.abs(shares)), largest, atol=1e-3 * largest[0])
    for c in e["concepts"]:
        j = c["latent"]
        np.testing.assert_allclose(c["contribution"], contribution[j], atol=1e-3 * largest[0])
        np.testing.assert_allclose(c["value"], value[j], rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose([c["barcode"], c["mean"]], [x[j], training[:, j].mean()], rtol=1e-9)


def check_cells(db, e, encoder, sae, tau):
    rows = db.execute("SELECT c.id, c.path, d.root, x.latents, x.scores, x.counts FROM cell c JOIN dataset d ON d.id = "
                      "c.dataset JOIN cell_latents x ON x.cell = c.id WHERE c.patient = ?", (e["patient"],)).fetchall()
    assert e["n_cells"] == len(rows)
    cells = {r[0]: (os.path.join(r[2], os.fsdecode(r[1])),
                    dict(zip(np.frombuffer(r[3], "<u4"), zip(np.frombuffer(r[5], "<u2"), np.frombuffer(r[4], "<f4")))))
             for r in rows}
    f, stored, computed = {}, 0, 0
    for concept in e["concepts"]:
        k = concept["latent"]
        carrying = [(int(said[k][0]), float(said[k][1]), -i) for i, (_, said) in cells.items() if k in said and said[k][0] > 0]
        total = sum(c[0] for c in carrying)
        assert concept["n_cells"] == len(carrying)
        assert abs(concept["barcode"] - total / len(rows)) < 1e-9
        best = sorted(carrying, reverse=True)[:len(concept["cells"])]
        assert [c["cell"] for c in concept["cells"]] == [-c[2] for c in best]
        for cell, (count, score, _) in zip(concept["cells"], best):
            assert cell["count"] == count and abs(cell["share"] - count / total) < 1e-9
            assert abs(cell["score"] - score) <= 1e-6 * score
            i = cell["cell"]
            if cell["patches"] is None:
                assert cell["failure"]
                continue
            if i not in f:
                f[i] = vit.latents(sae, vit.tokens(encoder, vit.normalise(vit.preprocess(cells[i][0])[None])))[0].numpy()
            ours = np.zeros(256)
            for p in cell["patches"]:
                ours[p["row"] * 16 + p["column"]] = p["activation"]
            np.testing.assert_allclose(ours, f[i][1:, k], atol=2e-4)
            assert (ours > tau).sum() + (f[i][0, k] > tau) == count
            held = db.execute("SELECT count(*) FROM top_cell WHERE cell = ? AND latent = ?", (i, k)).fetchone()[0]
            stored, computed = stored + held, computed + 1 - held
    return stored, computed


def main():
    project, answer_path, encoder, sae = sys.argv[1:]
    with open(answer_path, encoding="utf-8") as f:
        answer = json.load(f)
    e = answer["evidence"]
    names, disease, x, _ = cohort.patients(project)
    i = names.index(e["patient"])
    assert e["disease"] == disease[i]
    c, training, (scaler, model) = fit_model(answer, x, disease, e["patient"], names)
    assert e["c"] == c
    check_decision(e, answer["classes"], x[i], training, scaler, model)
    for r in answer["results"][0]["patients"]:
        if r["patient"] == e["patient"]:
            assert e["n_predicted"] == [r["predictions"].count(name) for name in answer["classes"]]
    stored, computed = check_cells(sqlite3.connect(project), e, vit.load_encoder(encoder), vit.load_sae(sae),
                                   answer["threshold"])
    assert stored > 0 and computed > 0, (stored, computed)


main()
