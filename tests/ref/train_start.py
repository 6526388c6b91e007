#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""train_start.py TOKENS.npy SEED PAPER.pt CORRECTED.pt: autoencoders of both recipes after one step too small to see, whose
batch was all images, started as METHODS §6 has it: b_dec at the geometric median, as published of images as points of 257 · d
dimensions and then averaged over positions, corrected of tokens. The medians are PyTorch's, by minimising the sum of
distances; what starts the weights is computed by torch.nn.init and NumPy."""
import json
import sys

import numpy as np
import torch


def geometric_median(points):
    median = points.mean(0).requires_grad_()
    optimizer = torch.optim.LBFGS([median], max_iter=1000, tolerance_grad=1e-10, tolerance_change=1e-14,
                                  line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = (points - median).norm(dim=1).mean()
        loss.backward()
        return loss

    optimizer.step(closure)
    return median.detach()


x = torch.from_numpy(np.load(sys.argv[1])).double()
seed = int(sys.argv[2])
n, n_tokens, d = x.shape
assert n_tokens == 257
published = geometric_median(x.reshape(n, -1)).reshape(n_tokens, d).mean(0)
corrected = geometric_median(x.reshape(-1, d))
apart = (published - corrected).norm()
for path, recipe, expected in ((sys.argv[3], "paper", published), (sys.argv[4], "corrected", corrected)):
    checkpoint = torch.load(path)
    w, training = checkpoint["state_dict"], json.loads(checkpoint["cfg"].training)
    assert training["recipe"] == recipe and training["ghost_grads"] == (recipe == "paper"), recipe
    off = (w["b_dec"].double() - expected).norm()
    print(f"{recipe}: b_dec off by {off:.2g}, the recipes' are {apart:.2g} apart")
    assert off <= 1e-4 * expected.norm() and off <= 0.01 * apart, recipe
    assert w["b_enc"].abs().max() < 1e-6
    for name, from_seed in (("W_enc", seed), ("W_dec", seed + 1)):
        shape = w[name].shape
        fan = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))[0]
        bound = torch.nn.init.calculate_gain("relu") * np.sqrt(3 / fan)  # kaiming_uniform_'s
        start = bound * (2 * np.random.default_rng(from_seed).random(tuple(shape), dtype=np.float32) - 1)
        if name == "W_dec":
            start /= np.linalg.norm(start, axis=1, keepdims=True)
        assert np.allclose(w[name].numpy(), start, atol=2e-6), (recipe, name)
