#!/usr/bin/python3
"""Writes checkpoints of every sort that PyTorch and NumPy write. Usage: make_checkpoints.py OUT

OUT/list: a path a line (and after a tab the file that holds the same, where PyTorch cannot read the first).
FILE.json beside a file is what its tree of values is to print as.
"""
import argparse
import collections
import dataclasses
import datetime
import enum
import io
import json
import pathlib
import pickle
import struct
import sys
import types
import zipfile

import numpy as np
import torch

import checkpoints

out = sys.argv[1]
made = []
torch.manual_seed(1)
DTYPES = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16,
          torch.int8, torch.uint8, torch.bool, torch.complex64, torch.complex128]


def add(name, same=None, tree=None):
    made.append(f'{out}/{name}' + (f'\t{out}/{same}' if same else ''))
    if tree is not None:
        with open(f'{out}/{name}.json', 'w') as f:
            json.dump(tree, f, separators=(',', ':'), ensure_ascii=False)
    return f'{out}/{name}'


def save(value, name, tree=None, **kwargs):
    torch.save(value, add(name, tree=tree), **kwargs)


def rezip(source, name, change=lambda n, data: (n, data), zip64=False, method=zipfile.ZIP_DEFLATED, same=None):
    """The same archive as other programs would pack it."""
    target = add(name, same or source)
    with zipfile.ZipFile(f'{out}/{source}') as old, zipfile.ZipFile(target, 'w', method) as new:
        for info in old.infolist():
            entry, data = change(info.filename, old.read(info))
            with new.open(entry, 'w', force_zip64=zip64) as f:
                f.write(data)


def every_dtype():
    result = {}
    for dtype in DTYPES:
        values = torch.randn(3, 5, 2) * 50
        result[str(dtype)] = values.to(torch.complex64).mul(1 + 2j).to(dtype) if dtype.is_complex else values.to(dtype)
    return result


# ---- dtypes, protocols, containers of the format ----
dtypes = every_dtype()
for protocol in (2, 3, 4, 5):
    save(dtypes, f'dtypes-protocol{protocol}.pt', pickle_protocol=protocol)
    save(dtypes, f'dtypes-legacy-protocol{protocol}.pt', pickle_protocol=protocol,
         _use_new_zipfile_serialization=False)
rezip('dtypes-protocol2.pt', 'deflated.pt')
rezip('dtypes-protocol2.pt', 'deflated-zip64.pt', zip64=True)
rezip('dtypes-protocol2.pt', 'stored-zip64.pt', zip64=True, method=zipfile.ZIP_STORED)
rezip('dtypes-protocol2.pt', 'renamed.pt', lambda n, d: (n.replace('dtypes-protocol2/', 'archive/'), d))
rezip('dtypes-protocol2.pt', 'no-prefix.pt', lambda n, d: (n.split('/', 1)[1], d), zip64=True)
rezip('dtypes-protocol2.pt', 'with-folders.pt', lambda n, d: ('a/b/' + n.split('/', 1)[1], d))

data = open(f'{out}/dtypes-protocol2.pt', 'rb').read()
at, changed = 0, bytearray(data)
while (at := data.find(b'PK\1\2', at)) >= 0:  # torch.serialization.set_crc32_options (False)
    changed[at + 16:at + 20] = bytes(4)
    offset, = struct.unpack_from('<I', data, at + 42)
    if offset != 0xffffffff and data[offset:offset + 4] == b'PK\3\4':
        changed[offset + 14:offset + 18] = bytes(4)
    at += 4
open(add('without-crc.pt', 'dtypes-protocol2.pt'), 'wb').write(changed)

# As a big-endian machine writes it.
keys = {str(i): t for i, t in enumerate(dtypes.values())}


def swap(name, entry):
    tail = name.split('/data/')
    if len(tail) == 2:
        tensor = keys[tail[1]]
        width = tensor.element_size() // (2 if tensor.is_complex() else 1)
        entry = np.frombuffer(entry, np.uint8).reshape(-1, width)[:, ::-1].tobytes()
    return name, entry


rezip('dtypes-protocol2.pt', 'big-endian.pt', swap, method=zipfile.ZIP_STORED)
with zipfile.ZipFile(f'{out}/big-endian.pt', 'a') as archive:
    archive.writestr('dtypes-protocol2/byteorder', 'big')

