"""Tiny databases as PhysioNet publishes them, on the server of made-up files."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

_CODES = {'"': 22, "+": 28, "N": 1, "V": 5, "F": 6, "A": 8, "/": 12, "e": 34}  # of the MIT format
_CODES |= {"p": 24, "t": 27, "(": 39, ")": 40}


@pytest.fixture
def files_of():
    """Write a record as WFDB files: `files_of(path, signal, leads, fs=100, **marks)`.

    `signal` counts steps of 1/200 mV. Each of `marks`, named by its suffix, is a list of time
    steps, a str of symbols, and a dict of a mark's position to its text.
    """

    def write(path, signal, leads, *, fs=100, **marks):
        name = path.rpartition("/")[-1]
        lines = [f"{name}.dat 16 200/mV 16 0 0 0 0 {lead}" for lead in leads]
        head = f"{name} {len(leads)} {fs} {len(signal)}"
        files = {f"{path}.hea": "\n".join([head, *lines, ""]).encode()}
        files[f"{path}.dat"] = np.asarray(signal).astype("<i2").tobytes()
        for suffix, (time_steps, symbols, *texts) in marks.items():
            words = []
            for i, interval in enumerate(np.diff(time_steps, prepend=0)):
                words.append(_CODES[symbols[i]] << 10 | int(interval))
                if text := (texts[0] if texts else {}).get(i):
                    padded = text.encode().ljust(len(text) + len(text) % 2, b"\0")
                    words += [63 << 10 | len(text), *np.frombuffer(padded, "<u2").tolist()]
            files[f"{path}.{suffix}"] = np.array([*words, 0], "<u2").tobytes()
        return files

    return write


@pytest.fixture
def publish(server, monkeypatch):
    """Put files and their checksums on the server, as the database of a module."""

    def put(module, files, **declared):
        sums = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
        lines = "".join(f"{sha256} {name}\n" for name, sha256 in sums.items())
        server.files |= files | {"SHA256SUMS.txt": lines.encode()}
        monkeypatch.setattr(
            module, "_DATABASE", replace(module._DATABASE, url=server.url, **declared)
        )
        return sums

    return put


@pytest.fixture
def real(data_home):
    """Folder that holds a real database: `real("ludb")`; the test skips where it is absent."""

    def find(name):
        if not (data_home / name).is_dir():
            pytest.skip(f"no real recordings of {name} in {data_home}")
        return data_home

    return find
