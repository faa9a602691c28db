"""SCP-ECG, packed by hand."""

import struct

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_ecg.datasets import ECGFormatError, read_record

VALUES = np.array([4, 3, -5, 8, -8, 100, -20_000, 7, 7, 7], dtype=np.int64)


def pack_bits(bits):
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def huffman(values):
    """The standard's own codes: a one for each unit up to 8, or 8 or 16 bits of value."""
    bits = ""
    for value in map(int, values):
        if value == 0:
            bits += "0"
        elif abs(value) <= 8:
            bits += "1" * abs(value) + ("00" if value > 0 else "01")
        elif -128 <= value < 128:
            bits += f"1111111110{value & 255:08b}"
        else:
            bits += f"1111111111{value & 65535:016b}"
    return pack_bits(bits)


def rhythm(*leads, differences=0, bimodal=0, step_us=2000, nanovolts=1000):
    head = struct.pack("<HHBB", nanovolts, step_us, differences, bimodal)
    return head + struct.pack(f"<{len(leads)}H", *map(len, leads)) + b"".join(leads)


def ranges(*leads, flags=4):
    return bytes([len(leads), flags]) + b"".join(struct.pack("<IIB", *lead) for lead in leads)


DEFAULT = struct.pack("<H", 19999)


@pytest.fixture
def read(scp_of, tmp_path):
    def read(sections, **options):
        path = tmp_path / "r.scp"
        path.write_bytes(scp_of(sections))
        return read_record(path, **options)

    return read


@pytest.mark.parametrize("differences", [0, 1, 2])
def test_huffman_and_differences(read, differences):
    """They are added up, in 16 bits as devices do, from the first values on, which are no such."""
    stored = VALUES.copy()
    stored[differences:] = np.diff(VALUES, n=differences)
    stored = stored.astype(np.int16)
    record = read(
        {2: DEFAULT, 3: ranges((1, 10, 2)), 6: rhythm(huffman(stored), differences=differences)}
    )
    assert record.fs == 500
    assert record.lead_names == ("II",)
    assert_allclose(record.signal[:, 0], VALUES / 1000, rtol=1e-6)


def test_tables_of_a_device(read):
    """A device may bring its own codes, lowest bit first, and go from one table to another."""
    entry = "<BBBhI"
    first = [(1, 1, 1, 5, 0b0), (2, 2, 0, 2, 0b01), (2, 6, 1, -1, 0b11)]
    second = [(1, 1, 1, 9, 0b0), (1, 1, 0, 1, 0b1)]
    tables = struct.pack("<H", 2)
    for table in (first, second):
        tables += struct.pack("<H", len(table)) + b"".join(struct.pack(entry, *e) for e in table)
    # 5, to the second table, 9, 9, back, and -1 plus a value of four bits, which is -3
    bits = "0" + "10" + "0" + "0" + "1" + "11" + "1101"
    record = read({2: tables, 3: ranges((1, 4, 1)), 6: rhythm(pack_bits(bits))})
    assert_allclose(record.signal[:, 0], [0.005, 0.009, 0.009, -0.004], rtol=1e-6)


def test_leads_of_different_times(read):
    """A lead that begins later, or ends earlier, is NaN elsewhere; the rest is in its place."""
    data = np.array([1, 2], "<i2").tobytes()
    record = read({3: ranges((1, 2, 1), (3, 4, 61)), 6: rhythm(data, data)})
    nan = np.nan
    assert record.lead_names == ("I", "III")
    expected = np.float32([[0.001, nan], [0.002, nan], [nan, 0.001], [nan, 0.002]])
    assert_allclose(record.signal, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({3: ranges((1, 2, 1))}, "without a rhythm"),
        ({3: ranges((1, 2, 1), flags=5), 6: rhythm(bytes(4))}, "subtracting a reference beat"),
        ({3: ranges((1, 2, 1)), 6: rhythm(bytes(4), bimodal=1)}, "subtracting a reference beat"),
        ({3: ranges((1, 2, 1)), 6: rhythm(bytes(4), step_us=0)}, "contradicts itself"),
        ({3: ranges((1, 2, 1)), 6: rhythm(bytes(4), differences=3)}, "contradicts itself"),
        ({3: ranges((1, 2, 1)), 6: rhythm(bytes(2))}, "truncated lead"),
        ({3: ranges((2, 1, 1)), 6: rhythm(bytes(4))}, "ends before it begins"),
        ({3: ranges((1, 2**31, 1)), 6: rhythm(bytes(4))}, "too many for its"),
        ({2: DEFAULT, 3: ranges((1, 9, 1)), 6: rhythm(b"\0")}, "cannot be decoded"),
        ({2: DEFAULT, 3: ranges((1, 1, 1)), 6: rhythm(b"\xff\xff")}, "truncated lead"),
        ({2: b"\0\0", 3: ranges((1, 1, 1)), 6: rhythm(b"\0")}, "without a table"),
        ({2: b"\1\0\xff\xff", 3: ranges((1, 1, 1)), 6: rhythm(b"\0")}, "too many codes"),
    ],
)
def test_files_that_lie_are_refused(read, sections, message):
    """Each lie has its message."""
    with pytest.raises(ECGFormatError, match=message):
        read(sections)


def test_wrong_checksum_is_told(scp_of, tmp_path):
    """The signal is read, as many programs get their checksums wrong."""
    path = tmp_path / "r.scp"
    content = scp_of({3: ranges((1, 2, 1)), 6: rhythm(bytes(4))})
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    with pytest.warns(UserWarning, match=r"r\.scp is SCP-ECG with a wrong checksum"):
        assert read_record(path).n_timesteps == 2


def test_same_electrocardiogram_in_three_formats(data_home):
    """ECG Toolkit converted one recording to SCP-ECG, HL7 aECG and DICOM."""
    folder = data_home / "devices"
    leads = ["I", "II", "III", "aVR", "aVL", "aVF", *(f"V{number}" for number in range(1, 7))]
    scp = read_record(folder / "ecgtoolkit.scp", leads=leads)
    aecg = read_record(folder / "ecgtoolkit_aecg.xml", leads=leads)
    dicom = read_record(folder / "ecgtoolkit.dcm", leads=leads, file_array="rhythm")
    assert scp.fs == aecg.fs == dicom.fs == 500
    assert scp.signal.shape == (5000, 12)
    assert_allclose(scp.signal, aecg.signal, atol=1e-6)
    assert_array_equal(aecg.signal, dicom.signal)