# ---- views and storages ----
base = torch.arange(4 * 6 * 5, dtype=torch.float32).reshape(4, 6, 5)
views = {
    'base': base, 'transposed': base.transpose(0, 2), 'permuted': base.permute(1, 2, 0), 'slice': base[1:3, ::2, 1:4],
    'column': base[:, 0, 0], 'element': base[3, 5, 4], 'flat': base.view(-1)[7:100], 'step': base.view(-1)[3:90:7],
    'expanded': base[:, :1, :1].expand(4, 3, 2), 'expanded_first': base[0, 0].expand(3, 5),
    'windows': base.view(-1).unfold(0, 5, 2), 'empty': base[:, :0], 'empty_far': torch.empty(0, 3), 'one': base[:1, :1, :1],
    'half_transposed': base.half().transpose(0, 1), 'bool_strided': (base > 30)[:, ::3], 'scalar': torch.tensor(2.5),
    'wide': torch.randn(700, 300).t(), 'long_strided': torch.arange(3000)[::3], 'complex_t': torch.randn(4, 3, dtype=torch.complex64).t(),
}
save(views, 'views.pt')
save(views, 'views-legacy.pt', _use_new_zipfile_serialization=False)
rezip('views.pt', 'views-deflated.pt')
save({'weights': torch.randn(1100, 1050).t(), 'more': torch.randn(1050, 1100).double().t()}, 'beyond-a-window.pt')
rezip('beyond-a-window.pt', 'beyond-a-window-deflated.pt')
tag = torch.serialization.location_tag
for location in ('cuda:0', 'cuda:13', 'mps', 'xla:0', 'meta-like'):
    torch.serialization.location_tag = lambda storage: location
    save({'W_enc': base, 'b': base[0, 0]}, f"on-{location.replace(':', '-')}.pt")
    save({'W_enc': base}, f"legacy-on-{location.replace(':', '-')}.pt", _use_new_zipfile_serialization=False)
torch.serialization.location_tag = tag


class TensorOfOurs(torch.Tensor):
    pass


TensorOfOurs.__module__ = 'cytosae_fake.tensors'
fake = types.ModuleType('cytosae_fake')
fake_tensors = types.ModuleType('cytosae_fake.tensors')
fake_tensors.TensorOfOurs = TensorOfOurs
fake_config = types.ModuleType('cytosae_fake.config')
sys.modules.update({'cytosae_fake': fake, 'cytosae_fake.tensors': fake_tensors, 'cytosae_fake.config': fake_config})
parameter = torch.nn.Parameter(torch.randn(3, 4))
extra = torch.nn.Parameter(torch.randn(2))
extra.note = 'an attribute'
ours = torch.randn(4).as_subclass(TensorOfOurs)
ours.note = 'another'
save({'p': parameter, 'again': parameter, 'frozen': torch.nn.Parameter(torch.ones(2), requires_grad=False),
      'sub': ours, 'grad': torch.randn(2, requires_grad=True), 'extra': extra},
     'parameters.pt')
del sys.modules['cytosae_fake.tensors']
model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
optimizer = torch.optim.Adam(model.parameters())
model(torch.randn(5, 3)).sum().backward()
optimizer.step()
save({'model': model.state_dict(), 'optimizer': optimizer.state_dict(), 'epoch': 3, 'best': None}, 'training.pt')
save(model, 'module.pt')
save(model, 'module-legacy.pt', _use_new_zipfile_serialization=False)
save(base[2], 'root.pt', tree={'tensor': 0})
save([base, (base[0], {'x': base[1]})], 'list.pt', tree=[{'tensor': 0}, [{'tensor': 1}, {'x': {'tensor': 2}}]])
save({}, 'nothing.pt', tree={})

# PyTorch 2: untyped storages and _rebuild_tensor_v3.


class V3:
    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce__(self):
        t = self.tensor
        return torch._utils._rebuild_tensor_v3, (t.storage(), t.storage_offset(), tuple(t.size()), t.stride(), False,
                                                 collections.OrderedDict(), t.dtype)


class V3Pickler(pickle.Pickler):
    def persistent_id(self, value):
        if isinstance(value, torch.storage.TypedStorage):
            untyped = value._storage
            key = str(len(storages))
            storages.append(bytes(untyped.tolist()))
            return 'storage', torch.UntypedStorage, key, 'cpu', untyped.nbytes()


storages, stream = [], io.BytesIO()
V3Pickler(stream, 2).dump({'f': V3(base[1]), 'h': V3(base.half().t() if base.dim() == 2 else base.half()[2]),
                           'i': V3(torch.arange(7)[3:])})
with zipfile.ZipFile(add('untyped.pt'), 'w') as archive:
    archive.writestr('archive/data.pkl', stream.getvalue())
    archive.writestr('archive/version', '3\n')
    for i, raw in enumerate(storages):
        archive.writestr(f'archive/data/{i}', raw)


# ---- values ----
class Mode(enum.Enum):
    RELU = 'relu'
    TOPK = 2


class Level(enum.IntEnum):
    HIGH = 3


