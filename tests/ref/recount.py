"""Checks counts at another threshold, as a project keeps them, against the models in PyTorch:
    recount.py PROJECT ENCODER SAE THRESHOLD…
A token whose f lies within rounding of the threshold may be counted or not; all others have to be right."""

import os
import sqlite3
import sys

import numpy as np

import vit

ROUNDING = 2e-4


def check(ours, f, tau, path):
    """How many tokens may be counted, and how many of them need not."""
    low, high = (f > tau + ROUNDING).sum(0), (f > tau - ROUNDING).sum(0)
    assert (low <= ours).all() and (ours <= high).all(), path
    return np.array([high.sum(), (high - low).sum()])


def main():
    project, encoder, sae, *thresholds = sys.argv[1:]
    encoder, sae = vit.load_encoder(encoder), vit.load_sae(sae)
    db = sqlite3.connect(project)
    d_sae, = db.execute("SELECT d_sae FROM project").fetchone()
    n = {float(t): np.zeros(2) for t in thresholds}
    rows = db.execute("SELECT c.id, c.path, d.root FROM cell c JOIN dataset d ON d.id = c.dataset WHERE c.failure IS NULL"
                      ).fetchall()
    for cell, path, root in rows:
        pixels = vit.preprocess(os.path.join(root, os.fsdecode(path)))
        f = vit.latents(sae, vit.tokens(encoder, vit.normalise(pixels[None])))[0].numpy()
        for tau in n:
            latents, counts = db.execute("SELECT latents, counts FROM threshold_counts WHERE cell = ? AND value = ?",
                                         (cell, tau)).fetchone()
            ours = np.zeros(d_sae)
            ours[np.frombuffer(latents, "<u4")] = np.frombuffer(counts, "<u2")
            n[tau] += check(ours, f, tau, path)
    for n_tokens, n_close in n.values():
        assert n_tokens > 100 and n_close < n_tokens / 100, n


main()
