#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains a small encoder and an SAE on its tokens, of the layouts that cytosae reads.

Needs python3-torch, python3-pil and python3-numpy of the distribution; no GPU.

  tools/train-models.py --real LIST.csv [--phantom FOLDER] [--start DIR] --out DIR

LIST.csv has the columns path (or image) and label, and WBCAtt's eleven attributes where they are known. FOLDER was made by
`cytosae phantom --size 224 --masks`; its masks add a loss that asks the hooked tokens for the share of each structure in
their patch. --start continues from the encoder.safetensors and the sae/ of a folder instead of random weights.

The encoder: ViT, d 192, 6 blocks, 3 heads, patch 14. Losses: class, attributes, pixels of masked patches, structures.
The SAE: ReLU, on the tokens after block -2, with the loss, the ghost term and the start of the CytoSAE paper (arXiv
2507.12464), on random tokens. DIR gets encoder.safetensors, sae/ and figures.json, measured on cells that were held out.
"""
import argparse
import csv
import json
import math
import os
import struct
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

D, HEADS, BLOCKS, GRID, PATCH = 192, 3, 6, 16, 14
SIZE, MARGIN = GRID * PATCH, 8
ATTRIBUTES = ["cell_size", "cell_shape", "nucleus_shape", "nuclear_cytoplasmic_ratio", "chromatin_density",
              "cytoplasm_vacuole", "cytoplasm_texture", "cytoplasm_colour", "granule_type", "granule_colour",
              "granularity"]
STRUCTURES = ["cell", "nucleus", "nucleoli", "hof", "neutrophilic_granules", "eosinophilic_granules",
              "basophilic_granules", "azurophilic_granules", "vacuoles", "auer_rods", "red_cells", "platelets"]
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
BATCH = 64


# --- the encoder, with DINOv2's names ---------------------------------------------------------------------

class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.proj = nn.Linear(D, 3 * D), nn.Linear(D, D)

    def forward(self, x):
        n, t, _ = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, HEADS, D // HEADS).permute(2, 0, 3, 1, 4)
        a = ((q * (D // HEADS) ** -0.5) @ k.transpose(-2, -1)).softmax(-1)
        return self.proj((a @ v).transpose(1, 2).reshape(n, t, D))


class LayerScale(nn.Module):
    def __init__(self):
        super().__init__()
        self.gamma = nn.Parameter(torch.full((D,), 0.1))

    def forward(self, x):
        return x * self.gamma


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(D, 4 * D), nn.Linear(4 * D, D)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.attn, self.ls1 = nn.LayerNorm(D, eps=1e-6), Attention(), LayerScale()
        self.norm2, self.mlp, self.ls2 = nn.LayerNorm(D, eps=1e-6), Mlp(), LayerScale()

    def forward(self, x):
        x = x + self.ls1(self.attn(self.norm1(x)))
        return x + self.ls2(self.mlp(self.norm2(x)))


class PatchEmbed(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(3, D, PATCH, PATCH)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.cls_token = nn.Parameter(torch.empty(1, 1, D))
        self.pos_embed = nn.Parameter(torch.empty(1, 1 + GRID * GRID, D))
        self.mask_token = nn.Parameter(torch.empty(1, D))
        self.patch_embed = PatchEmbed()
        self.blocks = nn.ModuleList([Block() for _ in range(BLOCKS)])
        self.norm = nn.LayerNorm(D, eps=1e-6)
        for parameter in (self.cls_token, self.pos_embed, self.mask_token):
            nn.init.normal_(parameter, std=0.02)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Conv2d)):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)

    def forward(self, x, masked=None, keep=None):
        """(n, 3, 224, 224) -> hooked tokens and last tokens, (n, 1 + 256 or keep's, D)"""
        t = self.patch_embed(x)
        if masked is not None:
            t = torch.where(masked[..., None], self.mask_token.to(t.dtype), t)
        t = t + self.pos_embed[:, 1:]
        if keep is not None:
            t = torch.gather(t, 1, keep[..., None].expand(-1, -1, D))
        t = torch.cat([(self.cls_token + self.pos_embed[:, :1]).expand(len(x), -1, -1).to(t.dtype), t], 1)
        for block in self.blocks[:-1]:
            t = block(t)
        return t, self.norm(self.blocks[-1](t))


class Heads(nn.Module):
    def __init__(self, n_classes, n_values):
        super().__init__()
        self.classes = nn.Linear(2 * D, n_classes)
        self.attributes = nn.ModuleList([nn.Linear(2 * D, n) for n in n_values])
        self.pixels = nn.Sequential(nn.Linear(D, D), nn.GELU(), nn.Linear(D, 3 * PATCH * PATCH))
        self.structures = nn.Linear(D, len(STRUCTURES))


# --- cells ------------------------------------------------------------------------------------------------

def read_image(path):
    side = SIZE + MARGIN
    return np.asarray(Image.open(path).convert("RGB").resize((side, side), Image.BILINEAR))


def read_masks(folder, image):
    """(232, 232) uint16, bit s where structure s is"""
    stem = os.path.splitext(image.replace("images/", "masks/", 1))[0]
    bits = np.zeros((SIZE + MARGIN,) * 2, np.int32)
    for s, name in enumerate(STRUCTURES):
        path = os.path.join(folder, f"{stem}-{name}.png")
        if os.path.exists(path):
            mask = Image.open(path).convert("L").resize(bits.shape, Image.BILINEAR)
            bits |= (np.asarray(mask) > 127).astype(np.int32) << s
    return bits.astype(np.int16)


def read_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    column = "path" if "path" in rows[0] else "image"
    return [{**row, "path": row[column]} for row in rows]


class Cells:
    """Pixels, class, attributes (-1: unknown) of a list; masks where it is simulated."""

    def __init__(self, rows, folder, classes, values, masks):
        self.pixels = np.stack([read_image(os.path.join(folder, row["path"])) for row in rows])
        self.labels = torch.tensor([classes.index(row["label"]) for row in rows])
        self.attributes = torch.tensor([[values[a].index(row[a]) if row.get(a) in values[a] else -1
                                         for a in ATTRIBUTES] for row in rows])
        self.masks = np.stack([read_masks(folder, row["path"]) for row in rows]) if masks else None

    def __len__(self):
        return len(self.pixels)


def normalise(pixels):
    return (torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2).float() / 255 - MEAN) / STD


