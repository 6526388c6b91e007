"""OUT.npy SEED N [SEED N ...]: numpy.random.default_rng(SEED).permutation(N), one after the other (int64)."""
import sys

import numpy as np

pairs = [int(a) for a in sys.argv[2:]]
np.save(sys.argv[1], np.concatenate([np.random.default_rng(seed).permutation(n)
                                     for seed, n in zip(pairs[::2], pairs[1::2])]))
