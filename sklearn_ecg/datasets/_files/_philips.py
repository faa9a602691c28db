"""Read the XML of Philips (Sierra ECG), with its compression XLI or without."""

from functools import partial

import numpy as np

from sklearn_ecg.datasets._files._contents import (
    Channel,
    Contents,
    ECGFormatError,
    check_gain,
    check_n_leads,
    check_n_values,
)
from sklearn_ecg.datasets._files._xml import (
    decode_base64,
    describe,
    integers_of,
    parse_xml,
    root_name,
    text_of,
    value_of,
)
from sklearn_ecg.utils._leads import TWELVE_LEADS

_CODE_BITS = 10
_END = 2**_CODE_BITS - 1


def matches(head, path):
    """Check whether a file is XML of a resting electrocardiogram of Philips."""
    return root_name(head) == "restingecgdata"


def read(path, options):
    """Read the rhythm."""
    root = parse_xml(path)
    signal, waveforms = root.find(".//signalcharacteristics"), root.find(".//parsedwaveforms")
    if signal is None or waveforms is None:
        raise ECGFormatError("is Philips XML without a rhythm")
    if waveforms.get("dataencoding", "").casefold() != "base64":
        raise ECGFormatError("is Philips XML with values in an encoding that is not read")
    names = tuple(waveforms.get("leadlabels", "").split())
    n_leads = int(waveforms.get("numberofleads") or text_of(signal, "numberchannelsallocated"))
    names = names[:n_leads] or TWELVE_LEADS
    check_n_leads(n_leads)
    if len(names) != n_leads:
        raise ECGFormatError("is Philips XML that does not name its leads")
    fs = float(text_of(signal, "samplingrate"))
    duration_s = int(value_of(root, ".//parsedwaveforms", "durationperchannel")) / 1000
    n_timesteps = round(duration_s * fs)
    check_n_values(n_timesteps * n_leads, path.stat().st_size)
    microvolts = check_gain(
        waveforms.get("resolution")
        or text_of(signal, "resolution", "")
        or text_of(signal, "signalresolution")  # as version 1.03 has it
    )
    zero = int(text_of(signal, "signaloffset", "0") or 0)
    channels = [
        Channel(name, "uV", fs, partial(_values, counts, zero, microvolts))
        for name, counts in zip(names, _decode(waveforms, names, n_timesteps), strict=True)
    ]
    return Contents(channels, metadata=describe(root) if options.keeps_metadata else {})


def _decode(waveforms, names, n_timesteps):
    """Decode the counts of all leads, of shape (n_leads, n_timesteps)."""
    n_leads, text = len(names), waveforms.text or ""
    compression = waveforms.get("compressmethod") or waveforms.get("compression") or ""
    if compression.casefold() in ("", "none", "uncompressed"):
        counts = integers_of(text)
        if len(counts) < n_leads * n_timesteps:
            raise ECGFormatError("is Philips XML with a rhythm that is not as long as it says")
        return counts[: n_leads * n_timesteps].reshape(n_leads, n_timesteps)
    if compression.upper() != "XLI":
        raise ECGFormatError("is Philips XML with a compression that is not read")
    leads = _decode_xli(text, n_leads, n_timesteps)
    if names[:6] == TWELVE_LEADS[:6]:
        _complete_limb_leads(leads)
    return leads


def _values(counts, zero, microvolts):
    return (counts.astype(np.float64) - zero) * microvolts


def _decode_xli(text, n_leads, n_timesteps):
    """Decode leads one by one: their size, their first slope, and codes of LZW."""
    data = decode_base64(text)
    leads, at = np.empty((n_leads, n_timesteps), dtype=np.int64), 0
    for lead in leads:
        size = int.from_bytes(data[at : at + 4], "little")
        slope = int.from_bytes(data[at + 6 : at + 8], "little", signed=True)
        unpacked = _decode_lzw(data[at + 8 : at + 8 + size], 2 * n_timesteps)
        at += 8 + size
        # All upper bytes come first, then all lower ones.
        words = np.frombuffer(unpacked, np.uint8).reshape(2, -1).astype(np.uint16)
        steps = (words[0] << 8 | words[1]).view(np.int16).tolist()
        lead[:] = _add_up(steps, slope)
    return leads


def _decode_lzw(data, n_bytes):
    """Decode codes of 10 bits; a device knows beforehand how many bytes they stand for."""
    bits = f"{int.from_bytes(data, 'big'):0{8 * len(data)}b}" if data else ""
    strings = [bytes([byte]) for byte in range(256)]
    unpacked, previous = bytearray(), b""
    for at in range(0, len(bits) - _CODE_BITS + 1, _CODE_BITS):
        code = int(bits[at : at + _CODE_BITS], 2)
        if code == _END or len(unpacked) >= n_bytes:
            break
        if code > len(strings) or (code == len(strings) and not previous):
            raise ECGFormatError("is Philips XML with a lead that cannot be decompressed")
        string = strings[code] if code < len(strings) else previous + previous[:1]
        if previous and len(strings) < _END:
            strings.append(previous + string[:1])
        unpacked += string
        previous = string
    if len(unpacked) < n_bytes:
        raise ECGFormatError("is Philips XML with a truncated lead")
    return bytes(unpacked[:n_bytes])


def _add_up(steps, slope):
    """Add up second differences, each of which is stored 64 too high."""
    values = steps[:2]
    for step in steps[2:]:
        values.append(2 * values[-1] - values[-2] - slope)
        slope = step - 64
    return values


def _complete_limb_leads(leads):
    """Compute III, aVR, aVL and aVF from their deviations, which the file stores."""
    leads[2] = leads[1] - leads[0] - leads[2]
    leads[3] = -leads[3] - (leads[0] + leads[1]) // 2
    leads[4] = (leads[0] - leads[2]) // 2 - leads[4]
    leads[5] = (leads[1] + leads[2]) // 2 - leads[5]
