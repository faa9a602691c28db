"""DICOM waveforms."""

import copy

import numpy as np
import pydicom
import pytest
from numpy.testing import assert_allclose
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEGBaseline8Bit

from sklearn_ecg.datasets import ECGFormatError, read_record


@pytest.fixture
def path(write, ecg, tmp_path):
    return write("dicom", tmp_path, ecg).path


def change(path, function):
    """Rewrite the file after changing its dataset."""
    dataset = pydicom.dcmread(path)
    function(dataset.WaveformSequence[0], dataset)
    dataset.save_as(path)


def test_sensitivity_correction_and_baseline(path, ecg):
    """A value is count * sensitivity * correction + baseline, as PS3.3 C.10.9.1.4.4 says."""

    def calibrate(waveform, _):
        waveform.ChannelDefinitionSequence[1].ChannelSensitivityCorrectionFactor = "2"
        waveform.ChannelDefinitionSequence[1].ChannelBaseline = "100"

    change(path, calibrate)
    expected = ecg.mv[:, 1] * 2 + 0.1
    assert_allclose(read_record(path, leads=["V1"]).signal[:, 0], expected, rtol=1e-5, atol=1e-6)


def test_padding_is_nan(path, ecg):
    """The padding value says that nothing was recorded."""

    def pad(waveform, _):
        waveform.add_new("WaveformPaddingValue", "SS", int(ecg.counts[7, 0]))

    change(path, pad)
    is_gap = ecg.counts == ecg.counts[7, 0]
    assert (read_record(path).signal != read_record(path).signal).tolist() == is_gap.tolist()


def test_leads_without_a_known_code_go_by_their_meaning(path):
    """The text is used where the code is not known, and a label where there is no source."""

    def rename(waveform, _):
        first, second = waveform.ChannelDefinitionSequence
        first.ChannelSourceSequence[0].CodingSchemeDesignator = "99LOCAL"
        first.ChannelSourceSequence[0].CodeMeaning = "Lead aVL (Goldberger)"
        del second.ChannelSourceSequence
        second.ChannelLabel = "V3"

    change(path, rename)
    assert read_record(path).lead_names == ("aVL", "V3")


def test_deflated_data_are_refused(path):
    """Deflated data could unfold to any size."""
    dataset = pydicom.dcmread(path)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.save_as(path)
    with pytest.raises(ECGFormatError, match="is deflated DICOM"):
        read_record(path)


def test_compressed_data_are_refused(path):
    """A transfer syntax of images is none that waveforms have."""
    dataset = pydicom.dcmread(path)
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    dataset.save_as(path)
    with pytest.raises(ECGFormatError, match="transfer syntax that is not read"):
        read_record(path)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("NumberOfWaveformSamples", 10**6, "not as long as it says"),
        ("NumberOfWaveformSamples", 0, "no time steps"),
        ("NumberOfWaveformChannels", 3, "not as long as it says"),
        ("NumberOfWaveformChannels", 300, "300 signals"),
        ("SamplingFrequency", "0", "sampling rate outside"),
        ("SamplingFrequency", "1000000", "sampling rate outside"),
        ("WaveformBitsAllocated", 64, "a way that is not read"),
        ("WaveformSampleInterpretation", "MB", "a way that is not read"),
        ("ChannelDefinitionSequence", [], "not as long as it says"),
    ],
)
def test_waveforms_that_lie_are_refused(path, name, value, message):
    """Each lie has its message."""
    change(path, lambda waveform, _: setattr(waveform, name, value))
    with pytest.raises(ECGFormatError, match=message):
        read_record(path)


def test_log_of_pydicom_does_not_quote_the_file(path, caplog):
    """Of a text whose length is damaged it would log all that follows, such as the name."""
    dataset = pydicom.dcmread(path)
    dataset.PatientName = "Karl^Maier"
    dataset.save_as(path)
    content = bytearray(path.read_bytes())
    length = content.index(b"\x02\x00\x10\x00UI") + 6  # of the transfer syntax
    content[length : length + 2] = (400).to_bytes(2, "little")
    path.write_bytes(content)
    with pytest.raises(ECGFormatError):
        read_record(path)
    assert "Karl" not in caplog.text
    with pytest.warns(UserWarning, match="VR"):
        pydicom.dcmread(path, force=True).file_meta.get("TransferSyntaxUID")
    assert "Karl" in caplog.text  # which is what it does otherwise


def test_image_without_waveform_is_refused(path):
    """DICOM that holds no electrocardiogram is said to."""
    change(path, lambda _, dataset: delattr(dataset, "WaveformSequence"))
    with pytest.raises(ECGFormatError, match="without a waveform"):
        read_record(path)


def add_median(path, label="MEDIAN BEAT"):
    """Put an average beat in front of the rhythm."""

    def add(waveform, dataset):
        median = copy.deepcopy(waveform)
        waveform.WaveformOriginality = "ORIGINAL"
        waveform.MultiplexGroupLabel = "Rhythm"
        median.WaveformOriginality, median.MultiplexGroupLabel = "DERIVED", label
        median.NumberOfWaveformSamples = 300
        dataset.WaveformSequence = [median, waveform]

    change(path, add)


def test_several_waveforms_are_named_and_can_be_chosen(path, ecg):
    """The original is read, whatever its place; the others are told by what they are."""
    add_median(path)
    words = (
        r"0 \(MEDIAN BEAT, 2 leads, 1.2 s\), 1 \(Rhythm, 2 leads, 4 s\); number 1 is read. Choose"
    )
    with pytest.warns(UserWarning, match=words):
        assert read_record(path).n_timesteps == 1000
    for name, length in {"rhythm": 1000, "1": 1000, "Median beat": 300, "0": 300}.items():
        assert read_record(path, file_array=name).n_timesteps == length
    with pytest.raises(ECGFormatError, match=r"lacks the waveform .* it has 0 \(MEDIAN BEAT"):
        read_record(path, file_array="2")


def test_label_of_a_waveform_is_not_quoted_if_it_may_be_a_name(path):
    """A label is free text."""
    add_median(path, "Mr Quxley")
    with pytest.warns(UserWarning, match=r"0 \(2 leads, 1.2 s\)"):
        read_record(path)


def test_file_without_preamble(path, ecg):
    """Some programs leave the first 132 bytes out, others also the group that follows them."""
    content = path.read_bytes()
    path.write_bytes(content[132:])
    assert_allclose(read_record(path).signal, ecg.mv, atol=1e-6)
    path.write_bytes(content[content.index(b"\x08\0\x16\0UI") :])
    assert_allclose(read_record(path).signal, ecg.mv, atol=1e-6)


def test_padding_of_zero_is_a_gap_only_where_it_lasts(path, ecg):
    """0 is a voltage as well: less than a second of it is signal."""

    def pad(waveform, _):
        counts = ecg.counts.astype("<i2")
        counts[[199, 450, 499, 740], 0] = 1
        counts[200:450, 0] = 0
        counts[500:740, 0] = 0
        waveform.WaveformData = counts.tobytes()
        waveform.add_new("WaveformPaddingValue", "SS", 0)

    change(path, pad)
    signal = read_record(path).signal[:, 0]
    assert np.flatnonzero(np.isnan(signal)).tolist() == list(range(200, 450))
    assert (signal[500:740] == 0).all()
