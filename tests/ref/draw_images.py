"""Four pictures for tests without the shared cells: draw_images.py OUT_DIR"""

import os
import sys

import numpy as np
from PIL import Image

rng = np.random.default_rng(7)
for i in range(4):
    h, w = ((360, 363), (120, 121), (224, 224), (250, 180))[i]
    y, x = np.mgrid[0:h, 0:w] / max(h, w)
    r = np.hypot(x - 0.5, y - 0.5 * h / w)
    base = np.stack([230 - 120 * (r < 0.3), 200 - 140 * (r < 0.3), 210 - 60 * (r < 0.2)], -1)
    picture = base + 25 * np.sin(20 * x + i)[..., None] + rng.normal(0, 8, (h, w, 3))
    Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(os.path.join(sys.argv[1], f"drawn-{i}.png"))
