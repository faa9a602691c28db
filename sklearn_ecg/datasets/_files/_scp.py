"""Read SCP-ECG (EN 1064), with the codes of Huffman or without."""

import struct
from binascii import crc_hqx
from functools import partial

import numpy as np

from sklearn_ecg.datasets._files._contents import (
    Channel,
    Contents,
    ECGFormatError,
    check_n_leads,
    check_n_values,
)

# Codes of leads, which DICOM and ISO/IEEE 11073 have as well.
LEADS = {1: "I", 2: "II", 61: "III", 62: "aVR", 63: "aVL", 64: "aVF", 66: "V8", 67: "V9"}
LEADS |= {2 + number: f"V{number}" for number in range(1, 8)}
LEADS |= {11: "V3R", 12: "V4R", 13: "V5R", 14: "V6R", 16: "X", 17: "Y", 18: "Z"}
_SECTION_HEADER = 16
_DEFAULT_TABLE = 19999
_MAX_CODES = 4096


def matches(head, path):
    """Check whether the first section is that of SCP-ECG."""
    return head[16:22] == b"SCPECG"


def read(path, options):
    """Read the rhythm, which is the sixth section."""
    content = path.read_bytes()
    sections = _find_sections(content)
    if not {3, 6} <= set(sections):
        raise ECGFormatError("is SCP-ECG without a rhythm")
    n_leads, flags = struct.unpack_from("<BB", sections[3])
    check_n_leads(n_leads)
    leads = [struct.unpack_from("<IIB", sections[3], 2 + 9 * i) for i in range(n_leads)]
    nanovolts, step_us, differences, is_bimodal = struct.unpack_from("<HHBB", sections[6])
    if flags & 1 or is_bimodal:
        raise ECGFormatError(
            "is SCP-ECG compressed by subtracting a reference beat, which is not read: export it "
            "without that compression, or as DICOM or HL7 aECG"
        )
    if not (nanovolts and step_us and differences <= 2):
        raise ECGFormatError("is SCP-ECG whose rhythm contradicts itself")
    first = min(start for start, _, _ in leads)
    n_timesteps = max(end for _, end, _ in leads) - first + 1
    if any(start < 1 or end < start for start, end, _ in leads):
        raise ECGFormatError("is SCP-ECG with a lead that ends before it begins")
    check_n_values(n_timesteps * n_leads, len(content))
    tables = _read_tables(sections[2]) if sections.get(2) else None
    sizes = struct.unpack_from(f"<{n_leads}H", sections[6], 6)
    channels, at = [], 6 + 2 * n_leads
    for (start, end, code), size in zip(leads, sizes, strict=True):
        values = partial(
            _values,
            sections[6][at : at + size],
            end - start + 1,
            tables=tables,
            differences=differences,
            start=start - first,
            n_timesteps=n_timesteps,
            nanovolts=nanovolts,
        )
        channels.append(Channel(LEADS.get(code, f"lead {code}"), "nV", 1e6 / step_us, values))
        at += size
    contents = Contents(channels)
    checksum, n_bytes = struct.unpack_from("<HI", content)
    if crc_hqx(content[2:n_bytes], 0xFFFF) != checksum:
        contents.note = "is SCP-ECG with a wrong checksum: it may be damaged"
    if options.keeps_metadata:
        contents.metadata = dict(_tags(sections.get(1, b"")))
    return contents


def _find_sections(content):
    """Find the content of each section, by the pointers in the first."""
    (length,) = struct.unpack_from("<I", content, 10)
    sections = {}
    for at in range(6 + _SECTION_HEADER, min(6 + length, len(content)) - 9, 10):
        number, n_bytes, start = struct.unpack_from("<HII", content, at)
        if n_bytes > _SECTION_HEADER:
            if start < 1 or start - 1 + n_bytes > len(content):
                raise ECGFormatError(
                    "is SCP-ECG with a section beyond its end: it may be truncated"
                )
            sections[number] = content[start - 1 + _SECTION_HEADER : start - 1 + n_bytes]
    return sections


