# SPDX-License-Identifier: GPL-3.0-or-later
"""What PIL makes of image files.

usage: image_answers.py OUT FOLDER STEP

Answers for every STEP-th image file below FOLDER, as OUT/answers.bin, little-endian, per file:
  u32 length of its path, path
  u32 1 if PIL reads it, else 0 and nothing more
  u32 width, u32 height, (height, width, 3) u8     convert("RGB")
  u32 n, then n times: u32 width, u32 height, pixels: resize((width, height), BILINEAR)
"""
import os
import struct
import sys
import warnings

import numpy as np
from PIL import Image, ImageFile

assert not ImageFile.LOAD_TRUNCATED_IMAGES
warnings.simplefilter("ignore")


def write_answers(path, names):
    rng = np.random.default_rng(11)
    with open(path, "wb") as f:
        for i, name in enumerate(names):
            encoded = os.fsencode(name)
            f.write(struct.pack("<I", len(encoded)) + encoded)
            try:
                with Image.open(name) as image:
                    image.load()
                    rgb = image.convert("RGB")
            except Exception:
                f.write(struct.pack("<I", 0))
                continue
            f.write(struct.pack("<III", 1, *rgb.size) + rgb.tobytes())
            w, h = rgb.size
            sizes = [(224, 224)]
            if i % 8 == 0:
                sizes += [(1, 1), (w, 7), (9, h), (w, h), (2 * w + 1, 3 * h - 1), tuple(int(v) for v in rng.integers(1, 400, 2))]
            f.write(struct.pack("<I", len(sizes)))
            for size in sizes:
                f.write(struct.pack("<II", *size) + rgb.resize(size, Image.BILINEAR).tobytes())


if __name__ == "__main__":
    found = []
    for folder, _, files in os.walk(sys.argv[2]):
        found += [os.path.join(folder, n) for n in files if n.lower().endswith((".jpg", ".png", ".bmp", ".tif", ".gif"))]
    write_answers(os.path.join(sys.argv[1], "answers.bin"), sorted(found)[:: int(sys.argv[3])])