def augment(pixels, masks):
    """Crop, turn, flip, colour; the masks move with the pixels."""
    i, j = np.random.randint(0, MARGIN + 1, 2)
    turn, flip = np.random.randint(4), np.random.rand() < 0.5

    def move(a):
        a = np.rot90(a[:, i:i + SIZE, j:j + SIZE], turn, (1, 2))
        return a[:, :, ::-1] if flip else a

    x = torch.from_numpy(np.ascontiguousarray(move(pixels))).permute(0, 3, 1, 2).float() / 255
    n = len(x)
    x = (x * (1 + 0.12 * torch.randn(n, 3, 1, 1)) + 0.04 * torch.randn(n, 3, 1, 1)).clamp(0, 1)
    return (x - MEAN) / STD, None if masks is None else torch.from_numpy(np.ascontiguousarray(move(masks)))


def shares(bits):
    """(n, 224, 224) -> (n, 256, structures), the part of each patch that the structure covers"""
    planes = torch.stack([(bits >> s) & 1 for s in range(len(STRUCTURES))], 1).float()
    return F.avg_pool2d(planes, PATCH).flatten(2).transpose(1, 2)


# --- training the encoder ---------------------------------------------------------------------------------

def losses(encoder, heads, x, labels, attributes, share, base, n_keep):
    n = len(x)
    keep = torch.rand(n, GRID * GRID).argsort(1)[:, :n_keep].sort(1).values
    masked = torch.rand(n, GRID * GRID) < 0.12
    with torch.cpu.amp.autocast():
        hooked, last = encoder(x, masked, keep)
        cell = torch.cat([last[:, 0], last[:, 1:].mean(1)], 1).float()
        out = {"class": F.cross_entropy(heads.classes(cell), labels, label_smoothing=0.05)}
        known = [F.cross_entropy(head(cell), attributes[:, a], ignore_index=-1)
                 for a, head in enumerate(heads.attributes) if (attributes[:, a] >= 0).any()]
        if known:
            out["attributes"] = sum(known) / len(ATTRIBUTES)
        patches = x.unfold(2, PATCH, PATCH).unfold(3, PATCH, PATCH).permute(0, 2, 3, 1, 4, 5).reshape(n, 256, -1)
        patches = torch.gather(patches, 1, keep[..., None].expand(-1, -1, patches.shape[2]))
        hidden = torch.gather(masked, 1, keep)
        out["pixels"] = F.mse_loss(heads.pixels(last[:, 1:][hidden]).float(), patches[hidden])
        if share is not None:
            # Each structure in units of what guessing its mean would cost: rare ones count as much as nuclei.
            m = len(share)
            seen = ~hidden[-m:]
            truth = torch.gather(share, 1, keep[-m:, :, None].expand(-1, -1, share.shape[2]))[seen]
            logits = heads.structures(F.layer_norm(hooked[-m:, 1:].float(), (D,))[seen]).float()
            cost = F.binary_cross_entropy_with_logits(logits, truth, reduction="none").mean(0)
            out["structures"] = (cost / base).mean()
    return out


