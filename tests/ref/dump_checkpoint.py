#!/usr/bin/python3
"""What PyTorch and NumPy read from checkpoints. Usage: dump_checkpoint.py OUT LIST

LIST holds a path a line; a second path after a tab is read in its place, where PyTorch cannot read the
first. For the file in line i OUT/i.txt gets a line "name, dtype, shape, bytes, bytes as float32" (tabs) per
tensor, in order, and OUT/i.bin the contents one after the other, first as they are, then as float32.
"""
import sys
import warnings

import checkpoints

warnings.simplefilter('ignore')
out, listing = sys.argv[1:]
for i, line in enumerate(open(listing).read().splitlines()):
    path = line.split('\t')[-1]
    with open(f'{out}/{i}.txt', 'w') as text, open(f'{out}/{i}.bin', 'wb') as data:
        for name, tensor in checkpoints.tensors(checkpoints.read(path)):
            kind, raw, floats = checkpoints.as_bytes(tensor)
            shape = ','.join(str(n) for n in tensor.shape)
            text.write(f'{name}\t{kind}\t{shape}\t{len(raw)}\t{-1 if floats is None else len(floats)}\n')
            data.write(raw + (floats or b''))
