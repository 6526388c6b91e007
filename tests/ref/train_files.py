#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""train_files.py FILE.pt FILE.safetensors: both files of one training hold the same autoencoder, as PyTorch reads the one
and NumPy the other; and the configuration's attributes are there."""
import json
import os
import struct
import sys

import numpy as np
import torch

checkpoint = torch.load(sys.argv[1])
with open(sys.argv[2], "rb") as file:
    header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    data = file.read()
for name, tensor in checkpoint["state_dict"].items():
    entry = header[name]
    array = np.frombuffer(data[slice(*entry["data_offsets"])], dtype="<f4").reshape(entry["shape"])
    assert np.array_equal(array, tensor.numpy()), name
assert np.allclose(np.linalg.norm(checkpoint["state_dict"]["W_dec"].numpy(), axis=1), 1, atol=1e-5)
cfg = json.load(open(os.path.join(os.path.dirname(sys.argv[2]), "cfg.json")))
for name in ("d_in", "d_sae", "block_layer", "seed", "l1_coefficient", "model_name"):
    assert getattr(checkpoint["cfg"], name) == cfg[name], name
assert cfg["training"] == json.loads(checkpoint["cfg"].training)