def held_out_accuracy(encoder, heads, cells):
    found = []
    with torch.inference_mode():
        for i in range(0, len(cells), BATCH):
            half = MARGIN // 2
            _, last = encoder(normalise(cells.pixels[i:i + BATCH, half:-half, half:-half]))
            found.append(heads.classes(torch.cat([last[:, 0], last[:, 1:].mean(1)], 1)).argmax(1))
    return (torch.cat(found) == cells.labels).float().mean().item()


def train_encoder(encoder, heads, real, phantom, seconds, rate):
    parameters = [*encoder.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW([{"params": [p for p in parameters if p.dim() > 1], "weight_decay": 0.05},
                                   {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0}],
                                  lr=rate, betas=(0.9, 0.98))
    n_phantom = BATCH // 3 if phantom else 0
    base = None
    if phantom:
        mean = torch.stack([shares(torch.from_numpy(phantom.masks[i:i + 1, :SIZE, :SIZE])).mean((0, 1))
                            for i in range(len(phantom))]).mean(0).clamp(1e-6, 1 - 1e-6)
        base = -(mean * mean.log() + (1 - mean) * (1 - mean).log())
        with torch.no_grad():
            heads.structures.weight.zero_()
            heads.structures.bias.copy_(mean.logit())
    start, step = time.time(), 0
    while True:
        part = (time.time() - start) / seconds
        if part > 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 300) * (0.98 * 0.5 * (1 + math.cos(math.pi * part)) + 0.02)
        i = np.random.choice(len(real), BATCH - n_phantom, replace=False)
        x, _ = augment(real.pixels[i], None)
        labels, attributes, share = real.labels[i], real.attributes[i], None
        if phantom:
            j = np.random.choice(len(phantom), n_phantom, replace=False)
            drawn, bits = augment(phantom.pixels[j], phantom.masks[j])
            x = torch.cat([x, drawn])
            labels = torch.cat([labels, phantom.labels[j]])
            attributes = torch.cat([attributes, phantom.attributes[j]])
            share = shares(bits)
        parts = losses(encoder, heads, x, labels, attributes, share, base, 112 if part < 0.7 else 256)
        optimizer.zero_grad()
        sum(parts.values()).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        step += 1
        if step % 20 == 0:
            print(f"{time.time() - start:.0f} s, step {step}: "
                  + ", ".join(f"{name} {loss.item():.3f}" for name, loss in parts.items()), flush=True)
    return step


# --- training the SAE -------------------------------------------------------------------------------------

def hooked_tokens(encoder, cells, chosen):
    """(n, 257, D) float16"""
    out = []
    with torch.inference_mode():
        for i in range(0, len(chosen), BATCH):
            pixels = [np.asarray(Image.fromarray(cells.pixels[c]).resize((SIZE, SIZE), Image.BILINEAR))
                      for c in chosen[i:i + BATCH]]
            with torch.cpu.amp.autocast():
                hooked, _ = encoder(normalise(np.stack(pixels)))
            out.append(hooked.half())
    return torch.cat(out)


def geometric_median(x, n_steps=50):
    median = x.mean(0)
    for _ in range(n_steps):
        weight = 1 / (x - median).norm(dim=1).clamp_min(1e-6)
        median = (weight[:, None] * x).sum(0) / weight.sum()
    return median


