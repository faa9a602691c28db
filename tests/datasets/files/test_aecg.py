"""HL7 aECG, and what XML may not do."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sklearn_ecg.datasets import ECGFormatError, read_record


@pytest.fixture
def path(write, ecg, tmp_path):
    return write("aecg", tmp_path, ecg).path


def change(path, *pairs):
    text = path.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path


def test_origin_scale_and_units(path, ecg):
    """A value is its origin and as many times the scale; the origin may have another unit."""
    change(path, ('<origin value="0" unit="uV"/>', '<origin value="0.1" unit="mV"/>'))
    assert_allclose(read_record(path).signal, ecg.mv + 0.1, atol=1e-6)


@pytest.mark.parametrize("step", ['"0.002" unit="s"', '"2" unit="ms"', '"2000" unit="us"'])
def test_relative_time_in_other_units(path, step):
    """A rate of 500 Hz, from steps of 2 ms."""
    change(
        path,
        ("TIME_ABSOLUTE", "TIME_RELATIVE"),
        ('<head value="20021122091000.000"/>', '<head value="0" unit="s"/>'),
        ('"0.004" unit="s"', step),
    )
    assert read_record(path).fs == 500


@pytest.mark.parametrize(
    ("begin", "later"),
    [
        ("20021122091000.000", "20021122091000.400"),
        ("20021122091059.800", "20021122091100.200"),
        ("20021122095959.800", "20021122100000.200"),
        ("20021231235959.800", "20030101000000.200"),
        ("00000000095959.800", "00000000100000.200"),  # of a day that was made unknown
    ],
)
def test_sets_of_leads_at_different_times(path, begin, later):
    """Leads that a device recorded one after the other keep their time, over midnight too."""
    text = path.read_text()
    start, stop = text.index("<component><sequenceSet>"), text.index("</series>")
    text = text.replace("20021122091000.000", begin)
    first = text[start:stop]
    second = first.replace(begin, later).replace("LEAD_II<", "LEAD_I<")
    second = second.replace("LEAD_II", "LEAD_V2").replace("LEAD_V1", "LEAD_V3")
    path.write_text(text[:start] + first + second + text[stop:])
    record = read_record(path)
    path.write_text(path.read_text().replace(later, later[:12]))
    with pytest.raises(ECGFormatError, match="time that cannot be parsed"):
        read_record(path)
    assert record.lead_names == ("II", "V1", "V2", "V3")
    assert record.n_timesteps == 1100
    assert np.isnan(record.signal[:100, 2:]).all()
    assert np.isnan(record.signal[1000:, :2]).all()
    assert_allclose(record.signal[100:, 2], record.signal[:1000, 0])


def test_several_series_can_be_chosen(path, ecg):
    """The first rhythm is read unless another series is asked for, and the others are named."""
    text = path.read_text()
    start, stop = text.index("<component><series>"), text.index("</AnnotatedECG>")
    other = (
        text[start:stop]
        .replace("RHYTHM", "REPRESENTATIVE_BEAT")
        .replace('scale value="5"', 'scale value="10"')
    )
    path.write_text(text[:start] + other + text[start:])
    with pytest.warns(UserWarning, match='series 0 to 1; number 1 is read.*as in file_array="0"'):
        assert_allclose(read_record(path).signal, ecg.mv, atol=1e-6)
    for name in ("0", "representative_beat"):
        assert_allclose(read_record(path, file_array=name).signal, 2 * ecg.mv, atol=1e-6)
    with pytest.raises(ECGFormatError, match="it has 0 to 1"):
        read_record(path, file_array="2")


def test_time_of_day_does_not_matter_for_leads_recorded_together(path, ecg):
    """Some programs write it in their own way."""
    change(path, ("20021122091000.000", "2002-11-22"))
    assert_allclose(read_record(path).signal, ecg.mv, atol=1e-6)


def test_lead_without_values_is_missing(path, ecg):
    """Some programs list all leads, also those that were not recorded."""
    start, stop = (path.read_text().rindex(tag) for tag in ("<digits>", "</digits>"))
    change(path, (path.read_text()[start:stop], "<digits>"))
    signal = read_record(path).signal
    assert_allclose(signal[:, 0], ecg.mv[:, 0], atol=1e-6)
    assert np.isnan(signal[:, 1]).all()


LAST = "</value></sequence></component></sequenceSet>"  # of the sequences of a set


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<component><series>", "<other><series>", "damaged"),
        ("0.004", "0", "damaged"),
        ("0.004", "1000", "sampling rate outside"),
        ('"0.004" unit="s"', '"0.004" unit="fortnight"', "times in a unit"),
        ("TIME_ABSOLUTE", "TIME", "no time"),
        ('<scale value="5" unit="uV"/>', "", "lacks a part"),
        ("<digits>", "<digits>a ", "damaged"),
        (f"</digits>{LAST}", f" 1</digits>{LAST}", "leads of different lengths"),
        ('version="1.0"', 'version="1.0" encoding="utf-16"', "damaged"),
    ],
)
def test_documents_that_lie_are_refused(path, old, new, message):
    """Each lie has its message."""
    with pytest.raises(ECGFormatError, match=message):
        read_record(change(path, (old, new)))


BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE AnnotatedECG [<!ENTITY a0 "ha">{BOMB}]>',
        '<!DOCTYPE AnnotatedECG [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE AnnotatedECG [<!ENTITY % x SYSTEM "http://localhost/x.dtd"> %x;]>',
    ],
)
def test_entities_are_refused(path, doctype):
    """Neither bombs nor other files: XML that defines anything is not read."""
    change(path, ("<!-- aECG -->", doctype))
    with pytest.raises(ECGFormatError, match="defines entities or elements"):
        read_record(path)


def test_deep_nesting_is_refused(path):
    """A tree of a million levels is not built."""
    change(path, ("<component><series>", "<a>" * 100_000 + "<component><series>"))
    with pytest.raises(ECGFormatError, match="too many levels"):
        read_record(path)


def test_other_xml_is_refused_by_what_it_is(tmp_path):
    """Also with what may stand before the first element, and in UTF-16."""
    path = tmp_path / "r.xml"
    for encoding in ("utf-8-sig", "utf-16"):
        path.write_text('<?xml version="1.0"?><!-- > --><!DOCTYPE x><h:html/>', encoding=encoding)
        with pytest.raises(ECGFormatError, match="is XML, but neither HL7 aECG nor of GE MUSE"):
            read_record(path)


def test_utf_16_is_read(path, ecg):
    """As some exports are written."""
    path.write_text(path.read_text(), encoding="utf-16")
    assert_allclose(read_record(path).signal, ecg.mv, atol=1e-6)


def test_two_makers_agree(data_home):
    """The FDA's sample and ECG Toolkit's say the same of one recording."""
    files = ("fda_aecg.xml", "ecgtoolkit_aecg.xml")
    first, second = (read_record(data_home / "devices" / name) for name in files)
    assert first.lead_names == second.lead_names
    assert_allclose(first.signal, second.signal)
