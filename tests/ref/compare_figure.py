"""Checks where a figure puts its points, from the project file alone:
    compare_figure.py PROJECT A B SVG
made by `cytosae figure PROJECT compare --a A --b B --highlights 0 --labels 0`. Every latent that fires in a patient of either
disease has a disc at (mean barcode of A, of B), on axes of one scale, and there are no others."""

import re
import sys

import numpy as np
import scipy.spatial

import cohort

DISC = re.compile(r'fill:rgb\(72\.5\d*%,73\.3\d*%,75\.2\d*%\)[^>]* d="M ([\d.]+) ([\d.]+) C [\d.]+ [\d.]+ [\d.]+ [\d.]+ ([\d.]+)')


def fit(places, values):
    """Scale and offset of an axis: on it, order is kept."""
    (scale, offset), residuals = np.polyfit(np.sort(values), np.sort(places), 1, full=True)[:2]
    assert residuals[0] < 1e-4 * len(values), residuals
    return scale, offset


def main():
    project, a, b, svg = sys.argv[1:]
    with open(svg, encoding="utf-8") as f:
        discs = np.array([[float(right) + float(left), 2 * float(y)] for right, y, left in DISC.findall(f.read())]) / 2
    _, disease, x, _ = cohort.patients(project)
    one, other = x[disease == a], x[disease == b]
    fires = (one.sum(0) > 0) | (other.sum(0) > 0)
    means = np.array([one[:, fires].mean(0), other[:, fires].mean(0)]).T
    assert len(discs) == len(means), (len(discs), len(means))
    (sx, ox), (sy, oy) = fit(discs[:, 0], means[:, 0]), fit(-discs[:, 1], means[:, 1])
    assert sx > 0 and abs(sx / sy - 1) < 1e-3, (sx, sy)
    expected = np.array([ox + sx * means[:, 0], -oy - sy * means[:, 1]]).T
    for drawn, wanted in ((discs, expected), (expected, discs)):
        distance, _ = scipy.spatial.cKDTree(drawn).query(wanted)
        assert distance.max() < 0.02, distance.max()


main()
