"""Philips XML, compressed as its devices do or not."""

import base64

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_ecg.datasets import ECGFormatError, read_record

LIMB = ["I", "II", "III", "aVR", "aVL", "aVF"]


def compress(data):
    """LZW with codes of 10 bits, and one at its end."""
    codes = {bytes([byte]): byte for byte in range(256)}
    bits, string = "", b""
    for byte in data:
        longer = string + bytes([byte])
        if longer in codes:
            string = longer
            continue
        bits += f"{codes[string]:010b}"
        if len(codes) < 1023:
            codes[longer] = len(codes)
        string = bytes([byte])
    bits += f"{codes[string]:010b}" + "1" * 10
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def pack_lead(values):
    """One lead in XLI: its values twice, then 64 more than what each second difference lacks."""
    values = np.asarray(values, dtype=int)
    lacking = 2 * values[1:-1] - values[:-2] - values[2:]  # known one step before it is needed
    steps = np.concatenate([values[:2], lacking[1:] + 64, [64]]).astype(np.int16).view(np.uint16)
    packed = compress(np.concatenate([steps >> 8, steps & 255]).astype(np.uint8).tobytes())
    return b"".join(
        [
            len(packed).to_bytes(4, "little"),
            b"\0\0",
            int(lacking[0]).to_bytes(2, "little", signed=True),
            packed,
        ]
    )


def philips(path, data, leads, n_timesteps, attributes="", signal="<resolution>5</resolution>"):
    text = base64.encodebytes(data).decode()
    path.write_text(
        "<restingecgdata><documentinfo><documenttype>SierraECG</documenttype><documentversion>1.03"
        f"</documentversion></documentinfo><dataacquisition><signalcharacteristics>{signal}"
        f"<samplingrate>500</samplingrate><numberchannelsallocated>{len(leads)}"
        "</numberchannelsallocated><acquisitiontype>STD-12</acquisitiontype>"
        "</signalcharacteristics></dataacquisition><waveforms><parsedwaveforms "
        f'durationperchannel="{2 * n_timesteps}" dataencoding="Base64" {attributes}>'
        f"{text}</parsedwaveforms></waveforms></restingecgdata>"
    )
    return path


@pytest.fixture
def counts():
    """Twelve leads, the limb leads as they follow from I and II."""
    steps = np.random.default_rng(0).integers(-30, 31, size=(12, 500))
    leads = np.cumsum(steps, axis=1)
    leads[2] = leads[1] - leads[0]
    leads[3] = -((leads[0] + leads[1]) // 2)
    leads[4] = (leads[0] - leads[2]) // 2
    leads[5] = (leads[1] + leads[2]) // 2
    return leads


def test_compressed_leads(tmp_path, counts):
    """Four limb leads are stored as how far they are from what follows of I and II."""
    stored = counts.copy()
    stored[2] = counts[1] - counts[0] - counts[2]
    stored[3] = -counts[3] - (counts[0] + counts[1]) // 2
    stored[4] = (counts[0] - counts[2]) // 2 - counts[4]
    stored[5] = (counts[1] + counts[2]) // 2 - counts[5]
    data = b"".join(map(pack_lead, stored))
    path = philips(tmp_path / "r.xml", data, range(12), 500, 'compressmethod="XLI"')
    record = read_record(path)
    assert record.fs == 500
    assert record.lead_names == (*LIMB, *(f"V{number}" for number in range(1, 7)))
    assert_array_equal(np.rint(record.signal.T / 0.005), counts)


def test_zero_of_the_converter_is_taken_off(tmp_path, counts):
    """A converter may count from the middle of its range."""
    signal = "<signalresolution>2.5</signalresolution><signaloffset>10</signaloffset>"
    data = counts[:2].astype("<i2").tobytes()
    labels = 'leadlabels="II V1" numberofleads="2"'
    path = philips(tmp_path / "r.xml", data, "ab", 500, labels, signal=signal)
    assert_allclose(read_record(path).signal, (counts[:2].T - 10) * 0.0025, rtol=1e-5)


def test_what_cannot_be_decoded_is_refused(tmp_path, counts):
    """Truncated, or of a compression that nobody knows."""
    data = pack_lead(counts[0])
    path = tmp_path / "r.xml"
    xli = 'compressmethod="XLI" leadlabels="II" numberofleads="1"'
    for broken in (data[:-60], data[:8], b"", data[:8] + b"\xff" * 50, data[:8] + b"\x80" * 50):
        with pytest.raises(ECGFormatError, match=r"truncated lead|cannot be decompressed"):
            read_record(philips(path, broken, "a", 500, xli))
    with pytest.raises(ECGFormatError, match="compression that is not read"):
        read_record(philips(path, data, "a", 500, xli.replace("XLI", "zip")))
    with pytest.raises(ECGFormatError, match="too many for its"):
        read_record(philips(path, data, "a", 10**8, xli))
    with pytest.raises(ECGFormatError, match="not as long as it says"):
        read_record(philips(path, data, "a", 500, xli.removeprefix('compressmethod="XLI"')))
    with pytest.raises(ECGFormatError, match="does not name its leads"):
        read_record(philips(path, counts[:8].astype("<i2").tobytes(), range(8), 500))
