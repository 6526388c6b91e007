"""What CytoSAE's authors publish for a data set.

make OUT        draws 60 cells in three classes and makes such statistics of invented scores:
                OUT/stats/*.pt, OUT/all/CLASS/*.png (all of them), OUT/some/ (two thirds of them and a manifest.csv),
                OUT/mixed (as all, but two classes have changed their names), OUT/bad-NAME (broken statistics)
dump STATS OUT  published statistics as OUT/*.npy, with what they say of each other
"""
import csv
import os
import shutil
import sys

import numpy as np
import torch
from PIL import Image

FILES = {"indices": "max_activating_image_indices", "values": "max_activating_image_values",
         "labels": "max_activating_image_label_indices", "mean": "sae_mean_acts", "sparsity": "sae_sparsity",
         "entropy": "top_entropy"}


def save(folder, tensors):
    os.makedirs(folder)
    for key, name in FILES.items():
        if key in tensors:
            torch.save(tensors[key], os.path.join(folder, name + ".pt"))


def concentration(values, labels):
    """(n, m) scores and classes -> entropy, purity and majority of the m, NaN below ten real images."""
    n = len(values)
    shares = np.zeros((n, int(labels.max()) + 1))
    for j in range(values.shape[1]):
        np.add.at(shares, (np.arange(n), labels[:, j]), values[:, j].astype(float))
    with np.errstate(all="ignore"):
        shares /= shares.sum(1, keepdims=True)
        entropy = -np.nansum(np.where(shares > 0, shares * np.log(shares), 0), 1)
    purity = shares.max(1)
    unknown = (values > 0).sum(1) < 10
    entropy[unknown] = purity[unknown] = np.nan
    return entropy, purity, np.where(unknown, -1, shares.argmax(1))


def make(out):
    rng = np.random.default_rng(5)
    # "a-b" stands after "a" among the classes, though '-' is less than '/'
    names = ["a", "a-b", "c"]
    files = [(c, f"{names[c]}/{int(x):04d}.png") for c, n in enumerate([25, 20, 15])
             for x in rng.choice(9999, n, replace=False)]
    files.sort(key=lambda f: (names[f[0]], f[1].split("/")[1]))
    n, d, m = len(files), 40, 10
    for i, (_, path) in enumerate(files):
        full = os.path.join(out, "all", path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        Image.new("RGB", (120 + i, 60), (i * 4, 255 - i * 4, 128)).save(full)
    order = np.random.default_rng(1).permutation(n)
    classes = np.array([files[p][0] for p in order])

    scores = np.where(rng.random((n, d)) < rng.random(d) ** 2, rng.random((n, d)), 0).astype(np.float32)
    scores[:, 7] = 0                                    # never fires
    scores[:, 8] = 0
    scores[[3, 44, 21], 8] = [0.5, 0.25, 0.5]           # three images, two of them equal
    scores[:, 9] = np.linspace(1, 2, n)                 # always fires: the last image is referenced
    top = torch.topk(torch.from_numpy(scores.T.copy()), m, dim=1)
    values, indices = top.values, top.indices.float()
    indices[8, :2] = torch.tensor([44.0 - 23, 3.0])     # equals in falling order, which is to be kept
    indices[values == 0] = 0
    labels = torch.from_numpy(classes)[indices.long()]
    active = torch.from_numpy((scores > 0).sum(0)).float()
    mean = torch.from_numpy(scores.sum(0)) / active     # NaN
    shares = torch.zeros(d, len(names))
    shares.scatter_add_(1, labels, values)
    shares /= shares.sum(1, keepdim=True)
    entropy = -torch.nansum(shares * torch.log(shares), 1)
    entropy[7] = float("nan")
    good = {"indices": indices, "values": values, "labels": labels, "mean": mean, "sparsity": active / n,
            "entropy": entropy}
    save(os.path.join(out, "stats"), good)

    os.makedirs(os.path.join(out, "some"))
    with open(os.path.join(out, "some", "manifest.csv"), "w", newline="") as f:
        writer = csv.writer(f)
        writer.writerow(["path", "label", "cytosae_index"])
        for i in reversed(range(n)):
            if i % 3:
                c, path = files[order[i]]
                full = os.path.join(out, "some", path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                shutil.copy(os.path.join(out, "all", path), full)
                writer.writerow([path, names[c], f"{i}.0" if i % 2 else i])
        writer.writerow(["nowhere.png", "c", ""])       # no image of the statistics
    shutil.copytree(os.path.join(out, "all"), os.path.join(out, "mixed"))
    for a, b in (("a", "x"), ("c", "a"), ("x", "c")):
        os.rename(os.path.join(out, "mixed", a), os.path.join(out, "mixed", b))
    with open(os.path.join(out, "files.csv"), "w", newline="") as f:
        csv.writer(f).writerows([["path", "label"]] + [[files[p][1], names[files[p][0]]] for p in order])

    def broken(name, **changes):
        save(os.path.join(out, "bad-" + name), {k: v for k, v in {**good, **changes}.items() if v is not None})

    def changed(key, where, value):
        tensor = good[key].clone()
        tensor[where] = value
        return {key: tensor}

    broken("lacking", entropy=None)
    broken("narrow", values=values[:, :9])
    broken("short", mean=mean[:-1])
    broken("flat", indices=indices.flatten())
    broken("dict", sparsity={"a": mean, "b": mean})
    broken("half", **changed("indices", (9, 3), 4.5))
    broken("negative", **changed("indices", (9, 3), -1.0))
    broken("huge", **changed("indices", (9, 3), 3e9))
    broken("nan-index", **changed("indices", (9, 3), float("nan")))
    broken("beyond", **changed("indices", (9, 3), 60.0))
    broken("twice", **changed("indices", (9, 3), indices[9, 4]))
    broken("nan-value", **changed("values", (9, 3), float("nan")))
    broken("negative-value", **changed("values", (9, 9), -1.0))
    broken("share", **changed("sparsity", 9, 1.5))
    broken("silent", **changed("sparsity", 9, 0.0))
    broken("mean", **changed("mean", 9, float("nan")))
    broken("class", **changed("labels", (9, 3), -2))
    broken("text")
    with open(os.path.join(out, "bad-text", "sae_sparsity.pt"), "w") as f:
        f.write("version https://git-lfs.github.com/spec/v1\n")


def dump(stats, out):
    t = {k: torch.load(os.path.join(stats, v + ".pt"), map_location="cpu").numpy() for k, v in FILES.items()}
    t["recomputed"], t["purity"], t["majority"] = concentration(t["values"], t["labels"].astype(int))
    for key, array in t.items():
        np.save(os.path.join(out, key + ".npy"), np.ascontiguousarray(array, np.float32))


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    dump(sys.argv[2], sys.argv[3])
