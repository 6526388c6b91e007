# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes image files of many kinds, and says what PIL makes of them.

usage: image.py OUT

Writes files of many kinds into the folder OUT, then the answers of image_answers.py for every file in it
(those that were there before too) as OUT/answers.bin.
"""
import io
import os
import struct
import sys
import zlib

import numpy as np
from PIL import Image

import image_answers as answers

out = sys.argv[1]
rng = np.random.default_rng(7)


def path(name):
    return os.path.join(out, name)


def write(name, data):
    with open(path(name), "wb") as f:
        f.write(data)


def picture(w, h, n=3):
    """Smooth colours with some noise: compressible, and every value occurs."""
    y, x = np.mgrid[0:h, 0:w].astype(float)
    planes = [128 + 100 * np.sin(x / (5 + 3 * i)) * np.cos(y / (4 + i)) + rng.normal(0, 12, (h, w)) for i in range(n)]
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def encoded(image, **options):
    f = io.BytesIO()
    image.save(f, **options)
    return f.getvalue()


W, H = 37, 23
rgb = picture(W, H)
rgba = picture(W, H, 4)
rgba[:5, :, 3] = 0
rgba[5:9, :, 3] = 255
grey = rgb[..., 0]
grey16 = (grey.astype(np.uint16) * 257 + 3).astype(np.uint16)
grey16[:8] >>= 8  # values that fit 8 bits too
rgb16 = (rgb.astype(np.uint16) << 8) + rgb[::-1]
index = (grey // 8).astype(np.uint8)
palette = rng.integers(0, 256, (32, 3)).astype(np.uint8)

# ---- JPEG
im = Image.fromarray(rgb)
for sub in (0, 1, 2):
    for prog in (False, True):
        im.save(path(f"jpeg-sub{sub}-prog{int(prog)}.jpg"), quality=88, subsampling=sub, progressive=prog)
for w, h in ((1, 1), (8, 8), (17, 15), (1, 40), (300, 3), (360, 363), (64, 64)):
    Image.fromarray(picture(w, h)).save(path(f"jpeg-size-{w}x{h}.jpg"), quality=75)
Image.fromarray(grey).save(path("jpeg-grey.jpg"), quality=60)
Image.fromarray(grey).save(path("jpeg-grey-progressive.jpg"), progressive=True)
Image.fromarray(rgba, "CMYK").save(path("jpeg-cmyk.jpg"), quality=92)
exif = Image.Exif()
exif[0x0112] = 6
im.save(path("jpeg-orientation.jpg"), exif=exif)
im.save(path("jpeg-optimized-low.jpg"), quality=5, optimize=True)
whole = encoded(im, format="JPEG", quality=90)
progressive = encoded(im, format="JPEG", quality=90, progressive=True)
for i, part in enumerate((0.02, 0.3, 0.6, 0.9, 0.99)):
    write(f"jpeg-truncated-{i}.jpg", whole[: int(len(whole) * part)])
    write(f"jpeg-truncated-progressive-{i}.jpg", progressive[: int(len(progressive) * part)])
write("jpeg-no-end.jpg", whole[:-2])
write("jpeg-half-end.jpg", whole[:-1])
write("jpeg-truncated-then-end.jpg", whole[: len(whole) * 2 // 3] + b"\xff\xd9")
write("jpeg-trailing.jpg", whole + b"trailing bytes")
write("jpeg-only-start.jpg", b"\xff\xd8\xff")
write("jpeg-named.png", whole)

# ---- PNG
im.save(path("png-rgb.png"))
Image.fromarray(rgba).save(path("png-rgba.png"))
Image.fromarray(np.stack([grey, rgba[..., 3]], -1), "LA").save(path("png-la.png"))
Image.fromarray(grey).save(path("png-l.png"))
Image.fromarray(grey).convert("1").save(path("png-1.png"))
p = Image.fromarray(index, "P")
p.putpalette(palette.tobytes())
p.save(path("png-p.png"))
p.save(path("png-p-transparent.png"), transparency=3)
p.save(path("png-p-alpha.png"), transparency=bytes(range(32)))
im.save(path("png-rgb-transparent.png"), transparency=tuple(int(v) for v in rgb[0, 0]))
Image.fromarray(grey).save(path("png-l-transparent.png"), transparency=int(grey[3, 3]))
for bits in (1, 2, 4):
    q = Image.fromarray((index % (1 << bits)).astype(np.uint8), "P")
    q.putpalette(palette[: 1 << bits].tobytes())
    q.save(path(f"png-p{bits}.png"), bits=bits)
im.save(path("png-icc.png"), icc_profile=b"not a profile, to be passed over" * 8)

ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def chunk(kind, data, crc=None):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) if crc is None else crc)


def packed(samples, bits):
    """(h, w[, n]) samples to rows of bytes."""
    rows = []
    for row in samples.reshape(samples.shape[0], -1):
        if bits == 16:
            rows.append(row.astype(">u2").tobytes())
        elif bits == 8:
            rows.append(row.astype(np.uint8).tobytes())
        else:
            b = ((row[:, None] >> np.arange(bits - 1, -1, -1)) & 1).astype(np.uint8)
            rows.append(np.packbits(b.ravel()).tobytes())
    return rows


def png(samples, bits, kind, extra=b"", interlaced=False, n_idat=1, crc=None):
    h, w = samples.shape[:2]
    raw = b""
    if interlaced:
        for x, y, dx, dy in ADAM7:
            part = samples[y::dy, x::dx]
            if part.size:
                raw += b"".join(b"\0" + r for r in packed(part, bits))
    else:
        raw = b"".join(b"\0" + r for r in packed(samples, bits))
    z = zlib.compress(raw)
    step = -(-len(z) // n_idat)
    idat = b"".join(chunk(b"IDAT", z[i : i + step], crc) for i in range(0, len(z), step))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, bits, kind, 0, 0, int(interlaced)))
    return b"\x89PNG\r\n\x1a\n" + head + extra + idat + chunk(b"IEND", b"")


plte = chunk(b"PLTE", palette.tobytes())
la16 = np.stack([grey16, grey16[::-1]], -1)
rgba16 = np.concatenate([rgb16, grey16[..., None]], -1)
for inter in (False, True):
    tag = "-interlaced" if inter else ""
    for bits in (1, 2, 4):
        write(f"png-grey{bits}{tag}.png", png(grey >> (8 - bits), bits, 0, interlaced=inter))
        write(f"png-index{bits}{tag}.png", png(index % (1 << bits), bits, 3, plte, interlaced=inter))
    write(f"png-grey8{tag}.png", png(grey, 8, 0, interlaced=inter))
    write(f"png-grey16{tag}.png", png(grey16, 16, 0, interlaced=inter))
    write(f"png-rgb8{tag}.png", png(rgb, 8, 2, interlaced=inter, n_idat=7))
    write(f"png-rgb16{tag}.png", png(rgb16, 16, 2, interlaced=inter))
    write(f"png-index8{tag}.png", png(index, 8, 3, plte + chunk(b"tRNS", bytes(range(20))), interlaced=inter))
    write(f"png-la8{tag}.png", png(np.stack([grey, rgba[..., 3]], -1), 8, 4, interlaced=inter))
    write(f"png-la16{tag}.png", png(la16, 16, 4, interlaced=inter))
    write(f"png-rgba8{tag}.png", png(rgba, 8, 6, interlaced=inter))
    write(f"png-rgba16{tag}.png", png(rgba16, 16, 6, interlaced=inter))
    write(f"png-tiny{tag}.png", png(rgb[:1, :1], 8, 2, interlaced=inter))
write("png-index-beyond.png", png(grey, 8, 3, plte))
write("png-gamma.png", png(rgb, 8, 2, chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"sBIT", b"\5\6\5")))
write("png-gamma-1.png", png(rgb, 8, 2, chunk(b"gAMA", struct.pack(">I", 100000))))
write("png-background.png", png(rgba, 8, 6, chunk(b"bKGD", b"\0\xff\0\xff\0\xff")))
write("png-grey16-transparent.png", png(grey16, 16, 0, chunk(b"tRNS", b"\0\5")))
write("png-bad-idat-crc.png", png(rgb, 8, 2, crc=1))
write("png-bad-text-crc.png", png(rgb, 8, 2, chunk(b"tEXt", b"a\0b", crc=1)))
write("png-unknown-chunk.png", png(rgb, 8, 2, chunk(b"zzZz", b"abc")))
good = png(rgb, 8, 2, n_idat=3)
write("png-bad-header-crc.png", good[:30] + b"\0" + good[31:])
for i, part in enumerate((0.01, 0.1, 0.4, 0.8)):
    write(f"png-truncated-{i}.png", good[: int(len(good) * part)])
write("png-no-end.png", good[:-12])
write("png-text-cut.png", good[:-12] + chunk(b"tEXt", b"key\0" + b"x" * 50)[:20])
write("png-trailing.png", good + b"trailing")
write("png-zero-width.png", good[:16] + b"\0\0\0\0" + good[20:])
write("png-named.jpg", good)

# ---- BMP
for name, mode in (("rgb", "RGB"), ("grey", "L"), ("1", "1")):
    im.convert(mode).save(path(f"bmp-{name}.bmp"))
Image.fromarray(rgba).save(path("bmp-rgba.bmp"))
p.save(path("bmp-p.bmp"))


def bmp(rows, bits, colors=b"", compression=0, masks=b"", top_down=False, n_colors=None, header=40, w=W, offset=None):
    h = H
    data = rows if isinstance(rows, bytes) else b"".join(r + bytes(-len(r) % 4) for r in rows)
    if header == 12:
        head = struct.pack("<IHHHH", 12, w, h, 1, bits)
    else:
        n = len(colors) // 4 if n_colors is None else n_colors
        head = struct.pack("<IiiHHIIiiII", header, w, -h if top_down else h, 1, bits, compression, len(data), 2835, 2835, n, 0)
        if header > 40:
            head += (masks + bytes(header))[: header - 40]
            masks = b""
    body = head + masks + colors
    at = 14 + len(body) if offset is None else offset
    return b"BM" + struct.pack("<IHHI", 14 + len(body) + len(data), 0, 0, at) + body + data


quad = b"".join(bytes([b, g, r, 0]) for r, g, b in palette)
triple = b"".join(bytes([b, g, r]) for r, g, b in palette)
up = rgb[::-1]
bgrx = np.concatenate([up[..., ::-1], rgba[..., 3:]], -1)
write("bmp-24-top-down.bmp", bmp(packed(rgb[..., ::-1], 8), 24, top_down=True))
write("bmp-32.bmp", bmp(packed(bgrx, 8), 32))
write("bmp-32-v4.bmp", bmp(packed(bgrx, 8), 32, compression=3, masks=struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000), header=108))
write("bmp-32-v5-rgba.bmp", bmp(packed(bgrx, 8), 32, compression=3, masks=struct.pack("<4I", 0xFF, 0xFF00, 0xFF0000, 0xFF000000), header=124))
write("bmp-32-fields.bmp", bmp(packed(bgrx, 8), 32, compression=3, masks=struct.pack("<3I", 0xFF000000, 0xFF0000, 0xFF00)))
write("bmp-32-odd-fields.bmp", bmp(packed(bgrx, 8), 32, compression=3, masks=struct.pack("<3I", 0x3FF00000, 0xFFC00, 0x3FF)))
words = [r.astype("<u2").tobytes() for r in rng.integers(0, 65536, (H, W))]
write("bmp-16.bmp", bmp(words, 16))
write("bmp-16-565.bmp", bmp(words, 16, compression=3, masks=struct.pack("<3I", 0xF800, 0x7E0, 0x1F)))
write("bmp-16-555.bmp", bmp(words, 16, compression=3, masks=struct.pack("<3I", 0x7C00, 0x3E0, 0x1F)))
write("bmp-8.bmp", bmp(packed(index, 8), 8, quad))
write("bmp-8-os2.bmp", bmp(packed(index, 8), 8, (triple + bytes(768))[:768], header=12))
write("bmp-8-top-down.bmp", bmp(packed(index, 8), 8, quad, top_down=True))
write("bmp-8-beyond.bmp", bmp(packed(grey, 8), 8, quad))
write("bmp-8-offset.bmp", bmp(packed(index, 8), 8, quad, offset=54))
write("bmp-4.bmp", bmp(packed(index % 16, 4), 4, quad[:64]))
write("bmp-4-five.bmp", bmp(packed(index % 5, 4), 4, quad[:20]))
write("bmp-1.bmp", bmp(packed(index % 2, 1), 1, quad[:8]))
write("bmp-1-inverted.bmp", bmp(packed(index % 2, 1), 1, b"\xff\xff\xff\0\0\0\0\0"))
ramp = b"".join(bytes([i, i, i, 0]) for i in range(256))
write("bmp-8-ramp.bmp", bmp(packed(grey, 8), 8, ramp))
write("bmp-8-short-ramp.bmp", bmp(packed(grey, 8), 8, ramp[: 4 * 100]))


def rle8(rows, delta=False):
    data = b""
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            n = 1
            while x + n < len(row) and n < 255 and row[x + n] == row[x]:
                n += 1
            if n == 1 and len(row) - x >= 3 and y % 2:
                data += bytes([0, 3]) + bytes(row[x : x + 3]) + b"\0"
                n = 3
            else:
                data += bytes([n, row[x]])
            x += n
            if delta and y == 4 and x == 10:
                data += b"\0\2\5\0"
                x += 5
        data += b"\0\0"
    return data + b"\0\1"


small = (index // 4 * 4)[::-1].copy()
small[4] = 7
for name, data in (("", rle8(small)), ("-delta", rle8(small, True)), ("-short", rle8(small[:10])), ("-cut", rle8(small)[:60])):
    write(f"bmp-rle8{name}.bmp", bmp(data, 8, quad, compression=1))
rle4 = b"".join(bytes([20, 0x10 + y % 16, 9, 0x3A, 0, 4, 0x12, 0x34, 4, 0x55, 0, 0]) for y in range(H)) + b"\0\1"
write("bmp-rle4.bmp", bmp(rle4, 4, quad[:64], compression=2))
whole = bmp(packed(rgb[..., ::-1], 8), 24)
for i, part in enumerate((0.005, 0.015, 0.5, 0.999)):
    write(f"bmp-truncated-{i}.bmp", whole[: int(len(whole) * part)])
write("bmp-jpeg-inside.bmp", bmp(packed(rgb, 8), 24, compression=4))
write("bmp-bits-7.bmp", bmp(packed(rgb, 8), 7))

# ---- GIF
p.save(path("gif-p.gif"))
p.save(path("gif-transparent.gif"), transparency=3)
p.save(path("gif-plain.gif"), interlace=0)
Image.fromarray(grey).save(path("gif-grey.gif"))
im.quantize(256).save(path("gif-256.gif"))
im.convert("1").save(path("gif-1.gif"))
Image.fromarray(picture(200, 150)).quantize(200).save(path("gif-large.gif"))
frames = [Image.fromarray(picture(W, H)).quantize(16) for _ in range(3)]
frames[0].save(path("gif-animated.gif"), save_all=True, append_images=frames[1:])
for h in (1, 2, 3, 4, 5, 6, 9):
    Image.fromarray(index[:h], "P").save(path(f"gif-height-{h}.gif"), interlace=1)
whole = encoded(p, format="GIF")
for i, part in enumerate((0.01, 0.1, 0.6, 0.95)):
    write(f"gif-truncated-{i}.gif", whole[: int(len(whole) * part)])
write("gif-no-trailer.gif", whole[:-1])
write("gif-no-terminator.gif", whole[:-2])
at = whole.index(b"\x2c\0\0\0\0")
inner = bytearray(whole)
inner[6:10] = struct.pack("<HH", W + 9, H + 4)
inner[at + 1 : at + 5] = struct.pack("<HH", 5, 3)
write("gif-inner-frame.gif", bytes(inner))
write("gif-inner-transparent.gif", bytes(inner[:at]) + b"\x21\xf9\4\1\0\0\7\0" + bytes(inner[at:]))
inner[6:10] = struct.pack("<HH", 10, 10)
write("gif-outer-frame.gif", bytes(inner))

# ---- TIFF
ENTRY = {1: "B", 3: "H", 4: "I"}


def tiff(samples, bits=8, photometric=2, big=False, compression=1, rows=None, tile=None, planar=1, extra=(), more=(),
         predictor=1, orientation=None, fill_order=1, wide=False):
    e = ">" if big else "<"
    if samples.ndim == 2:
        samples = samples[..., None]
    h, w, n = samples.shape
    blocks = []
    planes = [samples] if planar == 1 else [samples[..., i : i + 1] for i in range(n)]

    def raw(part):
        part = part.copy()
        if predictor == 2:
            part[:, 1:] = part[:, 1:] - part[:, :-1]
        if bits == 16:
            data = part.astype(e + "u2").tobytes()
        elif bits == 32:
            data = part.astype(e + "u4").tobytes()
        else:
            data = b"".join(packed(part, bits))
        if fill_order == 2:
            data = bytes(int(f"{v:08b}"[::-1], 2) for v in data)
        return zlib.compress(data) if compression == 8 else data

    for plane in planes:
        if tile:
            tw, th = tile
            for y in range(0, h, th):
                for x in range(0, w, tw):
                    part = np.zeros((th, tw, plane.shape[2]), plane.dtype)
                    cut = plane[y : y + th, x : x + tw]
                    part[: cut.shape[0], : cut.shape[1]] = cut
                    blocks.append(raw(part))
        else:
            step = rows or h
            blocks += [raw(plane[y : y + step]) for y in range(0, h, step)]
    offsets, data = [], b""
    for block in blocks:
        offsets.append(16 + len(data))
        data += block + bytes(len(block) % 2)
    tags = [(256, 4, [w]), (257, 4, [h]), (258, 3, [bits] * n), (259, 3, [compression]), (262, 3, [photometric]),
            (277, 3, [n]), (284, 3, [planar])]
    if tile:
        tags += [(322, 4, [tile[0]]), (323, 4, [tile[1]]), (324, 4, offsets), (325, 4, [len(b) for b in blocks])]
    else:
        tags += [(273, 4, offsets), (278, 4, [rows or h]), (279, 4, [len(b) for b in blocks])]
    if extra:
        tags.append((338, 3, list(extra)))
    if predictor != 1:
        tags.append((317, 3, [predictor]))
    if orientation:
        tags.append((274, 3, [orientation]))
    if fill_order != 1:
        tags.append((266, 3, [fill_order]))
    tags += list(more)
    tags.sort()
    # BigTIFF counts and points with 8 bytes, plain TIFF with 4
    size, unit = (8, "Q") if wide else (4, "I")
    ifd_at = 16 + len(data)
    ifd, tail = struct.pack(e + ("Q" if wide else "H"), len(tags)), b""
    tail_at = ifd_at + len(ifd) + (4 + 2 * size) * len(tags) + size
    for tag, kind, values in tags:
        v = struct.pack(e + str(len(values)) + ENTRY[kind], *values)
        if len(v) > size:
            where = struct.pack(e + unit, tail_at + len(tail))
            tail += v + bytes(len(v) % 2)
        else:
            where = v + bytes(size - len(v))
        ifd += struct.pack(e + "HH" + unit, tag, kind, len(values)) + where
    if wide:
        head = (b"MM\0+" if big else b"II+\0") + struct.pack(e + "HHQ", 8, 0, ifd_at)
    else:
        head = (b"MM\0*" if big else b"II*\0") + struct.pack(e + "I", ifd_at) + bytes(8)
    return head + data + ifd + bytes(size) + tail


colormap = lambda n: (320, 3, [int(v) * 257 for c in range(3) for v in np.resize(palette, (n, 3))[:, c]])
for big in (False, True):
    tag = "-be" if big else ""
    for comp in (1, 8):
        tag2 = tag + ("-deflate" if comp == 8 else "")
        o = dict(big=big, compression=comp)
        write(f"tiff-rgb{tag2}.tif", tiff(rgb, **o))
        write(f"tiff-strips{tag2}.tif", tiff(rgb, rows=5, **o))
        write(f"tiff-tiled{tag2}.tif", tiff(rgb, tile=(16, 16), **o))
        write(f"tiff-planar{tag2}.tif", tiff(rgb, planar=2, rows=4, **o))
        write(f"tiff-planar-tiled{tag2}.tif", tiff(rgb, planar=2, tile=(32, 16), **o))
        write(f"tiff-rgb16{tag2}.tif", tiff(rgb16, 16, **o))
        write(f"tiff-planar16{tag2}.tif", tiff(rgb16, 16, planar=2, **o))
        write(f"tiff-rgba{tag2}.tif", tiff(rgba, extra=(2,), **o))
        write(f"tiff-rgba-none{tag2}.tif", tiff(rgba, **o))
        write(f"tiff-rgbx{tag2}.tif", tiff(rgba, extra=(0,), **o))
        write(f"tiff-multiplied{tag2}.tif", tiff(rgba, extra=(1,), **o))
        write(f"tiff-rgbxx{tag2}.tif", tiff(picture(W, H, 5), extra=(0, 0), **o))
        write(f"tiff-rgbax{tag2}.tif", tiff(picture(W, H, 5), extra=(2, 0), **o))
        write(f"tiff-multiplied-x{tag2}.tif", tiff(picture(W, H, 6), extra=(1, 0, 0), **o))
        write(f"tiff-rgba16{tag2}.tif", tiff(rgba16, 16, extra=(2,), **o))
        write(f"tiff-multiplied16{tag2}.tif", tiff(rgba16, 16, extra=(1,), **o))
        write(f"tiff-la{tag2}.tif", tiff(rgba[..., :2], photometric=1, extra=(2,), **o))
        write(f"tiff-cmyk{tag2}.tif", tiff(rgba, photometric=5, **o))
        write(f"tiff-lab{tag2}.tif", tiff(rgb, photometric=8, **o))
        for photo in (0, 1):
            for bits in (1, 2, 4, 8):
                write(f"tiff-grey{bits}-{photo}{tag2}.tif", tiff(grey >> (8 - bits), bits, photo, **o))
            write(f"tiff-grey16-{photo}{tag2}.tif", tiff(grey16, 16, photo, **o))
        write(f"tiff-grey16-signed{tag2}.tif", tiff(grey16, 16, 1, more=[(339, 3, [2])], **o))
        write(f"tiff-grey32{tag2}.tif", tiff(grey.astype(np.uint32), 32, 1, **o))
        for bits in (1, 2, 4, 8):
            write(f"tiff-palette{bits}{tag2}.tif", tiff(index % (1 << bits), bits, 3, more=[colormap(1 << bits)], **o))
        write(f"tiff-fill-order{tag2}.tif", tiff(grey >> 7, 1, 1, fill_order=2, **o))
        write(f"tiff-fill-order8{tag2}.tif", tiff(grey, 8, 1, fill_order=2, **o))
        write(f"tiff-grey8-tiled{tag2}.tif", tiff(grey, 8, 1, tile=(16, 32), **o))
        write(f"tiff-1-tiled{tag2}.tif", tiff(grey >> 7, 1, 1, tile=(16, 16), **o))
    write(f"tiff-wide{tag}.tif", tiff(rgb, rows=5, wide=True, big=big))
    write(f"tiff-wide-tiled{tag}.tif", tiff(rgb16, 16, tile=(16, 16), compression=8, wide=True, big=big))
    write(f"tiff-predictor{tag}.tif", tiff(rgb, compression=8, predictor=2, rows=6, big=big))
    write(f"tiff-predictor16{tag}.tif", tiff(rgb16, 16, compression=8, predictor=2, big=big))
    write(f"tiff-predictor-tiled{tag}.tif", tiff(rgb, compression=8, predictor=2, tile=(16, 16), big=big))
    write(f"tiff-planar-multiplied{tag}.tif", tiff(rgba, compression=8, planar=2, extra=(1,), big=big))
    write(f"tiff-planar-rgba{tag}.tif", tiff(rgba, compression=8, planar=2, extra=(2,), big=big))
for o in range(1, 9):
    write(f"tiff-orientation-{o}.tif", tiff(rgb, orientation=o))
    write(f"tiff-orientation-{o}-deflate.tif", tiff(rgb, orientation=o, compression=8))
write("tiff-old-colormap.tif", tiff(index, 8, 3, more=[(320, 3, [int(v) for c in range(3) for v in np.resize(palette, (256, 3))[:, c]])]))
write("tiff-no-colormap.tif", tiff(index, 8, 3))
write("tiff-no-colormap-be.tif", tiff(index, 8, 3, big=True, compression=8))
write("tiff-no-colormap-wide.tif", tiff(index, 8, 3, wide=True))
write("tiff-cut-colormap.tif", tiff(index, 8, 3, more=[colormap(256)])[:-13])
write("tiff-ycbcr-raw.tif", tiff(rgb, photometric=6))
write("tiff-ycbcr-deflate.tif", tiff(rgb, photometric=6, compression=8))
for comp in ("tiff_lzw", "packbits", "tiff_adobe_deflate", "tiff_deflate", "jpeg", "lzma", "zstd"):
    for mode in ("RGB", "L", "P", "RGBA"):
        if comp == "jpeg" and mode == "P":
            continue
        src = {"RGB": im, "L": Image.fromarray(grey), "P": p, "RGBA": Image.fromarray(rgba)}[mode]
        try:
            src.save(path(f"tiff-{comp}-{mode}.tif"), compression=comp)
        except Exception:  # a codec that this machine's libtiff lacks
            if os.path.exists(path(f"tiff-{comp}-{mode}.tif")):
                os.remove(path(f"tiff-{comp}-{mode}.tif"))
big_picture = Image.fromarray(picture(250, 301))
big_picture.save(path("tiff-lzw-strips.tif"), compression="tiff_lzw", tiffinfo={278: 7, 317: 2})
big_picture.save(path("tiff-jpeg-strips.tif"), compression="jpeg", quality=80, tiffinfo={278: 16})
im.convert("YCbCr").save(path("tiff-jpeg-ycbcr.tif"), compression="jpeg")
im.convert("1").save(path("tiff-g3.tif"), compression="group3")
im.convert("1").save(path("tiff-g4.tif"), compression="group4")
im.save(path("tiff-pages.tif"), save_all=True, append_images=[Image.fromarray(grey)])
Image.fromarray(grey.astype(np.float32)).save(path("tiff-float.tif"))
for name in ("tiff-rgb.tif", "tiff-strips-deflate.tif", "tiff-lzw-strips.tif", "tiff-packbits-RGB.tif", "tiff-tiled.tif"):
    with open(path(name), "rb") as f:
        whole = f.read()
    for i, part in enumerate((0.01, 0.3, 0.8)):
        write(f"tiff-truncated-{i}-{name[5:]}", whole[: int(len(whole) * part)])
# with the directory in front, so that the pixels are what is cut
buf = encoded(im, format="TIFF")
write("tiff-cut-pixels.tif", buf[:-50])
write("tiff-cut-lzw.tif", encoded(im, format="TIFF", compression="tiff_lzw")[:600])

# ---- WebP
try:
    im.save(path("webp-lossy.webp"), quality=80)
    im.save(path("webp-lossless.webp"), lossless=True)
    Image.fromarray(rgba).save(path("webp-alpha.webp"), quality=70)
    Image.fromarray(rgba).save(path("webp-alpha-lossless.webp"), lossless=True, exact=True)
    im.save(path("webp-animated.webp"), save_all=True, append_images=[Image.fromarray(rgb[::-1].copy())])
    whole = encoded(im, format="WEBP")
    for i, part in enumerate((0.05, 0.3, 0.9)):
        write(f"webp-truncated-{i}.webp", whole[: int(len(whole) * part)])
except (KeyError, OSError):
    pass

# ---- not images
write("empty.jpg", b"")
write("DS_Store.jpg", b"\0\0\0\1Bud1\0\0\x10\0\0\0\x08\0" + bytes(600))
write("text.png", b"these are words\n" * 20)
write("short-bm.bmp", b"BM")
write("short-gif.gif", b"GIF89a")
write("short-tiff.tif", b"II*\0")
write("short-webp.webp", b"RIFF\4\0\0\0WEBP")

answers.write_answers(path("answers.bin"), sorted(path(n) for n in os.listdir(out)))
