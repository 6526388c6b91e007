#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of an autoencoder (cyt-train-recipe.h) in PyTorch, dense and with autograd: the reference of cyt_train_step and
the peer of its benchmark.

train_twin.py FOLDER N_STEPS RECIPE
RECIPE is JSON with the fields of a complete CytTrainRecipe, and scale. FOLDER holds w_enc.npy (d_sae, d_in), b_enc.npy,
w_dec.npy (d_sae, d_in), b_dec.npy, theta.npy (d_sae) and x.npy (n_steps, n_tokens, d_in); written are loss.npy
(n_steps, 8): mse, nested, l1, l0_penalty, ghost, aux, l0, dead; and w_dec_out.npy and theta_out.npy after the last step."""
import json
import sys

import numpy as np
import torch


class Jump(torch.autograd.Function):
    """f and [f > 0] of JumpReLU with straight-through estimators for its threshold."""

    @staticmethod
    def forward(ctx, h, theta, width):
        ctx.save_for_backward(h, theta)
        ctx.width = width
        fires = (h > theta).to(h.dtype)
        return h * fires, fires

    @staticmethod
    def backward(ctx, df, dfires):
        h, theta = ctx.saved_tensors
        kernel = ((h - theta).abs() < ctx.width / 2).to(h.dtype)
        return df * (h > theta), (-kernel / ctx.width * (theta * df + dfires)).sum(0), None


def keep_largest(h, k):
    """h where it is among the k largest of its row and positive, else 0."""
    top = h.topk(k, dim=-1)
    return torch.zeros_like(h).scatter(-1, top.indices, torch.relu(top.values))


class Trainer:
    def __init__(self, weights, recipe, n_steps=0):
        self.w_enc, self.b_enc, self.w_dec, self.b_dec, theta = (w.clone() for w in weights)
        self.recipe = recipe
        self.jump = recipe["variant"] == "jumprelu"
        self.theta = theta
        self.log_theta = theta.clamp(min=1e-30).log()
        parameters = [self.w_enc, self.b_enc, self.w_dec, self.b_dec] + ([self.log_theta] if self.jump else [])
        for parameter in parameters:
            parameter.requires_grad_()
        self.adam = torch.optim.Adam(parameters, lr=recipe["lr"])
        self.since_fired = torch.zeros(len(self.b_enc))
        self.n_steps = n_steps

    def activate(self, h):
        variant, k = self.recipe["variant"], self.recipe["k"]
        if variant == "relu":
            f = torch.relu(h)
            return f, f > 0
        if variant == "jumprelu":
            return Jump.apply(h, self.log_theta.exp(), self.recipe["bandwidth"] * self.recipe["scale"])
        if variant == "topk":
            f = keep_largest(h, k)
        else:
            f = keep_largest(h.reshape(1, -1), k * len(h)).reshape(h.shape)
        return f, f > 0

    def loss_terms(self, x, dead):
        r = self.recipe
        h = (x - self.b_dec) @ self.w_enc.t() + self.b_enc
        f, fires = self.activate(h)
        norm = x.norm(dim=-1, keepdim=True)
        x_hat, first, mse = self.b_dec.expand(x.shape), 0, []
        for last in r["prefixes"]:
            x_hat = x_hat + f[:, first:last] @ self.w_dec[first:last]
            mse.append((x_hat - x) ** 2 / norm)
            first = last
        terms = {"mse": mse[-1].mean(), "nested": sum(m.mean() for m in mse[:-1]), "l1": r["l1"] * f.sum(-1).mean(),
                 "l0_penalty": r["l0"] * fires.sum(-1).to(x.dtype).mean(), "ghost": 0, "aux": 0}
        e = (x - x_hat).detach()
        if r["ghost"] and dead.any():
            g = torch.exp(h[:, dead].clamp(max=20)) @ self.w_dec[dead]
            g = g * (e.norm(dim=-1, keepdim=True) / (1e-6 + 2 * g.norm(dim=-1, keepdim=True))).detach()
            m = (g - e) ** 2 / e.norm(dim=-1, keepdim=True)
            terms["ghost"] = ((mse[-1] / (m + 1e-6)).detach() * m).mean()
        if r["aux_k"] and dead.any():
            z = keep_largest(h[:, dead], min(r["aux_k"], int(dead.sum())))
            terms["aux"] = r["aux_weight"] * ((z @ self.w_dec[dead] - e) ** 2 / norm).mean()
        return terms, f

    def step(self, x):
        """The terms by name, with l0 and dead."""
        with torch.no_grad():
            self.w_dec /= self.w_dec.norm(dim=1, keepdim=True)
        dead = self.since_fired > self.recipe["dead_after"]
        terms, f = self.loss_terms(x, dead)
        self.adam.zero_grad()
        sum(terms.values()).backward()
        with torch.no_grad():
            self.w_dec.grad -= (self.w_dec.grad * self.w_dec).sum(1, keepdim=True) * self.w_dec
            active = f > 0
            self.since_fired += 1
            self.since_fired[active.any(0)] = 0
            if self.recipe["variant"] in ("batchtopk", "matryoshka") and active.any():
                smallest = f[active].min()
                first = self.theta[0] == 0
                self.theta = self.theta + (1 if first else 0.01) * (smallest - self.theta)
        for group in self.adam.param_groups:
            group["lr"] = self.recipe["lr"] * min(1, (self.n_steps + 1) / self.recipe["warm_up"])
        self.adam.step()
        if self.jump:
            self.theta = self.log_theta.detach().exp()
        self.n_steps += 1
        return {**{name: float(value) for name, value in terms.items()}, "l0": float(active.sum()) / len(x),
                "dead": float(dead.sum())}


def main():
    folder, n_steps, recipe = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])

    def load(name):
        return torch.from_numpy(np.load(f"{folder}/{name}.npy"))

    trainer = Trainer([load(name) for name in ("w_enc", "b_enc", "w_dec", "b_dec", "theta")], recipe)
    x = load("x")
    losses = [list(trainer.step(x[i]).values()) for i in range(n_steps)]
    np.save(f"{folder}/loss.npy", np.asarray(losses, dtype=np.float32))
    np.save(f"{folder}/w_dec_out.npy", trainer.w_dec.detach().numpy())
    np.save(f"{folder}/theta_out.npy", trainer.theta.numpy())


if __name__ == "__main__":
    main()