def _tags(section):
    """Parse the fields of the first section on the patient and the recording."""
    at = 0
    while at + 3 <= len(section) and section[at] != 255:
        tag, length = struct.unpack_from("<BH", section, at)
        yield f"tag {tag}", section[at + 3 : at + 3 + length].strip(b"\0").decode("latin-1")
        at += 3 + length


def _read_tables(section):
    """Read tables of codes.

    A table tells for the bits of each code how many bits of value follow, what to add to them, and
    whether that is not a value at all, but the number of the table to go on with.
    """
    (n_tables,) = struct.unpack_from("<H", section)
    if n_tables == _DEFAULT_TABLE:
        return [_default_table()]
    tables, at, n_codes = [], 2, 0
    for _ in range(n_tables):
        (count,) = struct.unpack_from("<H", section, at)
        n_codes += count
        if n_codes > _MAX_CODES:
            raise ECGFormatError("is SCP-ECG with too many codes")
        table = {}
        for i in range(count):
            prefix, total, is_value, value, code = struct.unpack_from(
                "<BBBhI", section, at + 2 + 9 * i
            )
            if not 1 <= prefix <= min(total, 32):
                raise ECGFormatError("is SCP-ECG with a code of impossible length")
            bits = f"{code:032b}"[::-1][:prefix]  # the first bit is the lowest
            table[bits] = total - prefix, value, not is_value
        at += 2 + 9 * count
        tables.append(table)
    if not tables:
        raise ECGFormatError("is SCP-ECG without a table of codes")
    return tables


def _default_table():
    """Make the table of the standard: few bits for small differences, or 8 or 16 for others."""
    table = {"0": (0, 0, False), "1" * 9 + "0": (8, 0, False), "1" * 10: (16, 0, False)}
    for size in range(1, 9):
        table["1" * size + "00"] = 0, size, False
        table["1" * size + "01"] = 0, -size, False
    return table


def _decode(data, count, tables):
    """Decode values of Huffman's codes."""
    n_bits = 8 * len(data)
    bits = f"{int.from_bytes(data, 'big'):0{n_bits}b}" if data else ""
    all_lengths = [sorted({len(code) for code in table}) for table in tables]
    table, lengths, values, at = tables[0], all_lengths[0], [], 0
    while len(values) < count:
        for length in lengths:
            entry = table.get(bits[at : at + length])
            if entry is not None:
                break
        else:
            raise ECGFormatError(
                "is SCP-ECG with a lead that cannot be decoded: it may be truncated"
            )
        n_more, value, is_switch = entry
        at += length
        if is_switch:
            if not 1 <= value <= len(tables):
                raise ECGFormatError("is SCP-ECG with a code that leads nowhere")
            table, lengths = tables[value - 1], all_lengths[value - 1]
        else:
            if n_more:
                if at + n_more > n_bits:
                    raise ECGFormatError("is SCP-ECG with a truncated lead")
                more = int(bits[at : at + n_more], 2)
                value += more - (more >> (n_more - 1) << n_more)
                at += n_more
            values.append(value)
    return np.array(values, dtype=np.int64)


def _values(data, count, *, tables, differences, start, n_timesteps, nanovolts):
    """Decode a lead, add its differences up, and put it at its place, with NaN around it."""
    if tables is not None:
        counts = _decode(data, count, tables)
    elif len(data) < 2 * count:
        raise ECGFormatError("is SCP-ECG with a truncated lead")
    else:
        counts = np.frombuffer(data, "<i2", count).astype(np.int64)
    if differences == 1:
        counts = np.cumsum(counts)
    elif differences == 2 and len(counts) > 2:
        slopes = np.cumsum(np.concatenate([[counts[1] - counts[0]], counts[2:]]))
        counts = counts[0] + np.concatenate([[0], np.cumsum(slopes)])
    values = np.full(n_timesteps, np.nan, dtype=np.float32)
    values[start : start + count] = counts.astype(np.int16)  # the device counted so
    return values * np.float32(nanovolts)
