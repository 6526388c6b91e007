"""Contact sheet of simulated cells, to be looked at.

phantom_sheet.py PHANTOM.csv OUT.png [REAL.csv]

A row a class, a cell a column; with REAL.csv real cells of the same class stand to the right of the line. Without it the
sheet carries the notice and can be shown.
"""
import csv
import os
import sys

from PIL import Image, ImageDraw, PngImagePlugin

NOTICE = 'SIMULATED, not for clinical use'
CLASSES = ['neutrophil_segmented', 'neutrophil_band', 'metamyelocyte', 'myelocyte', 'promyelocyte', 'neutrophil', 'ig',
           'eosinophil', 'basophil', 'lymphocyte', 'monocyte', 'erythroblast', 'platelet', 'blast', 'plasma_cell',
           'atypical_promyelocyte']
CELL, PER_ROW, HEAD, LABEL = 112, 4, 26, 15


def read(path):
    with open(path, newline='', encoding='utf-8') as file:
        rows = list(csv.DictReader(file))
    name = 'image' if 'image' in rows[0] else 'path'
    folder = os.path.dirname(os.path.abspath(path))
    cells = {}
    for row in rows:
        cells.setdefault(row['label'], []).append((os.path.join(folder, row[name]), row.get('disease')))
    return cells


def pick(cells, n):
    """Spread over the diseases of the list, so that blasts of each kind are seen."""
    by_disease = {}
    for path, disease in cells:
        by_disease.setdefault(disease, []).append(path)
    queues, chosen = list(by_disease.values()), []
    while len(chosen) < n and any(queues):
        for queue in queues:
            if queue and len(chosen) < n:
                chosen.append(queue.pop(0))
    return chosen


def main():
    phantom, out = read(sys.argv[1]), sys.argv[2]
    real = read(sys.argv[3]) if len(sys.argv) > 3 else None
    # Alone, two classes share a row.
    classes = [c for c in CLASSES if c in phantom]
    n_groups, per_group = 2, PER_ROW
    n_rows = len(classes) if real else (len(classes) + n_groups - 1) // n_groups
    width = n_groups * per_group * CELL + 8
    sheet = Image.new('RGB', (width, HEAD + n_rows * (CELL + LABEL)), 'white')
    draw = ImageDraw.Draw(sheet)
    draw.text((6, 7), f'Phantom cells (left) and real cells (right)' if real else f'Phantom cells: {NOTICE}', fill='black')
    for i, name in enumerate(classes):
        row, group = (i, 0) if real else (i % n_rows, i // n_rows)
        y = HEAD + row * (CELL + LABEL)
        sources = [(group, pick(phantom[name], per_group))]
        if real:
            sources.append((1, pick(real.get(name, []), per_group)))
        for side, paths in sources:
            x = side * (per_group * CELL + 8)
            draw.text((x + 4, y + 1), name.replace('_', ' '), fill='black')
            for k, path in enumerate(paths):
                with Image.open(path) as image:
                    cell = image.convert('RGB').resize((CELL - 2, CELL - 2), Image.BICUBIC)
                sheet.paste(cell, (x + k * CELL, y + LABEL))
    info = PngImagePlugin.PngInfo()
    info.add_text('Comment', NOTICE)
    # 256 colours are enough for a sheet and make it a third of the size.
    sheet.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG).save(out, pnginfo=info,
                                                                                                   optimize=True)


if __name__ == '__main__':
    main()
