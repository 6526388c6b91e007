"""The encoder and the SAE in PyTorch, from their definitions (METHODS.md 1-3): the independent reference of
the tests and the peer of the benchmarks. Needs python3-torch, python3-pil, python3-numpy."""

import csv
import importlib.abc
import importlib.machinery
import json
import os
import re
import struct
import sys
import types

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


def preprocess(path):
    """(224, 224, 3) uint8"""
    return np.asarray(Image.open(path).convert("RGB").resize((224, 224), Image.BILINEAR))


def normalise(pixels):
    """(n, 224, 224, 3) uint8 -> (n, 3, 224, 224) float32"""
    x = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2).float().div(255)
    return (x - MEAN) / STD


class StubFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Modules that are not installed have any class: foreign objects in checkpoints."""

    def find_spec(self, name, path, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return Stub(spec.name)

    def exec_module(self, module):
        pass


class Stub(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {"__module__": self.__name__})


def load_torch(path):
    finder = StubFinder()
    sys.meta_path.append(finder)
    try:
        return torch.load(path, map_location="cpu")
    finally:
        sys.meta_path.remove(finder)


DTYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
          "I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8,
          "BOOL": torch.bool}


def load_safetensors(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = bytearray(f.read())
    out = {}
    for name, t in header.items():
        if name == "__metadata__":
            continue
        a, b = t["data_offsets"]
        out[name] = (torch.frombuffer(data[a:b], dtype=DTYPES[t["dtype"]]) if b > a
                     else torch.empty(0, dtype=DTYPES[t["dtype"]])).reshape(t["shape"]).clone()
    return out


def save_safetensors(path, tensors, metadata=None):
    names = {v: k for k, v in DTYPES.items()}
    header, blobs, at = {}, [], 0
    if metadata:
        header["__metadata__"] = metadata
    for name, t in tensors.items():
        flat = t.detach().contiguous().reshape(-1)
        blob = (flat if t.dtype == torch.bool else flat.view(torch.uint8)).numpy().tobytes()
        header[name] = {"dtype": names[t.dtype], "shape": list(t.shape), "data_offsets": [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


HF = [("embeddings.cls_token", "cls_token"), ("embeddings.position_embeddings", "pos_embed"),
      ("embeddings.register_tokens", "register_tokens"), ("embeddings.mask_token", "mask_token"),
      ("embeddings.patch_embeddings.projection.", "patch_embed.proj."), ("encoder.layer.", "blocks."),
      ("attention.output.dense.", "attn.proj."), ("layer_scale1.lambda1", "ls1.gamma"),
      ("layer_scale2.lambda1", "ls2.gamma"), ("mlp.weights_in.", "mlp.w12."), ("mlp.weights_out.", "mlp.w3."),
      ("layernorm.", "norm.")]


def canonical(sd):
    """Any naming of METHODS 1 to plain DINOv2 names, float32."""
    if "teacher" in sd and isinstance(sd["teacher"], dict):
        sd = {k[len("backbone."):]: v for k, v in sd["teacher"].items() if k.startswith("backbone.")}
    sd = {k: v.float() for k, v in sd.items() if isinstance(v, torch.Tensor)}
    if any(k.startswith("embeddings.") for k in sd):
        parts = {}
        out = {}
        for k, v in sd.items():
            m = re.match(r"encoder\.layer\.(\d+)\.attention\.attention\.(query|key|value)\.(weight|bias)", k)
            if m:
                parts.setdefault((int(m[1]), m[3]), {})[m[2]] = v
                continue
            for a, b in HF:
                k = k.replace(a, b)
            out[k] = v
        for (n, what), p in parts.items():
            out[f"blocks.{n}.attn.qkv.{what}"] = torch.cat([p["query"], p["key"], p["value"]])
        sd = out
    sd = {re.sub(r"^blocks\.\d+\.(\d+)\.", r"blocks.\1.", k): v for k, v in sd.items()}
    if "reg_token" in sd:
        sd["register_tokens"] = sd.pop("reg_token")
    for k in [k for k in sd if k.startswith("blocks.")]:
        m = re.match(r"(blocks\.\d+\.mlp\.)(fc1|fc2)\.(weight|bias)$", k)
        if m and m[2] == "fc1" and sd[m[1] + "fc1.weight"].shape[0] == 2 * sd[m[1] + "fc2.weight"].shape[1]:
            for a, b in (("fc1", "w12"), ("fc2", "w3")):
                for w in ("weight", "bias"):
                    if m[1] + a + "." + w in sd:
                        sd[m[1] + b + "." + w] = sd[m[1] + a + "." + w]
    return sd


def load_encoder(path):
    sd = load_safetensors(path) if path.endswith(".safetensors") else load_torch(path)
    return canonical(sd)


def positions(sd, d):
    """CLS position (d) and patch positions (256, d)."""
    pos = sd["pos_embed"]
    side = int(round((pos.shape[1] - 1) ** 0.5))
    if side * side + 1 == pos.shape[1]:
        cls, grid = pos[0, 0], pos[:, 1:]
    else:
        side = int(round(pos.shape[1] ** 0.5))
        cls, grid = torch.zeros(d), pos
    if side != 16:
        scale = (16 + 0.1) / side
        grid = F.interpolate(grid.reshape(1, side, side, d).permute(0, 3, 1, 2), scale_factor=(scale, scale),
                             mode="bicubic")
        assert grid.shape[2:] == (16, 16)
        grid = grid.permute(0, 2, 3, 1).reshape(1, 256, d)
    return cls, grid[0]


@torch.inference_mode()
def tokens(sd, x, block=-2):
    """(n, 257, d): CLS and patches of the residual stream after blocks[block]; registers left out."""
    d = sd["cls_token"].shape[-1]
    n_blocks = 1 + max(int(k.split(".")[1]) for k in sd if k.startswith("blocks."))
    last = block if block >= 0 else n_blocks + block
    n, heads = x.shape[0], d // 64
    p = F.conv2d(x, sd["patch_embed.proj.weight"], sd["patch_embed.proj.bias"], stride=14).flatten(2).transpose(1, 2)
    cls_pos, grid = positions(sd, d)
    regs = sd.get("register_tokens", torch.zeros(1, 0, d))
    n_reg = regs.shape[1]
    h = torch.cat([(sd["cls_token"] + cls_pos).expand(n, -1, -1), regs.expand(n, -1, -1), p + grid], 1)
    for i in range(last + 1):
        w = lambda name: sd[f"blocks.{i}.{name}"]
        y = F.layer_norm(h, (d,), w("norm1.weight"), w("norm1.bias"), 1e-6)
        q, k, v = F.linear(y, w("attn.qkv.weight"), w("attn.qkv.bias")) \
            .reshape(n, -1, 3, heads, 64).permute(2, 0, 3, 1, 4)
        a = ((q * 64 ** -0.5) @ k.transpose(-2, -1)).softmax(-1) @ v
        a = F.linear(a.transpose(1, 2).reshape(n, -1, d), w("attn.proj.weight"), w("attn.proj.bias"))
        h = h + w("ls1.gamma") * a
        y = F.layer_norm(h, (d,), w("norm2.weight"), w("norm2.bias"), 1e-6)
        if f"blocks.{i}.mlp.w12.weight" in sd:
            x1, x2 = F.linear(y, w("mlp.w12.weight"), w("mlp.w12.bias")).chunk(2, -1)
            y = F.linear(F.silu(x1) * x2, w("mlp.w3.weight"), w("mlp.w3.bias"))
        else:
            y = F.linear(F.gelu(F.linear(y, w("mlp.fc1.weight"), w("mlp.fc1.bias"))), w("mlp.fc2.weight"),
                         w("mlp.fc2.bias"))
        h = h + w("ls2.gamma") * y
    return torch.cat([h[:, :1], h[:, 1 + n_reg:]], 1)


def load_sae(path):
    """dict of W_enc, b_enc, W_dec, b_dec (float32) and kind, k, threshold."""
    cfg = {}
    if os.path.isdir(path):
        with open(os.path.join(path, "cfg.json")) as f:
            cfg = json.load(f)
        sd = load_safetensors(os.path.join(path, "sae_weights.safetensors"))
    else:
        root = load_torch(path)
        sd = root["state_dict"]
        c = root.get("cfg", root.get("config"))
        cfg = c if isinstance(c, dict) else dict(getattr(c, "__dict__", {}))
    sae = {k: v.float() for k, v in sd.items()}
    kind = cfg.get("architecture", "standard")
    if kind == "standard":
        kind = cfg.get("activation_fn", cfg.get("activation_fn_str", "relu"))
    sae["kind"], sae["cfg"] = kind, cfg
    sae["k"] = cfg.get("k", (cfg.get("activation_fn_kwargs") or {}).get("k"))
    return sae


@torch.inference_mode()
def uncertain_top(sae, t):
    """(n, d_sae) bool: latents of TopK whose choice hangs on less than rounding errors in some token."""
    h = F.relu((t - sae["b_dec"]) @ sae["W_enc"] + sae["b_enc"])
    k = int(sae["k"])
    v, i = h.topk(k + 1, dim=-1)
    close = v[..., k - 1] - v[..., k] <= 1e-5 * v[..., :1].max()
    mask = torch.zeros_like(h).scatter_(-1, i[..., k - 1:], close[..., None].expand(-1, -1, 2).float())
    return mask.amax(1) > 0


@torch.inference_mode()
def latents(sae, t):
    """f (n, 257, d_sae)"""
    x = t if sae["cfg"].get("apply_b_dec_to_input") is False else t - sae["b_dec"]
    h = x @ sae["W_enc"] + sae["b_enc"]
    if sae["cfg"].get("rescale_acts_by_decoder_norm"):
        h = h * sae["W_dec"].norm(dim=1)
    f = F.relu(h)
    if sae["kind"] == "topk":
        v, i = f.topk(int(sae["k"]), dim=-1)
        f = torch.zeros_like(f).scatter_(-1, i, v)
    elif sae["kind"] in ("jumprelu", "batchtopk"):
        f = f * (h > sae["threshold"])
    return f


def read_list(path):
    """Paths of a CSV with a column image or path, or of the lines of a text file."""
    if path.endswith(".csv"):
        with open(path, newline="") as f:
            rows = list(csv.DictReader(f))
        root = os.path.dirname(os.path.abspath(path))
        return [os.path.join(root, r.get("image") or r["path"]) for r in rows]
    with open(path) as f:
        return f.read().splitlines()


def main():
    """vit.py LIST OUT_DIR ENCODER BLOCK [SAE TAU]: pixels.npy, tokens.npy, scores.npy, counts.npy, cls.npy, max.npy;
    counts_low.npy and counts_high.npy bound the counts when f is uncertain by rounding; certain.npy is 0 where
    TopK's choice is; maps.npy (n, 256, d_sae) for small SAEs."""
    paths, out, encoder, block = read_list(sys.argv[1]), sys.argv[2], load_encoder(sys.argv[3]), int(sys.argv[4])
    sae = load_sae(sys.argv[5]) if len(sys.argv) > 5 else None
    tau = float(sys.argv[6]) if len(sys.argv) > 6 else 0.2
    pixels = np.stack([preprocess(p) for p in paths])
    np.save(os.path.join(out, "pixels.npy"), pixels)
    results = {k: [] for k in ("tokens", "scores", "counts", "counts_low", "counts_high", "certain", "cls", "max",
                               "maps")}
    for i in range(0, len(paths), 4):
        t = tokens(encoder, normalise(pixels[i:i + 4]), block)
        results["tokens"].append(t.numpy())
        if sae is not None:
            f = latents(sae, t)
            results["scores"].append(f.mean(1).numpy())
            eps = 1e-5 * f.max()
            for name, bar in (("counts", tau), ("counts_low", tau + eps), ("counts_high", tau - eps)):
                results[name].append((f > bar).sum(1).numpy().astype(np.int32))
            unsure = uncertain_top(sae, t) if sae["kind"] == "topk" else torch.zeros_like(f[:, 0])
            results["certain"].append((unsure == 0).numpy().astype(np.uint8))
            results["cls"].append(f[:, 0].numpy())
            results["max"].append(f.max(1).values.numpy())
            if f.shape[2] <= 4096:
                results["maps"].append(f[:, 1:].numpy())
    for k, v in results.items():
        if v:
            np.save(os.path.join(out, k + ".npy"), np.concatenate(v))


if __name__ == "__main__":
    main()
