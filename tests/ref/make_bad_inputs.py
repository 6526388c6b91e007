"""Damaged and hostile files for the command line's tests: make_bad_inputs.py OUT_DIR ENCODER.safetensors"""

import json
import os
import pickle
import sqlite3
import struct
import sys
import zipfile

out, encoder = sys.argv[1], sys.argv[2]


def at(name):
    return os.path.join(out, name)


class Run:
    """Unpickled by a program that runs what it reads, this writes a file."""

    def __reduce__(self):
        return os.system, ("echo run > '%s'" % at("ran"),)


def torch_zip(name, data, extra=()):
    with zipfile.ZipFile(at(name), "w") as z:
        z.writestr("archive/data.pkl", data)
        z.writestr("archive/version", "3\n")
        for entry, content, method in extra:
            z.writestr(zipfile.ZipInfo(entry), content, method)


def safetensors(name, header, n_bytes):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    with open(at(name), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + bytes(n_bytes))


torch_zip("os-system.pt", pickle.dumps({"teacher": Run()}, 2))
with open(at("os-system-legacy.pt"), "wb") as f:
    for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, Run()):
        f.write(pickle.dumps(part, 2))

# A float storage of 2^40 numbers in a few bytes, said by the pickle; and one that a deflated entry swells to 1 GiB.
tensor = (b"\x80\x02}(X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n"
          b"((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu\x8a\x06%s"
          b"tQK\x00(\x8a\x06%st(K\x01t\x89}tRu.")
huge = struct.pack("<q", 1 << 40)[:6]
torch_zip("overflow.pt", tensor % (huge, huge), [("archive/data/0", b"\0" * 64, zipfile.ZIP_STORED)])
big = struct.pack("<q", 1 << 28)[:6]
torch_zip("bomb.pt", tensor % (big, big), [("archive/data/0", b"\0" * (1 << 28), zipfile.ZIP_DEFLATED)])

t = {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}
safetensors("overflow.safetensors", {"a": {"dtype": "F32", "shape": [1 << 32, 1 << 32, 4], "data_offsets": [0, 16]}}, 16)
safetensors("overlap.safetensors", {"a": t, "b": {"dtype": "F32", "shape": [4], "data_offsets": [8, 24]}}, 24)
safetensors("duplicate.safetensors", b'{"a":%s,"a":%s}' % (json.dumps(t).encode(), json.dumps(t).encode()), 16)
safetensors("header.safetensors", b'{"a":', 0)
with open(at("length.safetensors"), "wb") as f:
    f.write(struct.pack("<Q", 1 << 62) + b"{}")
with open(encoder, "rb") as f:
    whole = f.read()
for name, n in (("half.safetensors", len(whole) // 2), ("head.safetensors", 100), ("empty.safetensors", 0)):
    with open(at(name), "wb") as f:
        f.write(whole[:n])
with open(at("text.pt"), "w") as f:
    f.write("This is no checkpoint.\n")
with open(at("short.npy"), "wb") as f:
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000, 1000), }"
    header += b" " * (-(10 + len(header) + 1) % 64) + b"\n"
    f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(100))

with open(at("text.cytosae"), "w") as f:
    f.write("This is no project.\n")
database = sqlite3.connect(at("foreign.cytosae"))
database.executescript("CREATE TABLE dataset (id INTEGER PRIMARY KEY); PRAGMA user_version = 1;")
database.close()
