# SPDX-License-Identifier: GPL-3.0-or-later
"""pca.py SAFETENSORS OUT: principal components of the unit rows of W_dec by NumPy's SVD in double precision.
Writes OUT/pca-coordinates.npy (rows, 5) and OUT/pca-share.npy (5,)."""
import json
import struct
import sys

import numpy as np

with open(sys.argv[1], "rb") as f:
    size, = struct.unpack("<Q", f.read(8))
    entry = json.loads(f.read(size))["W_dec"]
    f.seek(8 + size + entry["data_offsets"][0])
    kind = {"F32": "<f4", "F16": "<f2"}.get(entry["dtype"])
    raw = f.read(entry["data_offsets"][1] - entry["data_offsets"][0])
if kind is None:  # bfloat16: the upper half of a float32
    w = (np.frombuffer(raw, "<u2").astype("<u4") << 16).view("<f4").reshape(entry["shape"])
else:
    w = np.frombuffer(raw, kind).reshape(entry["shape"])
w = w.astype(np.float64)
w /= np.linalg.norm(w, axis=1, keepdims=True)
w -= w.mean(axis=0)
_, s, v = np.linalg.svd(w, full_matrices=False)
v = v[:5] * np.sign(v[np.arange(5), np.abs(v[:5]).argmax(axis=1)])[:, None]
np.save(sys.argv[2] + "/pca-coordinates.npy", (w @ v.T).astype(np.float32))
np.save(sys.argv[2] + "/pca-share.npy", (s**2 / (s**2).sum())[:5].astype(np.float32))
