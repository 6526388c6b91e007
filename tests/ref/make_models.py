"""Random encoders and SAEs in every layout of METHODS 1-2, for the tests: make_models.py OUT_DIR tiny|S|B"""

import json
import os
import sys
import types

import torch

from vit import save_safetensors

HF_NAMES = [("blocks.", "encoder.layer."), ("attn.proj.", "attention.output.dense."), ("ls1.gamma", "layer_scale1.lambda1"),
            ("ls2.gamma", "layer_scale2.lambda1"), ("mlp.w12.", "mlp.weights_in."), ("mlp.w3.", "mlp.weights_out."),
            ("patch_embed.proj.", "embeddings.patch_embeddings.projection."), ("cls_token", "embeddings.cls_token"),
            ("pos_embed", "embeddings.position_embeddings"), ("mask_token", "embeddings.mask_token"),
            ("register_tokens", "embeddings.register_tokens")]


def encoder(d, n_blocks, seed, swiglu=0, n_registers=0, side=16, mask=True):
    """A plain DINOv2 state dict. Weights keep activations at unit scale; LayerScale varies by channel."""
    g = torch.Generator().manual_seed(seed)
    normal = lambda *shape, std=1.0: torch.randn(*shape, generator=g) * std
    linear = lambda n_out, n_in: (normal(n_out, n_in, std=n_in ** -0.5), normal(n_out, std=0.1))
    sd = {"cls_token": normal(1, 1, d, std=0.5), "pos_embed": normal(1, 1 + side * side, d, std=0.3)}
    if mask:
        sd["mask_token"] = torch.zeros(1, d)
    if n_registers:
        sd["register_tokens"] = normal(1, n_registers, d, std=0.5)
    sd["patch_embed.proj.weight"] = normal(d, 3, 14, 14, std=588 ** -0.5)
    sd["patch_embed.proj.bias"] = normal(d, std=0.1)
    for i in range(n_blocks):
        p = f"blocks.{i}."
        for norm in ("norm1", "norm2"):
            sd[p + norm + ".weight"] = 1 + normal(d, std=0.1)
            sd[p + norm + ".bias"] = normal(d, std=0.1)
        sd[p + "attn.qkv.weight"], sd[p + "attn.qkv.bias"] = linear(3 * d, d)
        sd[p + "attn.proj.weight"], sd[p + "attn.proj.bias"] = linear(d, d)
        sd[p + "ls1.gamma"] = 0.5 + normal(d, std=0.2)
        sd[p + "ls2.gamma"] = 0.5 + normal(d, std=0.2)
        if swiglu:
            sd[p + "mlp.w12.weight"], sd[p + "mlp.w12.bias"] = linear(2 * swiglu, d)
            sd[p + "mlp.w3.weight"], sd[p + "mlp.w3.bias"] = linear(d, swiglu)
        else:
            sd[p + "mlp.fc1.weight"], sd[p + "mlp.fc1.bias"] = linear(4 * d, d)
            sd[p + "mlp.fc2.weight"], sd[p + "mlp.fc2.bias"] = linear(d, 4 * d)
    sd["norm.weight"], sd["norm.bias"] = torch.ones(d), torch.zeros(d)
    return sd


def hugging_face(sd):
    out = {}
    for k, v in sd.items():
        if ".attn.qkv." in k:
            for part, piece in zip(("query", "key", "value"), v.chunk(3)):
                name = k.replace("blocks.", "encoder.layer.").replace("attn.qkv.", f"attention.attention.{part}.")
                out[name] = piece.clone()
            continue
        for a, b in HF_NAMES:
            k = k.replace(a, b)
        k = "layernorm." + k[5:] if k.startswith("norm.") else k
        out[k] = v
    return out


def chunked(sd, n_chunks, n_blocks):
    out = {}
    for k, v in sd.items():
        if k.startswith("blocks."):
            n = int(k.split(".")[1])
            k = f"blocks.{n * n_chunks // n_blocks}." + k[len("blocks."):]
        out[k] = v
    return out


def sae(d_in, d_sae, seed, scale):
    """Inputs of norm about scale·√d_in; the bias keeps about one latent in ten active."""
    g = torch.Generator().manual_seed(seed)
    w = torch.randn(d_sae, d_in, generator=g)
    w_dec = w / w.norm(dim=1, keepdim=True)
    return {"W_enc": (w_dec.t() * (0.8 + 0.4 * torch.rand(d_sae, generator=g))).contiguous(),
            "b_enc": -1.3 * scale + 0.2 * torch.randn(d_sae, generator=g),
            "W_dec": w_dec.contiguous(), "b_dec": 0.1 * torch.randn(d_in, generator=g)}


