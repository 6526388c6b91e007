#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of a ReLU autoencoder by CytoSAE's recipe (METHODS 6) in PyTorch, dense and with autograd: the reference of
cyt_train_step and the peer of its benchmark.

train_twin.py FOLDER N_STEPS L1 LR WARM_UP GHOST DEAD_AFTER
FOLDER holds w_enc.npy (d_sae, d_in), b_enc.npy, w_dec.npy (d_sae, d_in), b_dec.npy and x.npy (n_steps, n_tokens, d_in);
written are loss.npy (n_steps, 5): mse, l1, ghost, l0, dead; and w_dec_out.npy after the last step."""
import sys

import numpy as np
import torch


def loss_terms(x, w_enc, b_enc, w_dec, b_dec, l1, dead):
    h = (x - b_dec) @ w_enc.t() + b_enc
    f = torch.relu(h)
    x_hat = f @ w_dec + b_dec
    norm = x.norm(dim=-1, keepdim=True)
    mse = (x_hat - x) ** 2 / norm
    ghost = x.new_zeros(())
    if dead is not None and dead.any():
        r = (x - x_hat).detach()
        g = torch.exp(h[:, dead].clamp(max=20)) @ w_dec[dead]
        g = g * (r.norm(dim=-1, keepdim=True) / (1e-6 + 2 * g.norm(dim=-1, keepdim=True))).detach()
        m = (g - r) ** 2 / r.norm(dim=-1, keepdim=True)
        ghost = ((mse / (m + 1e-6)).detach() * m).mean()
    return mse.mean(), l1 * f.sum(-1).mean(), ghost, f


class Trainer:
    def __init__(self, weights, l1, lr, warm_up, ghost, dead_after):
        self.w_enc, self.b_enc, self.w_dec, self.b_dec = (w.clone().requires_grad_() for w in weights)
        self.adam = torch.optim.Adam([self.w_enc, self.b_enc, self.w_dec, self.b_dec], lr=lr)
        self.l1, self.lr, self.warm_up, self.ghost, self.dead_after = l1, lr, warm_up, ghost, dead_after
        self.since_fired = torch.zeros(len(self.b_enc))
        self.n_steps = 0

    def step(self, x):
        with torch.no_grad():
            self.w_dec /= self.w_dec.norm(dim=1, keepdim=True)
        dead = self.since_fired > self.dead_after if self.ghost else None
        mse, l1, ghost, f = loss_terms(x, self.w_enc, self.b_enc, self.w_dec, self.b_dec, self.l1, dead)
        self.adam.zero_grad()
        (mse + l1 + ghost).backward()
        with torch.no_grad():
            self.w_dec.grad -= (self.w_dec.grad * self.w_dec).sum(1, keepdim=True) * self.w_dec
            fired = (f > 0).any(0)
            self.since_fired += 1
            self.since_fired[fired] = 0
            l0 = (f > 0).sum() / len(x)
        for group in self.adam.param_groups:
            group["lr"] = self.lr * min(1, (self.n_steps + 1) / self.warm_up)
        self.adam.step()
        self.n_steps += 1
        return [float(v) for v in (mse, l1, ghost, l0)] + [float(dead.sum()) if dead is not None else 0]


def main():
    folder = sys.argv[1]
    n_steps, l1, lr, warm_up, ghost, dead_after = (float(v) for v in sys.argv[2:])

    def load(name):
        return torch.from_numpy(np.load(f"{folder}/{name}.npy"))

    trainer = Trainer([load(name) for name in ("w_enc", "b_enc", "w_dec", "b_dec")], l1, lr, warm_up, bool(ghost), dead_after)
    x = load("x")
    losses = [trainer.step(x[i]) for i in range(int(n_steps))]
    np.save(f"{folder}/loss.npy", np.asarray(losses, dtype=np.float32))
    np.save(f"{folder}/w_dec_out.npy", trainer.w_dec.detach().numpy())


if __name__ == "__main__":
    main()
