#!/usr/bin/python3
"""Writes files that are to be refused. Usage: make_hostile.py OUT

OUT/list: "file, code, text" (tabs) a line: the code of CYT_CHECKPOINT_ERROR or "any" (also G_FILE_ERROR), and what the
message is to contain. Made without PyTorch, of opcodes and bytes.
"""
import io
import json
import os
import pickle
import struct
import sys
import warnings
import zipfile

warnings.simplefilter('ignore')  # of zipfile, about the duplicate names
out = sys.argv[1]
made = []


def add(name, data, code, text=''):
    open(f'{out}/{name}', 'wb').write(data)
    made.append(f'{out}/{name}\t{code}\t{text}')


def archive(entries, method=zipfile.ZIP_STORED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, 'w', method) as z:
        for name, data in entries:
            z.writestr(zipfile.ZipInfo(name), data, method)
    return stream.getvalue()


def torch_zip(pkl, *storages, method=zipfile.ZIP_STORED):
    return archive([('archive/data.pkl', pkl), ('archive/version', '3\n')] +
                   [(f'archive/data/{i}', s) for i, s in enumerate(storages)], method)


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return b'X' + struct.pack('<I', len(data)) + data


def integer(n):
    data = n.to_bytes(n.bit_length() // 8 + 1, 'little', signed=True)
    return b'\x8a' + bytes([len(data)]) + data


def tup(*items):
    return b'(' + b''.join(items) + b't'


def storage(key='0', n=4, cls='torch\nFloatStorage'):
    return tup(text('storage'), b'c' + cls.encode() + b'\n', text(key), text('cpu'), integer(n)) + b'Q'


def tensor(shape=(4,), stride=(1,), offset=0, rebuild='torch._utils\n_rebuild_tensor_v2', stored=None, more=b''):
    return (b'c' + rebuild.encode() + b'\n' +
            tup(stored or storage(), integer(offset), tup(*map(integer, shape)), tup(*map(integer, stride)), b'\x89', b'}', more) + b'R')


def root(*pairs):
    return b'\x80\x02}(' + b''.join(text(k) + v for k, v in pairs) + b'u.'


GOOD = struct.pack('<4f', 1, 2, 3, 4)
good = torch_zip(root(('w', tensor())), GOOD)
open(f'{out}/good.pt', 'wb').write(good)
MAGIC = b'\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}q\x00.'
good_legacy = MAGIC + root(('w', tensor(stored=tup(text('storage'), b'ctorch\nFloatStorage\n', text('7'), text('cpu'), integer(4), b'N') + b'Q'))) + \
    b'\x80\x02]' + text('7') + b'a.' + struct.pack('<Q', 4) + GOOD
open(f'{out}/good-legacy.pt', 'wb').write(good_legacy)


def safetensors(header, data=b'', length=None):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack('<Q', len(header) if length is None else length) + header + data


entry = {'dtype': 'F32', 'shape': [4], 'data_offsets': [0, 16]}
good_safe = safetensors({'w': entry}, GOOD)
open(f'{out}/good.safetensors', 'wb').write(good_safe)


def npy(header, data=GOOD, version=b'\1\0', length=None):
    header = header.encode() if isinstance(header, str) else header
    return b'\x93NUMPY' + version + struct.pack('<H', len(header) if length is None else length) + header + data


NPY = "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }\n"
open(f'{out}/good.npy', 'wb').write(npy(NPY))

open(f'{out}/good.npz', 'wb').write(archive([('a.npy', npy(NPY)), ('b.npy', npy(NPY.replace('False', 'True')))], zipfile.ZIP_DEFLATED))
# One of everything, as a seed for the fuzzer.
RICH = root(('cfg', b'cmine\nConfig\n)\x81}(' + text('lr') + b'G?\xe0\0\0\0\0\0\0' + text('dtype') + b'ctorch\nfloat32\n' + text('path') +
             b'cpathlib\nPosixPath\n' + tup(text('/'), text('a')) + b'R' + text('mode') + b'cbuiltins\ngetattr\n' + tup(b'cmine\nMode\n', text('A')) + b'R' +
             text('device') + b'ctorch\ndevice\n' + tup(text('cuda'), integer(1)) + b'Rub'),
            ('np', b'cnumpy.core.multiarray\nscalar\n' + tup(b'cnumpy\ndtype\n' + tup(text('f8'), b'\x89', b'\x88') + b'R' + tup(integer(3), text('<'), b'N') + b'b',
             b'c_codecs\nencode\n' + tup(text('\0' * 8), text('latin1')) + b'R') + b'R'),
            ('list', b'](K\x01J\xff\xff\xff\xffL12L\nI01\nF1.5\nS\'a\\x41\'\nV\\u0041\n\x8c\x01zC\x01yNe'),
            ('w', tensor((2, 2), (1, 2))), ('p', b'ctorch._utils\n_rebuild_parameter\n' + tup(tensor(), b'\x88', b'}') + b'R'),
            ('o', b'ccollections\nOrderedDict\n)R}' + text('_metadata') + b'Nsb'), ('s', b'\x8f(K\x01\x90'), ('d', b'(' + text('k') + b'K\x02d'))
open(f'{out}/good-rich.pt', 'wb').write(torch_zip(RICH, GOOD))
bare = bytearray(torch_zip(RICH, GOOD))  # without checksums, which would hide from the fuzzer what is behind them
at = 0
while (at := min((i for i in (bare.find(b'PK\1\2', at), bare.find(b'PK\3\4', at)) if i >= 0), default=-1)) >= 0:
    field = at + (16 if bare[at + 2] == 1 else 14)
    bare[field:field + 4] = bytes(4)
    at += 4
open(f'{out}/good-rich-bare.pt', 'wb').write(bare)
rich_legacy = RICH.replace(text('0') + text('cpu') + integer(4), text('0') + text('cpu') + integer(4) + b'N')
open(f'{out}/good-rich-legacy.pt', 'wb').write(MAGIC + rich_legacy + b'\x80\x02]' + text('0') + b'a.' + struct.pack('<Q', 4) + GOOD)
open(f'{out}/good-deflated.pt', 'wb').write(torch_zip(RICH, GOOD, method=zipfile.ZIP_DEFLATED))

# ---- calls and imports ----
ARGS = tup(text('echo owned'))
for name, module, function in (
        ('os', 'os', 'system'), ('posix', 'posix', 'system'), ('nt', 'nt', 'system'), ('popen', 'subprocess', 'Popen'), ('eval', 'builtins', 'eval'),
        ('exec', '__builtin__', 'exec'), ('import', 'builtins', '__import__'), ('open', 'builtins', 'open'), ('io', 'io', 'FileIO'),
        ('runpy', 'runpy', 'run_path'), ('importlib', 'importlib', 'import_module'), ('pty', 'pty', 'spawn'), ('ctypes', 'ctypes', 'CDLL'),
        ('socket', 'socket', 'socket'), ('shutil', 'shutil', 'rmtree'), ('pickle', '_pickle', 'loads'), ('operator', 'operator', 'attrgetter'),
        ('http', 'http.client', 'HTTPSConnection'), ('code', 'types', 'CodeType'), ('web', 'webbrowser', 'open'), ('sys', 'sys', 'modules'), ('asyncio', 'asyncio.unix_events', '_UnixSubprocessTransport')):
    shown = f'{module}.{function}'.replace('__builtin__', 'builtins')
    what = f'c{module}\n{function}\n'.encode()
    strings = text(module) + text(function)
    for kind, call in (('reduce', what + ARGS + b'R'), ('newobj', what + ARGS + b'\x81'), ('named', what), ('stack-global', strings + b'\x93' + ARGS + b'R'),
                       ('inst', b'(' + text('echo owned') + b'i' + what[1:]), ('obj', b'(' + what + text('echo owned') + b'o')):
        add(f'call-{name}-{kind}.pt', torch_zip(root(('w', tensor()), ('x', call)), GOOD), 'UNSUPPORTED', shown)
add('call-plain-pickle.pt', b'\x80\x04' + text('os') + text('system') + b'\x93' + ARGS + b'R.', 'UNSUPPORTED', 'os.system')
add('call-protocol0.pt', b"cos\nsystem\n(S'echo owned'\ntR.", 'any', '')
add('call-legacy.pt', MAGIC + b'\x80\x02cos\nsystem\n' + ARGS + b'R.\x80\x02].', 'UNSUPPORTED', 'os.system')
add('call-through-module.pt', torch_zip(b'\x80\x04' + text('torch.serialization') + text('os.system') + b'\x93' + ARGS + b'R.'), 'UNSUPPORTED', 'os.system')
add('call-through-getattr.pt', torch_zip(b'\x80\x02cbuiltins\ngetattr\n' + tup(b'cbuiltins\nobject\n', text('__subclasses__')) + b'R.'), 'UNSUPPORTED', 'builtins.object.__subclasses__')
add('call-getattr-chain.pt', torch_zip(b'\x80\x02cbuiltins\ngetattr\n' + tup(b'cmine\nThing\n', text('os.system')) + b'R' + ARGS + b'R.'), 'UNSUPPORTED', 'mine.Thing.os.system')
add('call-function.pt', torch_zip(b'\x80\x02cmy.module\nrun\n' + ARGS + b'R.'), 'UNSUPPORTED', 'my.module.run')
add('call-torch-hub.pt', torch_zip(b'\x80\x02ctorch.hub\nload\n' + ARGS + b'R.'), 'UNSUPPORTED', 'torch.hub.load')
add('call-quantized.pt', torch_zip(root(('w', tensor(rebuild='torch._utils\n_rebuild_qtensor'))), GOOD), 'UNSUPPORTED', 'torch._utils._rebuild_qtensor')
add('call-sparse.pt', torch_zip(root(('w', b'ctorch._utils\n_rebuild_sparse_tensor\n' + ARGS + b'R'))), 'UNSUPPORTED', '_rebuild_sparse_tensor')
add('call-from-type.pt', torch_zip(b'\x80\x02ctorch._tensor\n_rebuild_from_type_v2\n' + tup(b'cmine\nrun\n', b'cmine\nT\n', tup(), b'}') + b'R.'), 'UNSUPPORTED', 'mine.run')
add('call-tensor.pt', torch_zip(root(('w', tensor() + ARGS + b'R')), GOOD), 'CORRUPT', 'no class')
add('build-class.pt', torch_zip(b'\x80\x02cmine\nT\n}' + text('a') + b'Nsb.'), 'UNSUPPORTED', 'mine.T')
add('ext.pt', torch_zip(b'\x80\x02\x82\x01.'), 'UNSUPPORTED', 'EXT')
add('buffer.pt', torch_zip(b'\x80\x05\x97.'), 'UNSUPPORTED', 'NEXT_BUFFER')
add('name-newline.pt', torch_zip(b'\x80\x04' + text('o\ns') + text('x') + b'\x93.'), 'CORRUPT', 'no name')
add('name-control.pt', torch_zip(b'\x80\x04' + text('evil\x1b[31m') + text('x') + b'\x93.'), 'CORRUPT', 'no name')
add('name-empty.pt', torch_zip(b'\x80\x02c\n\n.'), 'CORRUPT', 'no name')

# ---- tensors ----
for name, kind, code, shape, stride, offset in (
        ('overflow', 'overflows', 'TOO_LARGE', (1 << 62, 8), (8, 1), 0), ('overflow-zero', 'overflows', 'TOO_LARGE', (1 << 62, 8, 0), (0, 0, 0), 0),
        ('negative-size', 'negative size', 'CORRUPT', (-1,), (1,), 0), ('negative-stride', 'negative stride', 'CORRUPT', (4,), (-1,), 3),
        ('negative-offset', 'negative offset', 'CORRUPT', (4,), (1,), -1), ('beyond', 'reaches element 4', 'CORRUPT', (5,), (1,), 0),
        ('beyond-offset', 'reaches element 4', 'CORRUPT', (4,), (1,), 1), ('beyond-stride', 'reaches element 6', 'CORRUPT', (4,), (2,), 0),
        ('stride-overflow', 'strides that overflow', 'TOO_LARGE', (4, 4), ((1 << 63) - 1, 1 << 62), 0), ('offset-overflow', 'reaches', 'CORRUPT', (1,), (1,), (1 << 63) - 1),
        ('expanded', 'out of proportion', 'TOO_LARGE', (1 << 40,), (0,), 0), ('ranks', 'sizes and', 'CORRUPT', (2, 2), (1,), 0),
        ('big-size', '64 bits', 'TOO_LARGE', (1 << 70,), (1,), 0), ('big-offset', '64 bits', 'TOO_LARGE', (1,), (1,), 1 << 70), ('rank17', '17 dimensions', 'TOO_LARGE', (1,) * 17, (1,) * 17, 0)):
    add(f'tensor-{name}.pt', torch_zip(root(('w', tensor(shape, stride, offset))), GOOD), code, kind)
add('tensor-no-storage.pt', torch_zip(root(('w', tensor()))), 'CORRUPT', 'archive/data/0')
add('tensor-short-storage.pt', torch_zip(root(('w', tensor())), GOOD[:8]), 'TRUNCATED', 'expected 16')
add('tensor-long-storage.pt', torch_zip(root(('w', tensor())), GOOD * 2), 'CORRUPT', 'expected 16')
add('storage-overflow.pt', torch_zip(root(('w', tensor(stored=storage(n=1 << 62)))), GOOD), 'TOO_LARGE', 'overflows')
add('storage-negative.pt', torch_zip(root(('w', tensor(stored=storage(n=-4)))), GOOD), 'CORRUPT', 'size')
add('storage-quantized.pt', torch_zip(root(('w', tensor(stored=storage(cls='torch\nQInt8Storage')))), GOOD), 'UNSUPPORTED', 'torch.QInt8Storage')
add('storage-class.pt', torch_zip(root(('w', tensor(stored=storage(cls='mine\nStorage')))), GOOD), 'CORRUPT', 'class')
add('storage-key-nul.pt', torch_zip(root(('w', tensor(stored=storage(key='0\0x')))), GOOD), 'CORRUPT', '')
add('storage-float8.pt', torch_zip(root(('w', tensor(rebuild='torch._utils\n_rebuild_tensor_v3', more=b'ctorch\nfloat8_e4m3fn\n'))), GOOD), 'UNSUPPORTED', 'torch.float8_e4m3fn')
add('tensor-conj.pt', torch_zip(root(('w', tensor(more=b'}' + text('conj') + b'\x88s'))), GOOD), 'UNSUPPORTED', 'conjugated')
add('persid-text.pt', torch_zip(b'\x80\x02Pmodel\n.'), 'CORRUPT', 'persistent')
add('persid-first.pt', b'\x80\x02' + storage() + b'.', 'CORRUPT', 'persistent')

# ---- structure ----
add('duplicate-key.pt', torch_zip(root(('w', tensor()), ('w', tensor())), GOOD), 'CORRUPT', "two entries 'w'")
add('duplicate-path.pt', torch_zip(root(('a.b', tensor()), ('a', b'}' + text('b') + tensor() + b's')), GOOD), 'CORRUPT', "'a.b'")
add('duplicate-long-key.pt', torch_zip(b'\x80\x02}(' + integer(1 << 80) + b'q\0Nh\0Nu.'), 'CORRUPT', 'two entries')
add('duplicate-circle-key.pt', torch_zip(b'\x80\x02]q\0h\0a0}(h\0Nh\0Nu.'), 'CORRUPT', 'two entries')
add('cycle-in-key.pt', torch_zip(b'\x80\x02]q\0h\0a0}h\0Ns.'), 'TOO_LARGE', 'deep')
add('cycle-list.pt', torch_zip(b'\x80\x02]q\0h\0a.'), 'CORRUPT', 'contains itself')
add('cycle-dict.pt', torch_zip(b'\x80\x02}q\0' + text('me') + b'h\0s.'), 'CORRUPT', "'me': contains itself")
add('deep-lists.pt', torch_zip(b'\x80\x02' + b']' * 100000 + b'a' * 99999 + b'.'), 'TOO_LARGE', 'deep')
add('deep-marks.pt', torch_zip(b'\x80\x02' + b'(' * 100000 + b't' * 100000 + b'.'), 'TOO_LARGE', 'deep')
add('deep-tuples.pt', torch_zip(b'\x80\x02)' + b'\x85' * 100000 + b'.'), 'TOO_LARGE', 'deep')
add('deep-key.pt', torch_zip(b'\x80\x02})' + b'\x85' * 1000 + b'Ns.'), 'TOO_LARGE', 'deep')
add('doubling.pt', torch_zip(b'\x80\x02]' + b''.join(b'q\0\x30]h\0ah\0a' for _ in range(60)) + b'.'), 'TOO_LARGE', 'too often')
add('doubling-strings.pt', torch_zip(b'\x80\x02' + text('x' * 100000) + b'q\0\x30](' + b'h\0' * 5000 + b'e.'), 'TOO_LARGE', 'texts too often')
add('copies.pt', torch_zip(b'\x80\x02' + text('x' * 1000000) + b'q\0\x30' + b''.join(b'c_codecs\nencode\n' + tup(b'h\0', text('latin1')) + b'R0' for _ in range(400)) + b'N.'), 'TOO_LARGE', 'text')
add('many-values.pt', torch_zip(b'\x80\x02' + b']0' * 4300000 + b'N.', method=zipfile.ZIP_DEFLATED), 'TOO_LARGE', 'values')
add('many-on-stack.pt', torch_zip(b'\x80\x02' + b'N' * 4300000 + b'.', method=zipfile.ZIP_DEFLATED), 'TOO_LARGE', 'stack')
add('memo-huge.pt', torch_zip(b'\x80\x02Nr\xff\xff\xff\xff.'), 'TOO_LARGE', 'memo')
add('memo-missing.pt', torch_zip(b'\x80\x02h\x07.'), 'CORRUPT', 'memo 7')
add('memo-text.pt', torch_zip(b'Np-1\n.'), 'CORRUPT', 'memo')
add('long4-giant.pt', torch_zip(b'\x80\x02\x8b\xff\xff\xff\x7f\0.'), 'TRUNCATED', '')
add('long-beyond.pt', torch_zip(b'\x80\x02' + integer(1 << 80) + b'.'), 'UNSUPPORTED', '64 bits')
add('string-giant.pt', torch_zip(b'\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7fabc.'), 'TRUNCATED', '')
add('string-not-utf8.pt', torch_zip(root((b'\xff\xfe', b'N'))), 'CORRUPT', 'UTF-8')
add('string-surrogate.pt', torch_zip(root((b'\xed\xa0\x80', b'N'))), 'CORRUPT', 'UTF-8')
add('string-nul.pt', torch_zip(root(('a\0b', tensor())), GOOD), 'UNSUPPORTED', 'NUL')
add('name-long.pt', torch_zip(root(('n' * 5000, tensor())), GOOD), 'TOO_LARGE', 'name')
add('tensor-as-key.pt', torch_zip(b'\x80\x02}' + tensor() + b'Ns.', GOOD), 'UNSUPPORTED', 'key')
add('opcode-unknown.pt', torch_zip(b'\x80\x02\xff.'), 'CORRUPT', '0xff')
add('protocol9.pt', torch_zip(b'\x80\x09N.'), 'UNSUPPORTED', 'protocol 9')
for name, body in (('empty', b''), ('no-stop', b'\x80\x02N'), ('stack-empty', b'\x80\x02.'), ('pop-empty', b'\x80\x020.'), ('append-empty', b'\x80\x02Na.'), ('setitem-odd', b'\x80\x02}(Nu.'),
                   ('no-mark', b'\x80\x02t.'), ('reduce-empty', b'\x80\x02R.'), ('tuple3', b'\x80\x02NN\x87.'), ('append-to-none', b'\x80\x02NNa.'), ('append-to-tuple', b'\x80\x02)Na.'),
                   ('below-mark', b'\x80\x02N(0Ra.'), ('build-empty', b'\x80\x02Nb.'), ('obj-empty', b'\x80\x02(o.'), ('int-text', b'Ixyz\n.'), ('int-nul', b'I1\x002\n.'), ('float-text', b'Fabc\n.'), ('string-open', b"S'abc\n."),
                   ('string-escape', b"S'\\x4'\n."), ('unicode-escape', b'V\\u12\n.'), ('line', b'I' + b'1' * 2000000), ('args', b'\x80\x02cmine\nT\nNR.'), ('newobj-ex', b'\x80\x04cmine\nT\n)\x92.')):
    add(f'pickle-{name}.pt', torch_zip(body), 'any')

# ---- archives ----
add('zip-duplicate.pt', archive([('a/data.pkl', root(('w', tensor()))), ('a/data/0', GOOD), ('a/data/0', GOOD)]), 'CORRUPT', "two entries 'a/data/0'")
add('zip-two-pickles.pt', archive([('a/data.pkl', b'\x80\x02N.'), ('b/data.pkl', b'\x80\x02N.')]), 'CORRUPT', 'two pickles')
add('zip-other.pt', archive([('hello.txt', b'hello')]), 'FORMAT', 'data.pkl')
add('zip-nothing.pt', archive([]), 'FORMAT', 'data.pkl')
add('zip-torchscript.pt', archive([('a/data.pkl', b'\x80\x02N.'), ('a/constants.pkl', b'\x80\x02).'), ('a/code/x.py', b'')]), 'UNSUPPORTED', 'TorchScript')
add('zip-bomb-pickle.pt', torch_zip(b'\x80\x02' + b'N0' * 30000000 + b'N.', method=zipfile.ZIP_DEFLATED), 'TOO_LARGE', '')
add('zip-bomb-storage.pt', torch_zip(root(('w', tensor((40 << 20,), stored=storage(n=40 << 20)))), bytes(160 << 20), method=zipfile.ZIP_DEFLATED), 'TOO_LARGE', 'inflate')
add('zip-byteorder.pt', archive([('a/data.pkl', b'\x80\x02N.'), ('a/byteorder', b'middle')]), 'UNSUPPORTED', 'byteorder')
packed = bytearray(torch_zip(root(('w', tensor())), GOOD, method=zipfile.ZIP_DEFLATED))
at = packed.rfind(b'PK\1\2')
crc = bytearray(good)
crc[good.find(GOOD)] ^= 1
open(f'{out}/crc-wrong.pt', 'wb').write(crc)  # opens; reading its tensor fails
for name, change in (('size', 24), ('compressed', 20), ('offset', 42), ('method', 10), ('name', 28), ('extra', 30)):
    bad = bytearray(packed)
    bad[at + change:at + change + 2] = b'\x21\x7f'
    add(f'zip-directory-{name}.pt', bytes(bad), 'any')
bad = bytearray(good)
last, first = bad.rfind(b'PK\1\2'), bad.find(b'PK\1\2')
bad[last + 42:last + 46] = bad[first + 42:first + 46]
add('zip-overlap-whole.pt', bytes(bad), 'CORRUPT', '')
inner = archive([('a/data/0', GOOD)])
local = inner[:inner.find(b'PK\1\2')]
outer = archive([('a/data.pkl', root(('w', tensor()))), ('a/data/0', GOOD), ('a/data/1', local + b'pad')])
bad = bytearray(outer)
second = bad.find(b'PK\1\2', bad.find(b'PK\1\2') + 4)
bad[second + 42:second + 46] = struct.pack('<I', outer.rfind(local))
add('zip-overlap-inside.pt', bytes(bad), 'CORRUPT', 'overlap')
bad = bytearray(good)
bad[6] |= 1
first = bad.find(b'PK\1\2')
bad[first + 8] |= 1
add('zip-encrypted.pt', bytes(bad), 'any')

# ---- safetensors ----
two = {'a': dict(entry), 'b': {**entry, 'data_offsets': [16, 32]}}
for name, data, code, part in (
        ('overlap', safetensors({**two, 'b': {**entry, 'data_offsets': [8, 24]}}, GOOD * 2), 'CORRUPT', 'overlap'),
        ('same', safetensors({**two, 'b': dict(entry)}, GOOD), 'CORRUPT', 'overlap'),
        ('hole', safetensors({**two, 'b': {**entry, 'data_offsets': [20, 36]}}, GOOD * 3), 'CORRUPT', 'holes'),
        ('hole-first', safetensors({'b': {**entry, 'data_offsets': [16, 32]}}, GOOD * 2), 'CORRUPT', 'holes'),
        ('trailing', safetensors({'w': entry}, GOOD + b'x'), 'CORRUPT', '17 bytes'),
        ('truncated', safetensors({'w': entry}, GOOD[:-1]), 'TRUNCATED', "'w'"),
        ('reversed', safetensors({'w': {**entry, 'data_offsets': [16, 0]}}, GOOD), 'CORRUPT', 'before it begins'),
        ('size', safetensors({'w': {**entry, 'shape': [3]}}, GOOD), 'CORRUPT', 'needs 12'),
        ('shape', safetensors({'w': {**entry, 'shape': [5]}}, GOOD), 'CORRUPT', "'w'"),
        ('overflow', safetensors({'w': {**entry, 'shape': [1 << 62, 8]}}, GOOD), 'TOO_LARGE', 'overflows'),
        ('number', safetensors({'w': {**entry, 'shape': [1 << 70]}}, GOOD), 'TOO_LARGE', 'overflows'),
        ('negative', safetensors({'w': {**entry, 'shape': [-4]}}, GOOD), 'CORRUPT', 'whole number'),
        ('fraction', safetensors({'w': {**entry, 'shape': [4.0]}}, GOOD), 'CORRUPT', 'whole number'),
        ('rank', safetensors({'w': {**entry, 'shape': [1] * 17}}, GOOD), 'CORRUPT', 'too many'),
        ('duplicate', safetensors(b'{"w":' + json.dumps(entry).encode() + b',"w":' + json.dumps(entry).encode() + b'}', GOOD), 'CORRUPT', "two tensors 'w'"),
        ('duplicate-escaped', safetensors(b'{"w":' + json.dumps(entry).encode() + b',"\\u0077":' + json.dumps(entry).encode() + b'}', GOOD), 'CORRUPT', "two tensors 'w'"),
        ('duplicate-member', safetensors(b'{"w":{"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]}}', GOOD), 'CORRUPT', 'two members'),
        ('duplicate-metadata', safetensors(b'{"__metadata__":{"a":"1","a":"2"},"w":' + json.dumps(entry).encode() + b'}', GOOD), 'CORRUPT', 'two members'),
        ('metadata', safetensors(b'{"__metadata__":{"a":1}}'), 'CORRUPT', ''), ('dtype', safetensors({'w': {**entry, 'dtype': 'F8_E4M3'}}, GOOD), 'UNSUPPORTED', 'F8_E4M3'),
        ('lacks', safetensors({'w': {'dtype': 'F32', 'shape': [4]}}, GOOD), 'CORRUPT', 'lacks'), ('header-long', safetensors({}, length=1 << 62), 'TOO_LARGE', 'header'),
        ('header-beyond', safetensors({'w': entry}, GOOD, length=5000), 'TRUNCATED', 'header'), ('header-cut', safetensors({'w': entry}, GOOD, length=20), 'any', 'header'),
        ('header-empty', struct.pack('<Q', 0) + b'{', 'any', ''), ('nul', safetensors(b'{"a\\u0000b":' + json.dumps(entry).encode() + b'}', GOOD), 'CORRUPT', 'NUL'),
        ('utf8', safetensors(b'{"\xff\xfe":' + json.dumps(entry).encode() + b'}', GOOD), 'CORRUPT', 'UTF-8'), ('surrogate', safetensors(b'{"\\ud800":' + json.dumps(entry).encode() + b'}', GOOD), 'CORRUPT', 'surrogate'),
        ('nested', safetensors(b'{"w":{"x":' + b'[' * 100000 + b']' * 100000 + b'}}'), 'CORRUPT', 'deeply'), ('after', safetensors(b'{}x'), 'CORRUPT', 'after'), ('comma', safetensors(b'{,}'), 'CORRUPT', ''),
        ('name-long', safetensors({'n' * 5000: entry}, GOOD), 'TOO_LARGE', 'name'), ('name-control', safetensors({'a\nb\x1b': {**entry, 'shape': [3]}}, GOOD), 'CORRUPT', 'a?b?')):
    add(f'safe-{name}.safetensors', data, code, part)

# ---- NumPy ----
for name, data, code, part in (
        ('object', npy(NPY.replace('<f4', '|O')), 'UNSUPPORTED', "'|O' (Python objects)"), ('text', npy(NPY.replace('<f4', '<U4')), 'UNSUPPORTED', '<U4'), ('long-double', npy(NPY.replace('<f4', '<f16')), 'UNSUPPORTED', '<f16'),
        ('structured', npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,), }"), 'UNSUPPORTED', 'structured'), ('short', npy(NPY, GOOD[:-1]), 'CORRUPT', "element 3"), ('long', npy(NPY, GOOD + b'x'), 'CORRUPT', '17 follow'),
        ('overflow', npy(NPY.replace('(4,)', f'({1 << 62}, 8)')), 'TOO_LARGE', 'overflows'), ('overflow-fortran', npy(NPY.replace('(4,)', f'({1 << 62}, 8, 0)').replace('False', 'True')), 'TOO_LARGE', 'overflows'),
        ('number', npy(NPY.replace('(4,)', f'({1 << 70},)')), 'TOO_LARGE', 'overflows'), ('negative', npy(NPY.replace('(4,)', '(-4,)')), 'CORRUPT', 'whole number'), ('rank', npy(NPY.replace('(4,)', '(' + '1,' * 17 + ')')), 'TOO_LARGE', 'dimensions'),
        ('header-cut', npy(NPY, length=30), 'CORRUPT', ''), ('header-beyond', npy(NPY, length=60000), 'TRUNCATED', 'header'), ('version', npy(NPY, version=b'\x09\0'), 'UNSUPPORTED', '9.0'), ('nul', npy(NPY.replace(',)', ',)\0')), 'CORRUPT', 'text'),
        ('call', npy("{'descr': __import__('os').system('echo'), 'fortran_order': False, 'shape': (4,), }"), 'CORRUPT', 'string'), ('member', npy(NPY.replace('shape', 'shap')), 'CORRUPT', "'shap'"), ('twice', npy(NPY.replace('fortran_order', 'shape')), 'CORRUPT', ''),
        ('after', npy(NPY[:-1] + '{}'), 'CORRUPT', 'after'), ('missing', npy("{'descr': '<f4', }"), 'CORRUPT', 'missing'), ('magic-only', b'\x93NUMPY', 'TRUNCATED', ''), ('v2-cut', b'\x93NUMPY\2\0\xff\xff\xff', 'any', ''), ('v2-long', b'\x93NUMPY\2\0\xff\xff\xff\xff' + b' ' * 100, 'TOO_LARGE', '')):
    add(f'npy-{name}.npy', data, code, part)