def save_cytosae(path, sd, **facts):
    """A .pt with the configuration as an instance of a foreign class, as CytoSAE's training writes it."""
    module = types.ModuleType("src.sae_training.config")
    cls = type("Config", (), {"__module__": module.__name__, "__qualname__": "Config"})
    module.Config = cls
    sys.modules["src"] = types.ModuleType("src")
    sys.modules["src.sae_training"] = types.ModuleType("src.sae_training")
    sys.modules[module.__name__] = module
    cfg = cls()
    cfg.__dict__.update(module_name="resid", class_token=True, d_in=sd["W_enc"].shape[0],
                        d_sae=sd["W_enc"].shape[1], model_name="test", l1_coefficient=8e-05, expansion_factor=8,
                        dtype=torch.float32, device=torch.device("cuda:0"),
                        **{"block_layer": -2, **facts})
    torch.save({"cfg": cfg, "state_dict": sd}, path)
    for name in ("src", "src.sae_training", module.__name__):
        del sys.modules[name]


def save_saelens(path, sd, **cfg):
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, "cfg.json"), "w") as f:
        json.dump({"architecture": "standard", "d_in": sd["W_enc"].shape[0], "d_sae": sd["W_enc"].shape[1],
                   "dtype": "float32", "hook_name": "blocks.-2", "normalize_activations": "none", **cfg}, f)
    save_safetensors(os.path.join(path, "sae_weights.safetensors"), sd)


def make_tiny(out):
    d, n = 128, 4
    at = lambda name: os.path.join(out, name)
    sd = encoder(d, n, 1)
    torch.save({"teacher": {**{"backbone." + k: v for k, v in sd.items()},
                            "dino_head.mlp.0.weight": torch.zeros(3, d), "ibot_head.last_layer.weight": torch.zeros(5, d)},
                "student": {"backbone." + k: v + 1 for k, v in sd.items()}}, at("dinobloom.pth"))
    torch.save(sd, at("dinov2.pth"))
    torch.save(sd, at("legacy.pth"), _use_new_zipfile_serialization=False)
    torch.save(chunked(sd, 2, n), at("chunked.pth"))
    save_safetensors(at("timm.safetensors"), {k: v for k, v in sd.items() if k != "mask_token"})
    save_safetensors(at("hf.safetensors"), hugging_face(sd), {"format": "pt"})
    torch.save({k: v.half() for k, v in sd.items()}, at("half.pth"))
    save_safetensors(at("bfloat.safetensors"), {k: v.bfloat16() for k, v in sd.items()})
    big = encoder(d, n, 2, side=37, n_registers=4)
    torch.save(big, at("registers.pth"))
    save_safetensors(at("hf-registers.safetensors"), hugging_face(big))
    timm = {k: v for k, v in big.items() if k not in ("mask_token", "register_tokens")}
    timm["reg_token"] = big["register_tokens"]
    timm["pos_embed"] = big["pos_embed"][:, 1:].contiguous()
    save_safetensors(at("timm-registers.safetensors"), timm)
    giant = encoder(d, n, 3, swiglu=160)
    torch.save(giant, at("swiglu.pth"))
    save_safetensors(at("hf-swiglu.safetensors"), hugging_face(giant))
    rename = lambda k: k.replace("w12", "fc1").replace("w3", "fc2")
    save_safetensors(at("timm-swiglu.safetensors"), {rename(k): v for k, v in giant.items() if k != "mask_token"})

    s = sae(d, 1000, 4, 1.5)
    save_cytosae(at("relu.pt"), s)
    save_cytosae(at("first-block.pt"), s, block_layer=0)
    save_saelens(at("relu"), s, activation_fn="relu")
    save_saelens(at("uncentred"), s, activation_fn="relu", apply_b_dec_to_input=False)
    save_saelens(at("topk"), s, architecture="topk", k=16)
    save_saelens(at("topk-scaled"), {**s, "W_dec": s["W_dec"] * torch.linspace(0.5, 2, 1000)[:, None]},
                 architecture="standard", activation_fn_str="topk", activation_fn_kwargs={"k": 7},
                 rescale_acts_by_decoder_norm=True)
    save_saelens(at("batchtopk"), {**s, "threshold": torch.tensor(0.7)}, architecture="batchtopk", k=16)
    save_saelens(at("jumprelu"), {**s, "threshold": torch.linspace(-0.5, 1.5, 1000)}, architecture="jumprelu")
    save_cytosae(at("wide.pt"), sae(d + 64, 500, 5, 1.5))


def make_size(out, name, d):
    at = lambda kind: os.path.join(out, kind)
    torch.save({"teacher": {"backbone." + k: v for k, v in encoder(d, 12, 10).items()}}, at(f"{name}.pth"))
    save_cytosae(at(f"{name}-sae.pt"), sae(d, 64 * d, 11, 2.0))


if __name__ == "__main__":
    torch.manual_seed(0)
    if sys.argv[2] == "tiny":
        make_tiny(sys.argv[1])
    else:
        make_size(sys.argv[1], sys.argv[2], {"S": 384, "B": 768}[sys.argv[2]])
