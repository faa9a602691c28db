"""Read the XML that GE's MUSE exports of a resting electrocardiogram."""

from functools import partial

import numpy as np

from sklearn_ecg.datasets._files._contents import (
    Channel,
    Contents,
    ECGFormatError,
    check_gain,
    check_n_leads,
)
from sklearn_ecg.datasets._files._xml import describe, integers_of, parse_xml, root_name, text_of

_UNITS = {"MICROVOLTS": "uV", "MILLIVOLTS": "mV"}
_UNCLASSIFIED = "Q"  # which of the types found by the device a beat is of says no more


def matches(head, path):
    """Check whether a file is XML of a resting electrocardiogram of MUSE."""
    return root_name(head) == "RestingECG"


def read(path, options):
    """Read the rhythm, or the waveform whose type the caller states."""
    root = parse_xml(path)
    wanted = (options.array or "Rhythm").casefold()
    waveforms = [
        waveform
        for waveform in root.iter("Waveform")
        if text_of(waveform, "WaveformType", "").casefold() == wanted
    ]
    if not waveforms:
        missing = "the waveform that file_array names" if options.array else "a rhythm"
        raise ECGFormatError(f"is MUSE XML without {missing}")
    rate = float(text_of(waveforms[0], "SampleBase"))
    fs = rate * 10.0 ** int(text_of(waveforms[0], "SampleExponent", "0"))
    leads = waveforms[0].findall("LeadData")
    check_n_leads(len(leads))
    contents = Contents([_channel(lead, fs) for lead in leads])
    if options.array is None:
        times = [float(text_of(beat, "Time")) for beat in root.iterfind("QRSTimesTypes/QRS")]
        contents.marks = np.array(times), np.full(len(times), _UNCLASSIFIED)
        contents.marks_fs = 1000.0
    if options.keeps_metadata:
        contents.metadata = describe(root)
    return contents


def _channel(lead, fs):
    unit = _UNITS.get(text_of(lead, "LeadAmplitudeUnits").upper(), "")
    if text_of(lead, "LeadTimeOffset", "0") != "0":
        raise ECGFormatError("is MUSE XML with leads of different beginnings, which is not read")
    if text_of(lead, "LeadSampleSize", "2") != "2":
        raise ECGFormatError("is MUSE XML with values of other than two bytes, which is not read")
    gain = check_gain(text_of(lead, "LeadAmplitudeUnitsPerBit"))
    counts = integers_of(text_of(lead, "WaveFormData"))
    if len(counts) != int(text_of(lead, "LeadSampleCountTotal")):
        raise ECGFormatError("is MUSE XML with a lead that is not as long as it says")
    return Channel(text_of(lead, "LeadID"), unit, fs, partial(np.multiply, counts, gain))