def sae_loss(x, w_enc, b_enc, w_dec, b_dec, dead, l1):
    h = (x - b_dec) @ w_enc + b_enc
    f = F.relu(h)
    y = f @ w_dec + b_dec
    error = (y - x) ** 2 / x.norm(dim=1, keepdim=True)
    loss = error.mean() + l1 * f.sum(1).mean()
    if dead.any():
        rest = (x - y).detach()
        ghost = torch.exp(h[:, dead].clamp(max=10)) @ w_dec[dead]
        ghost = ghost * (rest.norm(dim=1) / (1e-6 + 2 * ghost.norm(dim=1)))[:, None].detach()
        m = (ghost - rest) ** 2 / rest.norm(dim=1, keepdim=True)
        loss = loss + ((error / (m + 1e-6)).detach() * m).mean()
    return loss, f


def random_sae(tokens, d_sae):
    w_dec = nn.init.kaiming_uniform_(torch.empty(d_sae, D))
    w_dec /= w_dec.norm(dim=1, keepdim=True)
    return {"W_enc": w_dec.t().clone() * 0.5, "b_enc": torch.zeros(d_sae), "W_dec": w_dec,
            "b_dec": geometric_median(tokens[:256].float().reshape(-1, D))}


def train_sae(sae, tokens, l1, seconds):
    rate = 2e-3
    parameters = [sae[name] for name in ("W_enc", "b_enc", "W_dec", "b_dec")]
    w_dec, d_sae = sae["W_dec"], len(sae["b_enc"])
    for p in parameters:
        p.requires_grad_()
    optimizer = torch.optim.Adam(parameters, lr=rate)
    flat, since = tokens.view(-1, D), torch.zeros(d_sae)
    start, step = time.time(), 0
    while time.time() - start < seconds:
        with torch.no_grad():
            w_dec /= w_dec.norm(dim=1, keepdim=True)
        x = flat[torch.randint(0, len(flat), (2048,))].float()
        loss, f = sae_loss(x, *parameters, since > 64, l1)
        optimizer.zero_grad()
        loss.backward()
        with torch.no_grad():
            w_dec.grad -= (w_dec.grad * w_dec).sum(1, keepdim=True) * w_dec
            since += 1
            since[(f > 0).any(0)] = 0
        late = time.time() - start > 0.8 * seconds
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 200) * (0.2 if late else 1)
        optimizer.step()
        step += 1
        if step % 100 == 0:
            print(f"{time.time() - start:.0f} s, step {step}: loss {loss.item():.4f}, "
                  f"L0 {(f > 0).float().sum(1).mean().item():.1f}, silent {(since > 64).sum().item()}", flush=True)
    with torch.no_grad():
        w_dec /= w_dec.norm(dim=1, keepdim=True)
    return {name: p.detach() for name, p in sae.items()}, step


def sae_figures(sae, tokens):
    rest = square = active = 0.0
    total, fired = torch.zeros(D, dtype=torch.float64), torch.zeros(len(sae["b_enc"]), dtype=torch.bool)
    n = tokens.shape[0] * tokens.shape[1]
    with torch.inference_mode():
        for x in tokens.split(32):
            x = x.float().reshape(-1, D)
            f = F.relu((x - sae["b_dec"]) @ sae["W_enc"] + sae["b_enc"])
            rest += ((f @ sae["W_dec"] + sae["b_dec"] - x) ** 2).sum().item()
            square += (x ** 2).sum().item()
            total += x.double().sum(0)
            active += (f > 0).sum().item()
            fired |= (f > 0).any(0)
    return {"explained_variance": 1 - rest / (square - (total ** 2).sum().item() / n), "L0": active / n,
            "alive": int(fired.sum())}


# --- files ------------------------------------------------------------------------------------------------

