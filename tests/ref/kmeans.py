# SPDX-License-Identifier: GPL-3.0-or-later
"""kmeans.py OUT SEED N K SPREAD: scikit-learn's k-means of N points around K places, SPREAD wide.
Writes OUT/points.npy (N, 2), OUT/start.npy (K, 2), and OUT/answer.npy (N + 2): labels by Lloyd's algorithm from that
start, their inertia, and the inertia of the best of ten k-means++ starts."""
import sys

import numpy as np
from sklearn.cluster import KMeans

out, seed, n, k, spread = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
rng = np.random.default_rng(seed)
places = rng.uniform(-4, 0, (k, 2))
points = (places[rng.integers(0, k, n)] + rng.normal(0, spread, (n, 2))).astype(np.float32)
start = points[rng.choice(n, k, replace=False)]
np.save(out + "/points.npy", points)
np.save(out + "/start.npy", start)
points, start = points.astype(np.float64), start.astype(np.float64)
same = KMeans(k, init=start, n_init=1, algorithm="lloyd", tol=0, max_iter=10000).fit(points)
best = KMeans(k, n_init=10, random_state=0).fit(points)
np.save(out + "/answer.npy", np.concatenate([same.labels_, [same.inertia_, best.inertia_]]).astype(np.float32))
