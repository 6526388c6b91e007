#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""same_weights.py A.pt B.pt: two autoencoders in CytoSAE's layout have the same weights, bit by bit."""
import sys

import torch

a, b = (torch.load(path)["state_dict"] for path in sys.argv[1:3])
assert a.keys() == b.keys()
for name in a:
    assert torch.equal(a[name], b[name]), name
