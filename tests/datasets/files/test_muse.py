"""XML of GE's MUSE."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sklearn_ecg.datasets import ECGFormatError, read_record


@pytest.fixture
def path(write, ecg, tmp_path):
    return write("muse", tmp_path, ecg).path


def test_beats_of_the_device_are_marks_without_a_class(path):
    """Their times are in ms; which beats look alike says nothing of what they are."""
    record = read_record(path)
    assert record.annotations[0].tolist() == [100, 300]
    assert record.annotations[1].tolist() == ["Q", "Q"]


def test_beats_are_put_in_order_of_time(path):
    """A device may list them by their type."""
    beats = ["<QRS><Time>400</Time></QRS>", "<QRS><Time>1200</Time></QRS>"]
    text = path.read_text()
    assert "".join(beats) in text
    path.write_text(text.replace("".join(beats), "".join(beats[::-1])))
    assert read_record(path).annotations[0].tolist() == [100, 300]


def test_median_beat_can_be_chosen(path, ecg):
    """The rhythm comes first in importance, not in the file."""
    text = path.read_text()
    start, stop = text.index("<Waveform>"), text.index("</RestingECG>")
    median = text[start:stop].replace("Rhythm", "Median").replace("Bit>5<", "Bit>10<")
    path.write_text(text[:start] + median + text[start:])
    assert_allclose(read_record(path).signal, ecg.mv, atol=1e-6)
    median = read_record(path, file_array="median")
    assert_allclose(median.signal, 2 * ecg.mv, atol=1e-6)
    assert len(median.annotations[0]) == 0
    with pytest.raises(ECGFormatError, match="without the waveform that file_array names"):
        read_record(path, file_array="mean")


def test_limb_leads_follow_from_the_eight_that_are_stored(data_home):
    """MUSE stores I, II and V1 to V6, and finds its beats where the signal is steep."""
    record = read_record(data_home / "devices" / "muse_1.xml", leads=["III", "aVF"])
    first_two = read_record(data_home / "devices" / "muse_1.xml", leads=["I", "II"])
    assert first_two.signal.shape == (5000, 2)
    assert_allclose(record.signal[:, 0], first_two.signal[:, 1] - first_two.signal[:, 0], atol=1e-6)
    steepness = np.abs(np.diff(first_two.signal[:, 1]))
    for beat in record.annotations[0]:
        assert abs(np.argmax(steepness[beat - 100 : beat + 100]) - 100) <= 10


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Rhythm", "Other", "without a rhythm"),
        ("CountTotal>1000", "CountTotal>1001", "not as long as it says"),
        ("MICROVOLTS", "APPLES", "no signal in V"),
        ("<SampleBase>250", "<SampleBase>0", "sampling rate outside"),
        ("<SampleExponent>0", "<SampleExponent>999", "damaged"),
        ("<WaveFormData>", "<WaveFormData>?", "damaged"),
        ("<LeadData>", "<LeadData><LeadTimeOffset>5</LeadTimeOffset>", "different beginnings"),
        ("<LeadData>", "<LeadData><LeadSampleSize>4</LeadSampleSize>", "other than two bytes"),
    ],
)
def test_documents_that_lie_are_refused(path, old, new, message):
    """Each lie has its message."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(ECGFormatError, match=message):
        read_record(path)
