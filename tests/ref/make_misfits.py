"""Well-formed checkpoints that are no encoder or SAE we can use, one defect each: make_misfits.py OUT_DIR"""

import os
import sys

import torch

from make_models import encoder, sae, save_cytosae, save_saelens

out = sys.argv[1]
at = lambda name: os.path.join(out, name)


def save_encoder(name, change):
    sd = encoder(128, 4, 1)
    change(sd)
    torch.save(sd, at(name))


def put(key, value):
    return lambda sd: sd.__setitem__(key, value)


save_encoder("missing.pth", lambda sd: sd.pop("blocks.2.ls1.gamma"))
save_encoder("shape.pth", put("blocks.1.attn.qkv.weight", torch.zeros(383, 128)))
save_encoder("hole.pth", lambda sd: [sd.pop(k) for k in list(sd) if k.startswith("blocks.1.")])
save_encoder("stranger.pth", put("blocks.0.attn.q_norm.weight", torch.ones(64)))
save_encoder("patch16.pth", put("patch_embed.proj.weight", torch.zeros(128, 3, 16, 16)))
save_encoder("grid.pth", put("pos_embed", torch.zeros(1, 251, 128)))
save_encoder("nan.pth", lambda sd: sd["blocks.3.mlp.fc1.weight"].__setitem__((0, 5), float("nan")))


def huge(sd):
    # One number that says it is 100,000 x 128: stride 0.
    for i in range(4):
        sd[f"blocks.{i}.mlp.fc1.weight"] = torch.zeros(1).expand(100000, 128)
        sd[f"blocks.{i}.mlp.fc1.bias"] = torch.zeros(1).expand(100000)
        sd[f"blocks.{i}.mlp.fc2.weight"] = torch.zeros(1).expand(128, 100000)
    sd["unused"] = torch.zeros(1).expand(1 << 20, 1 << 16)


save_encoder("huge.pth", huge)

s = sae(128, 1000, 4, 1.5)
save_cytosae(at("transposed.pt"), {**s, "W_enc": s["W_enc"].t().contiguous()})
save_saelens(at("gated"), s, architecture="gated")
save_saelens(at("normalised"), s, normalize_activations="expected_average_only_in")
save_saelens(at("no-k"), s, architecture="topk")
save_saelens(at("no-threshold"), s, architecture="batchtopk", k=16)
bad = s["W_enc"].clone()
bad[3, 7] = float("inf")
save_saelens(at("infinite"), {**s, "W_enc": bad})

torch.save({"cfg": {"d_in": 64, "d_sae": 1000}, "state_dict": s}, at("lying.pt"))