@dataclasses.dataclass
class Inner:
    rate: float = 3e-4
    where: object = pathlib.PurePosixPath('/data/pbc/train')


@dataclasses.dataclass
class Config:
    d_in: int = 192
    name: str = 'pbc ünïcode ✓'
    inner: Inner = dataclasses.field(default_factory=Inner)
    dtype: object = torch.float16
    device: object = torch.device('cuda', 1)
    betas: tuple = (0.9, 0.999)
    nothing: object = None
    flag: bool = True


class Slots:
    __slots__ = ('a', 'b')


class Child:
    pass


class Settings(dict):
    pass


class Names(list):
    pass


Pair = collections.namedtuple('Pair', 'x y')
for cls in (Mode, Level, Inner, Config, Slots, Child, Settings, Names, Pair):
    cls.__module__ = 'cytosae_fake.config'
    cls.__qualname__ = cls.__name__
    setattr(fake_config, cls.__name__, cls)


def record(name, /, **members):
    return {'__class__': 'cytosae_fake.config.' + name, **members}


slots = Slots()
slots.a, slots.b = 1, [2]
parent, child = Child(), Child()
parent.child, child.parent, child.x = child, parent, 5
settings = Settings(depth=3)
settings.frozen = True
big = {f'key{i}': i for i in range(100)}
shared = [1, 2]
values = {
    'cfg': Config(), 'state_dict': {'W': base[0]}, 'slots': slots, 'parent': parent, 'settings': settings,
    'names': Names(['a', 'b']), 'pair': Pair(1, 'y'), 'big': big, 'ints': [0, 1, -1, 255, 256, 65535, 65536, -2**31, 2**31, 2**63 - 1, -2**63],
    'floats': [0.5, -1e-30, 1e300, float('inf'), float('-inf'), float('nan')], 'bytes': b'\x00\xff', 'array': bytearray(b'abc'),
    'nested': {1: {2.5: [None, True, False]}, (1, 'a'): 0, None: 1, True and 'yes': 2}, 'shared': [shared, shared],
    'size': torch.Size([2, 3]), 'dtype': torch.bfloat16, 'device': torch.device('cpu'), 'long': 'x' * 300,
    'default': collections.defaultdict(list, {'a': [1]}), 'count': collections.Counter('aab'), 'deque': collections.deque([1, 2], 5),
    'ordered': collections.OrderedDict([('z', 1), ('a', 2)]), 'namespace': argparse.Namespace(lr=0.1), 'simple': types.SimpleNamespace(a=1),
    'np': [np.float64(0.25), np.float32(0.5), np.float16(2), np.int64(-7), np.uint8(200), np.bool_(True)],
    'set': {7}, 'frozen': frozenset(['f']), 'complex': 1 + 2j, 'empty': [(), [], {}, '', b''], 'type': torch.nn.ReLU, 'function': torch.nn.functional.relu,
    'partial_class': int, 'layout': torch.strided, 'range': range(1, 9, 2),
}
tree = {
    'cfg': record('Config', d_in=192, name='pbc ünïcode ✓', inner=record('Inner', rate=3e-4, where='/data/pbc/train'), dtype='torch.float16',
                  device='cuda:1', betas=[0.9, 0.999], nothing=None, flag=True),
    'state_dict': {'W': {'tensor': 0}}, 'slots': record('Slots', a=1, b=[2]),
    'parent': record('Child', child=record('Child', parent=record('Child'), x=5)), 'settings': record('Settings', depth=3, frozen=True),
    'names': record('Names', **{'0': 'a', '1': 'b'}), 'pair': record('Pair', args=[1, 'y']), 'big': big, 'ints': values['ints'],
    'floats': [0.5, -1e-30, 1e300, 'Infinity', '-Infinity', 'NaN'], 'bytes': {'base64': 'AP8='}, 'array': {'base64': 'YWJj'},
    'nested': {'1': {'2.5': [None, True, False]}, '[1,"a"]': 0, 'None': 1, 'yes': 2}, 'shared': [[1, 2], [1, 2]],
    'size': [2, 3], 'dtype': 'torch.bfloat16', 'device': 'cpu', 'long': 'x' * 300, 'default': {'a': [1]}, 'count': {'a': 2, 'b': 1}, 'deque': [1, 2],
    'ordered': {'z': 1, 'a': 2}, 'namespace': {'__class__': 'argparse.Namespace', 'lr': 0.1}, 'simple': {'__class__': 'types.SimpleNamespace', 'a': 1},
    'np': [0.25, 0.5, 2.0, -7, 200, True], 'set': [7], 'frozen': ['f'], 'complex': {'__class__': 'builtins.complex', 'args': [1.0, 2.0]},
    'empty': [[], [], {}, '', {'base64': ''}], 'type': 'torch.nn.modules.activation.ReLU', 'function': 'torch.nn.functional.relu',
    'partial_class': 'builtins.int', 'layout': None, 'range': {'__class__': 'builtins.range', 'args': [1, 9, 2]},
}
del values['layout'], tree['layout']
for protocol in (2, 3, 4, 5):
    save(values, f'values-protocol{protocol}.pt', tree, pickle_protocol=protocol)
    save(values, f'values-legacy-protocol{protocol}.pt', tree, pickle_protocol=protocol, _use_new_zipfile_serialization=False)


