"""Biopac, read by bioread from files written here after bioread's description of them."""

import logging
import threading

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sklearn_ecg.datasets import ECGFormatError, read_record

bioread = pytest.importorskip("bioread", reason="needs the extra biopac")
headers = pytest.importorskip("bioread.headers")


def pack(kind, revision, **fields):
    """A header of AcqKnowledge as bytes; what is not given is 0."""
    header = kind.for_revision(revision, "<", "latin1")
    content = header._struct_class()
    for name, value in fields.items():
        setattr(content, name, value)
    return bytes(content)


def acq(channels, data, revision=38, markers=(), **graph):
    """A recording: channels as (name, unit, scale, offset, n_values, divider), data as words."""
    size = len(pack(headers.GraphHeader, revision))
    content = pack(
        headers.GraphHeader,
        revision,
        lVersion=revision,
        lExtItemHeaderLen=size,
        nChannels=len(channels),
        dSampleTime=4.0,
        **graph,
    )
    size = len(pack(headers.ChannelHeader, revision))
    for number, (name, unit, scale, offset, n_values, divider) in enumerate(channels):
        content += pack(
            headers.ChannelHeader,
            revision,
            lChanHeaderLen=size,
            nNum=number,
            szCommentText=name.encode(),
            szUnitsText=unit.encode(),
            lBufLength=n_values,
            dAmplScale=scale,
            dAmplOffset=offset,
            nChanOrder=number,
            nVarSampleDivider=divider,
        )
    content += pack(headers.ForeignHeader, revision, nLength=4, nType=0)
    content += pack(headers.ChannelDTypeHeader, revision, nSize=2, nType=2) * len(channels)
    content += np.asarray(data, dtype="<i2").tobytes()
    content += pack(headers.MarkerHeader, revision, lMarkers=len(markers))
    for sample, text in markers:
        fields = {"lSample": sample, "nTextLength": len(text)}
        content += pack(headers.MarkerItemHeader, revision, **fields) + text + b"\0"
    return content


CHANNELS = [
    ("ECG Lead II", "mV", 0.005, 0.0, 4, 1),
    ("V1", "uV", 5.0, 10.0, 4, 1),
    ("GSR", "uS", 1.0, 0.0, 2, 2),
]
DATA = [1, 11, 5, 2, 12, 3, 13, 6, 4, 14]


def test_channels_of_several_rates(tmp_path):
    """Values are scaled, and what is no voltage is left out."""
    path = tmp_path / "r.acq"
    path.write_bytes(acq(CHANNELS, DATA))
    record = read_record(path)
    assert record.fs == 250
    assert record.lead_names == ("II", "V1")
    assert_allclose(record.signal[:, 0], [0.005, 0.010, 0.015, 0.020], rtol=1e-6)
    assert_allclose(record.signal[:, 1], [0.065, 0.070, 0.075, 0.080], rtol=1e-6)


def test_event_markers_are_marks_and_their_text_is_kept_only_if_asked(tmp_path):
    """At their time steps, as notes; the text may name a person."""
    path = tmp_path / "r.acq"
    path.write_bytes(acq(CHANNELS, DATA, markers=[(1, b"John Doe"), (3, b"stop")]))
    steps, symbols = read_record(path).annotations
    assert steps.tolist() == [1, 3]
    assert symbols.tolist() == ['"', '"']
    assert "Doe" not in repr(read_record(path).metadata)
    record = read_record(path, metadata_policy="keep")
    assert record.metadata["markers"] == ["John Doe", "stop"]


def test_log_of_a_file_is_not_heard(tmp_path, caplog, monkeypatch):
    """It may quote a person; what other threads log, and later ones, is."""
    logger = logging.getLogger("bioread")

    def read(file):
        other = threading.Thread(target=logger.error, args=("another file",))
        other.start()
        other.join()
        logger.error("Karl")
        raise ValueError

    monkeypatch.setattr(bioread.reader.Reader, "read", read)
    (tmp_path / "r.acq").write_bytes(acq(CHANNELS, DATA))
    with pytest.raises(ECGFormatError):
        read_record(tmp_path / "r.acq")
    logger.error("later")
    assert [record.getMessage() for record in caplog.records] == ["another file", "later"]


def test_damaged_files_are_refused(tmp_path, capfd):
    """Truncated, compressed, or with rates that take gigabytes to put in order; in silence."""
    path = tmp_path / "r.acq"
    for size in (12, 300, len(acq(CHANNELS, DATA)) - 30):
        path.write_bytes(acq(CHANNELS, DATA)[:size])
        with pytest.raises(ECGFormatError):
            read_record(path)
    path.write_bytes(acq(CHANNELS, DATA, revision=41, bCompressed=1))
    with pytest.raises(ECGFormatError):
        read_record(path)
    many = [
        (f"c{n}", "mV", 1.0, 0.0, 4, divider) for n, divider in enumerate((32749, 32719, 32717))
    ]
    path.write_bytes(acq(many, DATA))
    with pytest.raises(ECGFormatError, match="rates that do not come round"):
        read_record(path)
    path.write_bytes(acq([("II", "mV", 1.0, 0.0, 2**31 - 1, 1)], DATA))
    with pytest.raises(ECGFormatError):
        read_record(path)
    assert capfd.readouterr() == ("", "")
