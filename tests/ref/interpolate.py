"""Position grids resized as DINOv2 does: interpolate.py IN.npy (side, side, d) OUT.npy (n, n, d) N"""

import sys

import numpy as np
import torch

grid = torch.from_numpy(np.load(sys.argv[1]))
n = int(sys.argv[3])
scale = (n + 0.1) / grid.shape[0]
out = torch.nn.functional.interpolate(grid.permute(2, 0, 1)[None], scale_factor=(scale, scale), mode="bicubic")
assert out.shape[2:] == (n, n)
np.save(sys.argv[2], out[0].permute(1, 2, 0).contiguous().numpy())
