"""Read one HDF5 file: a program that `_hdf5` runs as a process of its own.

The HDF5 library is written in C, and damaged files crash it or keep it busy for ever. The process
writes a line of JSON that lists the data sets, reads one with the names of some, and writes a line
of what the file says of the first and then the arrays, as NumPy saves them. It imports nothing of
this package.
"""

import json
import math
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np

_MAX_NODES = 10_000
_MAX_TEXT_BYTES = 2**16


def find_data_sets(file):
    """Find the data sets of numbers that lie in this file itself."""
    found, n_nodes = {}, 0

    def visit(name, node):
        nonlocal n_nodes
        n_nodes += 1
        # MATLAB's references, and data that lie in other files or are made of others, are none.
        if (
            isinstance(node, h5py.Dataset)
            and not name.startswith("#")
            and node.shape is not None
            and node.dtype.kind in "iuf"
            and not node.is_virtual
            and not node.external
        ):
            found[name] = node
        return True if n_nodes > _MAX_NODES else None  # which ends the visit

    file.visititems(visit)  # which does not follow links to other files
    return found


def read_attributes(node):
    """Read the small attributes of numbers or texts."""
    found = {}
    for key in node.attrs:
        attribute = node.attrs.get_id(key)
        # Of an empty one, such as a title of PyTables, the library does not tell the size.
        n_values = attribute.get_space().get_simple_extent_npoints()
        if (
            n_values
            and attribute.dtype.kind in "iufSO"
            and attribute.get_storage_size() <= _MAX_TEXT_BYTES
            and (values := _plain(node.attrs[key]))
        ):
            found[key] = values
    return found


def _plain(values):
    """List numbers or texts; none if there is anything else, such as a reference or a list."""
    plain = [
        value.decode(errors="replace") if isinstance(value, bytes) else value
        for value in np.ravel(values).tolist()
    ]
    return plain if all(isinstance(value, str | int | float) for value in plain) else []


def describe(data_set, found):
    """List what the file says of a data set, from itself upwards: attributes, single numbers.

    The numbers are of the data sets that were found, because a group may have links to other files.
    """
    numbers = {name: node for name, node in found.items() if node.size == 1}
    said, node = [(data_set.name, read_attributes(data_set))], data_set
    while node.name != "/":
        node = node.parent
        read = read_attributes(node)
        for name, number in numbers.items():
            group, _, key = name.rpartition("/")
            if group == node.name.strip("/") and (values := _plain(number[...])):
                read[key] = values
        said.append((node.name, read))
    return said


def _limit(seconds, n_bytes):
    """Limit the time of the processor, and the memory, beyond what this process has by now."""
    try:
        import resource
    except ImportError:  # on Windows, where the other process ends this one
        return
    wanted = {resource.RLIMIT_CPU: seconds + math.ceil(time.process_time())}
    with suppress(OSError):  # not on macOS, which does not tell its memory so
        n_pages = int(Path("/proc/self/statm").read_text().split()[0])
        wanted[resource.RLIMIT_AS] = n_pages * resource.getpagesize() + n_bytes
    for limit, most_wanted in wanted.items():
        most, _ = resource.getrlimit(limit)  # which a batch queue may have set
        if most == resource.RLIM_INFINITY or most_wanted < most:
            # Both limits, because the signal of the first may be ignored, or leave a core file.
            resource.setrlimit(limit, (most_wanted, most_wanted))


def _answer(content):
    sys.stdout.buffer.write(json.dumps(content).encode() + b"\n")
    sys.stdout.buffer.flush()


def main(path, seconds, n_bytes):
    """List the data sets, and hand over those that are asked for."""
    _limit(int(seconds), int(n_bytes))
    with h5py.File(path, "r", locking=False) as file:
        found = find_data_sets(file)
        sensors = {
            name: read_attributes(node).get("sensor", [""])[0] for name, node in found.items()
        }
        _answer([(name, node.shape, sensors[name]) for name, node in found.items()])
        wanted = [found[name] for name in json.loads(sys.stdin.buffer.readline())]
        _answer(describe(wanted[0], found))
        for data_set in wanted:
            # Of a file NumPy asks the position, which a pipe does not have.
            np.save(SimpleNamespace(write=sys.stdout.buffer.write), data_set[...])


if __name__ == "__main__":
    main(*sys.argv[1:])