class Reduced:
    def __init__(self, *how):
        self.how = how

    def __reduce__(self):
        return self.how


# Python writes members of enumerations as getattr (class, name) or as class (value), by its version.
save({'mode': Mode.TOPK, 'levels': [Level.HIGH], 'cfg': Config(flag=Mode.RELU)}, 'enums.pt')
save({'name': Reduced(getattr, (Mode, 'TOPK')), 'value': Reduced(Mode, (2,))}, 'enum-forms.pt',
     {'name': 'cytosae_fake.config.Mode.TOPK', 'value': record('Mode', args=[2])})
save({'when': datetime.datetime(2024, 1, 2), 'w': base}, 'dates.pt')
arrays = {'c': np.arange(6, dtype='<i4').reshape(2, 3), 'f': np.asfortranarray(np.arange(6, dtype='<f8').reshape(2, 3)),
          'big': np.arange(4, dtype='>f4'), 'b': np.array([True, False]), 'h': np.float16([1, 2]), 'zero': np.array(3.5), 'none': np.zeros((0, 2)),
          'texts': {'skipped': 1}}
for protocol in (2, 5):
    save(arrays, f'numpy-protocol{protocol}.pt', pickle_protocol=protocol)
del sys.modules['cytosae_fake.config'], sys.modules['cytosae_fake']

# ---- NumPy ----
halves = np.arange(65536, dtype=np.uint32).astype(np.uint16)
np.save(add('halves.npy'), halves.view(np.float16).reshape(256, 256))
for kind in ('<f8', '<f4', '<i8', '<i4', '<i2', '|i1', '<u8', '<u4', '<u2', '|u1', '|b1', '<c8', '<c16', '>f4', '>f8', '>i2', '>u8', '>c8', '>f2'):
    array = (np.random.RandomState(2).randn(4, 3, 5) * 1000).astype(kind)
    np.save(add(f"array-{kind.replace('<', 'le').replace('>', 'be').replace('|', '')}.npy"), array)
np.save(add('fortran.npy'), np.asfortranarray(np.random.RandomState(3).randn(7, 5, 3)))
np.save(add('scalar.npy'), np.array(4.25))
np.save(add('none.npy'), np.zeros((3, 0, 2), '<f4'))
for version in ((1, 0), (2, 0), (3, 0)):
    with open(add(f'version{version[0]}.npy'), 'wb') as f:
        np.lib.format.write_array(f, np.arange(10, dtype='<f4'), version)
header = b"{'descr': '<i8', 'fortran_order': False, 'shape': (2L, 3L), }"
header += b' ' * (63 - (len(header) + 10) % 64) + b'\n'
open(add('python2.npy'), 'wb').write(b'\x93NUMPY\1\0' + struct.pack('<H', len(header)) + header + np.arange(6, dtype='<i8').tobytes())
np.savez(add('stored.npz'), a=np.arange(5), **{'b.weight': np.ones((2, 2), '<f4')})
np.savez_compressed(add('deflated.npz'), a=np.zeros(50000, '<f4'), b=np.arange(12).reshape(3, 4).T)


# ---- safetensors ----
def write_safetensors(name, entries, metadata=None, pad=0):
    names = {v: k for k, v in checkpoints.SAFETENSORS.items()}
    header, data = {} if metadata is None else {'__metadata__': metadata}, b''
    for key, tensor in entries.items():
        raw = checkpoints.as_bytes(tensor)[1]
        header[key] = {'dtype': names[tensor.dtype], 'shape': list(tensor.shape), 'data_offsets': [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode() + b' ' * pad
    open(add(name, tree=metadata or {}), 'wb').write(struct.pack('<Q', len(text)) + text + data)


write_safetensors('all.safetensors', {k: v for k, v in dtypes.items() if v.dtype != torch.complex128} | {'ünï "x" \\': base, 'e': torch.empty(0, 2)},
                  {'format': 'pt', 'ключ': 'line\nbreak \U0001f600'}, 7)
write_safetensors('none.safetensors', {})

with open(f'{out}/list', 'w') as f:
    f.write('\n'.join(made) + '\n')
