"""What the scripts about checkpoints share: reading with stand-ins for classes that are not installed."""
import pickle
import struct
import types

import numpy as np
import torch


def rebuild_tensor_v3(storage, offset, size, stride, requires_grad, hooks, dtype, metadata=None):
    """torch._utils._rebuild_tensor_v3 of PyTorch 2, for distributions that have an older one."""
    untyped = storage._storage if hasattr(storage, '_storage') else storage
    return torch.empty(0, dtype=dtype).set_(
        torch.storage.TypedStorage(wrap_storage=untyped, dtype=dtype), offset, size, stride)


if not hasattr(torch._utils, '_rebuild_tensor_v3'):
    rebuild_tensor_v3.__module__ = 'torch._utils'
    rebuild_tensor_v3.__name__ = rebuild_tensor_v3.__qualname__ = '_rebuild_tensor_v3'
    torch._utils._rebuild_tensor_v3 = rebuild_tensor_v3


class Members(type):
    def __getattr__(cls, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return f'{cls.__module__}.{cls.__name__}.{name}'


class Record(metaclass=Members):
    """Stands for an object of a class that is not installed; members of the class (enumerations) are texts."""

    def __init__(self, *args, **kwargs):
        self.args = list(args)

    def __setstate__(self, state):
        for part in state if isinstance(state, tuple) else (state,):
            self.__dict__.update(part or {})


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        try:
            return super().find_class(module, name)
        except (ImportError, AttributeError):
            base = {'TensorOfOurs': torch.Tensor, 'Settings': dict, 'Names': list}.get(name, Record)
            return type(base)(name, (base,), {'__module__': module})


stand_in = types.ModuleType('stand_in')
stand_in.__dict__.update({k: v for k, v in vars(pickle).items() if not k.startswith('__')})
stand_in.Unpickler = Unpickler
stand_in.load = lambda f, **kwargs: Unpickler(f, **kwargs).load()
torch.serialization.pickle = stand_in  # PyTorch 1.13 forgets the argument pickle_module

SAFETENSORS = {
    'F64': torch.float64, 'F32': torch.float32, 'F16': torch.float16, 'BF16': torch.bfloat16, 'I64': torch.int64,
    'I32': torch.int32, 'I16': torch.int16, 'I8': torch.int8, 'U8': torch.uint8, 'BOOL': torch.bool,
    'C64': torch.complex64}


def read_safetensors(path):
    import json
    data = open(path, 'rb').read()
    n, = struct.unpack('<Q', data[:8])
    header = json.loads(data[8:8 + n])
    result = {}
    for name, entry in header.items():
        if name == '__metadata__':
            continue
        begin, end = entry['data_offsets']
        raw = bytearray(data[8 + n + begin:8 + n + end])
        dtype = SAFETENSORS[entry['dtype']]
        flat = torch.frombuffer(raw, dtype=dtype) if raw else torch.empty(0, dtype=dtype)
        result[name] = flat.reshape(entry['shape'])
    return result


def read(path):
    head = open(path, 'rb').read(9)
    if head[:6] == b'\x93NUMPY':
        return np.load(path)
    if head[8:9] == b'{':
        return read_safetensors(path)
    if path.endswith('.npz'):
        return dict(np.load(path))
    return torch.load(path, map_location='cpu', pickle_module=stand_in)


def tensors(value, name='', path=()):
    """(dotted name, tensor or array) of every tensor below a value, in its order."""
    def children():
        if isinstance(value, dict):
            return value.items()
        if isinstance(value, (list, tuple, set, frozenset)):
            return enumerate(value)
        return vars(value).items() if hasattr(value, '__dict__') and not isinstance(value, type) else ()
    if isinstance(value, (torch.Tensor, np.ndarray)):
        yield name, value
        return
    if id(value) in path:  # an object that refers back to what holds it
        return
    for key, child in children():
        yield from tensors(child, f'{name}.{key}' if name else str(key), path + (id(value),))


def as_bytes(tensor):
    """dtype as PyTorch names it, bytes in C order and little-endian, the same as float32 (None if complex)."""
    if isinstance(tensor, np.ndarray):
        array = np.ascontiguousarray(tensor)
        array = array.astype(array.dtype.newbyteorder('<')).reshape(tensor.shape)
        kind = array.dtype.name
        floats = None if kind.startswith('complex') else array.astype('<f4').tobytes()
        return kind, array.tobytes(), floats
    tensor = tensor.detach().as_subclass(torch.Tensor).contiguous()
    kind = str(tensor.dtype).replace('torch.', '')
    if tensor.numel() == 0:
        return kind, b'', None if tensor.is_complex() else b''
    floats = None if tensor.is_complex() else tensor.float().numpy().tobytes()
    if tensor.dtype == torch.bfloat16:
        return kind, tensor.view(torch.int16).numpy().tobytes(), floats
    return kind, tensor.numpy().tobytes(), floats