def save_safetensors(path, tensors):
    header, blobs, at = {}, [], 0
    for name, tensor in tensors.items():
        blob = tensor.half().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def load_safetensors(path):
    """What save_safetensors() writes."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    return {name: torch.frombuffer(data[slice(*t["data_offsets"])], dtype=torch.float16).reshape(t["shape"]).float()
            for name, t in header.items() if name != "__metadata__"}


def main():
    parser = argparse.ArgumentParser(description="Trains the built-in encoder and SAE.")
    parser.add_argument("--real", required=True, metavar="LIST.csv")
    parser.add_argument("--held-out", metavar="LIST.csv", help="files of these names are not trained on "
                        "(otherwise every twentieth cell of --real)")
    parser.add_argument("--phantom", metavar="FOLDER", help="of cytosae phantom --size 224 --masks")
    parser.add_argument("--start", metavar="DIR", help="what this script wrote, to continue from")
    parser.add_argument("--minutes", type=float, default=70, help="for the encoder (%(default)s)")
    parser.add_argument("--rate", type=float, default=1.5e-3, help="its learning rate (%(default)s)")
    parser.add_argument("--sae-minutes", type=float, default=10, help="(%(default)s)")
    parser.add_argument("--sae-cells", type=int, default=6000, help="whose tokens train the SAE (%(default)s)")
    parser.add_argument("--d-sae", type=int, default=3072, help="(%(default)s)")
    parser.add_argument("--l1", type=float, default=3e-4, help="(%(default)s)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="(one a core)")
    parser.add_argument("--seed", type=int, default=42, help="(%(default)s)")
    parser.add_argument("--out", required=True, metavar="DIR")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    np.random.seed(args.seed)
    os.makedirs(os.path.join(args.out, "sae"), exist_ok=True)

    rows = read_rows(args.real)
    drawn = read_rows(os.path.join(args.phantom, "manifest.csv")) if args.phantom else []
    classes = sorted({row["label"] for row in rows + drawn})
    values = {a: sorted({row[a] for row in rows + drawn if row.get(a)}) for a in ATTRIBUTES}
    if args.held_out:
        names = {os.path.basename(row["path"]) for row in read_rows(args.held_out)}
        out = [os.path.basename(row["path"]) in names for row in rows]
    else:
        out = [i % 20 == 0 for i in range(len(rows))]
    folder = os.path.dirname(os.path.abspath(args.real))
    test = Cells([row for row, o in zip(rows, out) if o], folder, classes, values, False)
    real = Cells([row for row, o in zip(rows, out) if not o], folder, classes, values, False)
    phantom = Cells(drawn, args.phantom, classes, values, True) if args.phantom else None
    print(f"{len(real)} real cells to train on, {len(test)} held out, {len(drawn)} simulated ones", flush=True)

    encoder, heads = Encoder(), Heads(len(classes), [max(1, len(values[a])) for a in ATTRIBUTES])
    if args.start:
        encoder.load_state_dict(load_safetensors(os.path.join(args.start, "encoder.safetensors")))
    steps = train_encoder(encoder, heads, real, phantom, 60 * args.minutes, args.rate)
    encoder.eval()
    figures = {"encoder": {"steps": steps, "held_out": len(test),
                           "held_out_accuracy": held_out_accuracy(encoder, heads, test)}}
    save_safetensors(os.path.join(args.out, "encoder.safetensors"), encoder.state_dict())

    n_drawn = min(len(drawn), args.sae_cells // 3)
    tokens = [hooked_tokens(encoder, real, np.random.permutation(len(real))[:args.sae_cells - n_drawn])]
    if n_drawn:
        tokens.append(hooked_tokens(encoder, phantom, np.random.permutation(len(phantom))[:n_drawn]))
    tokens = torch.cat(tokens)
    tokens = tokens[torch.randperm(len(tokens))]
    if args.start:
        sae = load_safetensors(os.path.join(args.start, "sae", "sae_weights.safetensors"))
    else:
        sae = random_sae(tokens, args.d_sae)
    sae, steps = train_sae(sae, tokens, args.l1, 60 * args.sae_minutes)
    figures["sae"] = {"steps": steps, "d_sae": len(sae["b_enc"]), "l1": args.l1,
                      **sae_figures(sae, hooked_tokens(encoder, test, np.arange(len(test))))}
    save_safetensors(os.path.join(args.out, "sae", "sae_weights.safetensors"), sae)
    with open(os.path.join(args.out, "sae", "cfg.json"), "w", encoding="utf-8") as file:
        json.dump({"architecture": "standard", "d_in": D, "d_sae": len(sae["b_enc"]), "dtype": "float16",
                   "activation_fn": "relu", "apply_b_dec_to_input": True, "hook_name": "blocks.-2", "hook_layer": -2,
                   "normalize_activations": "none", "l1_coefficient": args.l1, "seed": args.seed}, file, indent=1)
    with open(os.path.join(args.out, "figures.json"), "w", encoding="utf-8") as file:
        json.dump(figures, file, indent=1)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