add('npz-other.npz', archive([('a.npy', npy(NPY)), ('b.txt', b'')]), 'FORMAT', 'b.txt')
add('npz-object.npz', archive([('a.npy', npy(NPY.replace('<f4', '|O')))]), 'UNSUPPORTED', 'objects')

# ---- other kinds of file, by any name ----
for name, data, part in (('empty.pt', b'', 'empty'), ('png.pt', b'\x89PNG\r\n\x1a\n' + bytes(100), 'PNG'), ('jpeg.safetensors', b'\xff\xd8\xff\xe0' + bytes(100), 'JPEG'), ('html.pt', b'<!DOCTYPE html><html>' + bytes(10), 'HTML'),
                         ('lfs.pt', b'version https://git-lfs.github.com/spec/v1\noid sha256:abc\n', 'Git LFS'), ('gzip.pt', b'\x1f\x8b\x08' + bytes(50), 'gzip'), ('hdf5.pt', b'\x89HDF\r\n\x1a\n' + bytes(50), 'HDF5'), ('json.pt', b'{"a": 1}', 'JSON'), ('json-long.pt', b'{"abcde":{"a": 1}}', ''),
                         ('sqlite.pt', b'SQLite format 3\0' + bytes(80), 'SQLite'), ('text.pt', b'hello, world\n' * 10, 'not a checkpoint'), ('zeros.pt', bytes(1000), 'not a checkpoint'), ('pickle.pt', pickle.dumps({'a': 1}), 'magic number'), ('byte.pt', b'P', 'not a checkpoint'), ('DS_Store.pt', b'\0\0\0\1Bud1' + bytes(500), 'not a checkpoint')):
    add(f'kind-{name}', data, 'FORMAT', part)
os.mkdir(f'{out}/folder.pt')
made.append(f'{out}/folder.pt\tany\tfolder')
made.append(f'{out}/missing.pt\tany\tcannot be opened')
os.mkfifo(f'{out}/pipe.pt')
made.append(f'{out}/pipe.pt\tany\tregular')

# ---- every length of the good ones ----
for name, data in (('pt', good), ('legacy', good_legacy), ('safetensors', good_safe), ('npy', npy(NPY))):
    for n in range(len(data)):
        add(f'cut-{name}-{n}', data[:n], 'any')

open(f'{out}/list', 'w').write('\n'.join(made) + '\n')
