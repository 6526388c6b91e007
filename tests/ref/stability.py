# SPDX-License-Identifier: GPL-3.0-or-later
"""stability.py assignment OUT
writes OUT/NAME.npy, matrices of values, and OUT/NAME.columns.npy, the columns that SciPy assigns to their rows.

    stability.py saes OUT
writes two SAEs of 192 dimensions, OUT/a (120 latents) and OUT/b (150): some of b's directions are those of a, shuffled and
with more or less noise. In both some latents have no direction and some never fire, whatever the input. Of the latents
that have a direction and can fire: OUT/alive_a.npy, OUT/alive_b.npy (d_sae) 0 or 1, OUT/pairs.npy (n, 3) latent of a, of b,
cosine, by latent of a, OUT/answer.npy: mean cosine, MMCS of a in b, of b in a, pairs with a cosine of 0.9 or more."""

import sys

import numpy as np
from scipy.optimize import linear_sum_assignment


def assignment(out):
    rng = np.random.default_rng(1)
    like = rng.normal(size=(80, 6))
    like /= np.linalg.norm(like, axis=1, keepdims=True)
    cases = {
        "random": rng.uniform(-1, 1, (300, 500)),
        "square": rng.uniform(-1, 1, (200, 200)),
        "ties": rng.integers(0, 4, (60, 70)) / 4,
        "constant": np.full((12, 20), 0.5),
        "one": np.array([[-0.25]]),
        "row": rng.uniform(-1, 1, (1, 9)),
        # every row wants the same columns: long augmenting paths
        "product": np.outer(np.arange(1, 91), np.arange(1, 91)) / 8100,
        "itself": like @ like.T,
    }
    for name, values in cases.items():
        values = values.astype(np.float32)
        rows, columns = linear_sum_assignment(values.astype(np.float64), maximize=True)
        np.save(f"{out}/{name}.npy", values)
        np.save(f"{out}/{name}.columns.npy", columns.astype(np.float32))


def saes(out):
    import torch
    from make_models import save_saelens

    rng = np.random.default_rng(2)
    d = 192
    a, b = rng.normal(size=(120, d)), rng.normal(size=(150, d))
    noise = np.repeat([0, 0.3, 0.6, 1], 20)[:, None]
    b[rng.permutation(150)[:80]] = a[rng.permutation(120)[:80]] + noise * rng.normal(size=(80, d))
    alive = []
    for name, rows, zero, silent in (("a", a, [0, 7], [3, 50, 119]), ("b", b, [149, 20], [0, 33])):
        rows[zero] = 0
        bias = np.full(len(rows), 1e5)  # fires on everything
        bias[silent] = -1e9
        save_saelens(f"{out}/{name}", {"W_enc": torch.tensor(rows.T.copy(), dtype=torch.float32),
                                       "b_enc": torch.tensor(bias, dtype=torch.float32),
                                       "W_dec": torch.tensor(rows, dtype=torch.float32),
                                       "b_dec": torch.zeros(d)}, activation_fn="relu")
        alive.append(np.array([k not in zero + silent for k in range(len(rows))]))
        np.save(f"{out}/alive_{name}.npy", alive[-1].astype(np.float32))
    numbers_a, numbers_b = np.nonzero(alive[0])[0], np.nonzero(alive[1])[0]
    unit = lambda x: x / np.linalg.norm(x, axis=1, keepdims=True)
    cosines = unit(a[numbers_a]) @ unit(b[numbers_b]).T
    rows, columns = linear_sum_assignment(1 - cosines)
    pairs = cosines[rows, columns]
    np.save(f"{out}/pairs.npy", np.stack([numbers_a[rows], numbers_b[columns], pairs], 1).astype(np.float32))
    np.save(f"{out}/answer.npy", np.array([pairs.mean(), cosines.max(1).mean(), cosines.max(0).mean(),
                                           (pairs >= 0.9).sum()], np.float32))


{"assignment": assignment, "saes": saes}[sys.argv[1]](sys.argv[2])
