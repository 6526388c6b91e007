#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""variant_latents.py VARIANT FILE.pt FILE.safetensors TOKENS.npy SCORES_PT.npy SCORES_SAFETENSORS.npy: both files of one
training of a variant describe it as readers expect, and the scores that cytosae computed with each of them are those that
PyTorch computes from the variant's definition and the tokens."""
import json
import os
import sys

import numpy as np
import torch

from vit import load_safetensors

variant, pt, safetensors, tokens, *scores = sys.argv[1:]
checkpoint = torch.load(pt)
w, cfg = checkpoint["state_dict"], vars(checkpoint["cfg"])
lens, lens_cfg = load_safetensors(safetensors), json.load(open(os.path.join(os.path.dirname(safetensors), "cfg.json")))
training = json.loads(cfg["training"])

has_threshold = variant in ("batchtopk", "jumprelu", "matryoshka")
assert training["variant"] == variant
assert cfg["architecture"] == ("batchtopk" if variant == "matryoshka" else variant)
assert lens_cfg["architecture"] == ("jumprelu" if has_threshold else "topk" if variant == "topk" else "standard")
assert ("threshold" in w) == ("threshold" in lens) == has_threshold
if has_threshold:
    assert (w["threshold"] > 0).all() and torch.equal(w["threshold"].expand(lens["threshold"].shape), lens["threshold"])
if variant in ("topk", "batchtopk", "matryoshka"):
    assert cfg["k"] == training["k"] and (variant != "topk" or lens_cfg["k"] == cfg["k"])
for key in ("encoder_sha256", "list_sha256", "tokens_sha256", "seed", "program", "n_steps", "n_images_total", "lr", "batch"):
    assert key in training, key

x = torch.from_numpy(np.load(tokens)).double()
h = (x - w["b_dec"]) @ w["W_enc"].double() + w["b_enc"]
if variant == "topk":
    f = torch.relu(torch.where(h >= h.topk(cfg["k"], dim=-1).values[..., -1:], h, 0))
else:
    f = torch.where(h > (w["threshold"] if has_threshold else 0), torch.relu(h), 0)
expected = f.mean(1).numpy()
assert (expected > 0).sum() > 50
for path in scores:
    error = np.abs(np.load(path) - expected).max() / expected.max()
    assert error <= 1e-5, (path, error)

# Held-out images, the last of each four; BatchTopK measures them as it trains, the k largest of the batch.
last = slice(3, None, 4)
x, f, h, k = x[last], f[last], h[last], cfg.get("k")
assert training["hold_out"] == 4 and training["held_out"]["n_images"] == len(x)
if variant in ("batchtopk", "matryoshka"):
    bar = h.flatten().topk(k * x.shape[0] * x.shape[1]).values[-1]
    f = torch.where(h >= bar, torch.relu(h), 0)
x_hat = f @ w["W_dec"].double() + w["b_dec"]
mse = ((x_hat - x) ** 2).mean(-1) / x.norm(dim=-1)
of_x = ((x - x.mean((0, 1))) ** 2).sum()
for name, value in (("mse", mse.mean()), ("l0", (f > 0).sum(-1).double().mean()),
                    ("explained_variance", 1 - ((x - x_hat) ** 2).sum() / of_x)):
    got = training["held_out"][name]
    assert abs(got - value) <= 1e-3 * max(1e-3, abs(value)), (name, got, float(value))
