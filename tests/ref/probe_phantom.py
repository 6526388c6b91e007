"""Linear probe between real and simulated cells, both ways.

probe_phantom.py CYTOSAE ENCODER REAL.csv PHANTOM.csv [FOLDER]

Embeds both lists with `cytosae embed` (the residual stream before the last block; a cell's feature is its CLS token beside
the mean of its patch tokens), takes at most 140 cells of each of the 13 classes that both have, trains a logistic
regression on one kind and prints its accuracy on the other. Beside it stands the accuracy within each kind, five-fold
cross-validated: what the probe could reach at best. Not a test: it prints figures and judges nothing.
"""
import csv
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

CLASSES = ['basophil', 'eosinophil', 'erythroblast', 'ig', 'lymphocyte', 'metamyelocyte', 'monocyte', 'myelocyte',
           'neutrophil', 'neutrophil_band', 'neutrophil_segmented', 'platelet', 'promyelocyte']
PER_CLASS = 140


def choose(path):
    """Paths and labels of at most PER_CLASS cells a class, the first ones of the list."""
    with open(path, newline='', encoding='utf-8') as file:
        rows = list(csv.DictReader(file))
    name = 'image' if 'image' in rows[0] else 'path'
    folder = os.path.dirname(os.path.abspath(path))
    chosen = []
    for label in CLASSES:
        of_class = [os.path.join(folder, row[name]) for row in rows if row['label'] == label]
        chosen += [(cell, label) for cell in of_class[:PER_CLASS]]
    return chosen


def embed(cytosae, encoder, cells, out):
    listing = out + '.csv'
    with open(listing, 'w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file)
        writer.writerow(['image', 'label'])
        writer.writerows(cells)
    subprocess.run([cytosae, 'embed', '--encoder', encoder, listing, '--out', out], check=True,
                   stderr=subprocess.DEVNULL)
    tokens = np.load(out, mmap_mode='r')
    features = np.concatenate([tokens[:, 0], tokens[:, 1:].mean(axis=1)], axis=1)
    os.remove(out)
    return features, np.array([label for _, label in cells])


def probe():
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500))


def report(title, truth, found):
    print(f'{title}: accuracy {np.mean(truth == found):.3f} on {len(truth)} cells')
    matrix = confusion_matrix(truth, found, labels=CLASSES)
    for label, row in zip(CLASSES, matrix):
        if row.sum() == 0:
            continue
        most = [f'{CLASSES[i]} {row[i]}' for i in np.argsort(-row, kind='stable')[:4] if row[i] > 0]
        print(f'    {label:22s} {row[CLASSES.index(label)] / row.sum():.2f} of {row.sum():3d}   as {", ".join(most)}')


def main():
    warnings.filterwarnings('ignore')
    cytosae, encoder, real_csv, phantom_csv = sys.argv[1:5]
    with tempfile.TemporaryDirectory(dir=sys.argv[5] if len(sys.argv) > 5 else None) as folder:
        real = embed(cytosae, encoder, choose(real_csv), os.path.join(folder, 'real.npy'))
        phantom = embed(cytosae, encoder, choose(phantom_csv), os.path.join(folder, 'phantom.npy'))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    print(f'13 classes, chance {1 / len(CLASSES):.3f}')
    report('real → phantom', phantom[1], probe().fit(*real).predict(phantom[0]))
    report('phantom → real', real[1], probe().fit(*phantom).predict(real[0]))
    report('within real (5-fold)', real[1], cross_val_predict(probe(), *real, cv=folds))
    report('within phantom (5-fold)', phantom[1], cross_val_predict(probe(), *phantom, cv=folds))


if __name__ == '__main__':
    main()
