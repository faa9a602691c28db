"""Read DICOM waveforms: the 12-lead electrocardiogram and its kin."""

import io
from functools import partial

import numpy as np

from sklearn_ecg.datasets._files._contents import (
    Channel,
    Contents,
    ECGFormatError,
    check_n_leads,
)
from sklearn_ecg.utils._extras import import_extra

_TRANSFER_SYNTAXES = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"}  # neither compressed nor swapped
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_ITEM = b"\xfe\xff\x00\xe0"
_MAX_ITEMS = 10_000  # an electrocardiogram with all its measurements has a few hundred
_DTYPES = {
    (8, "SB"): "i1",
    (8, "UB"): "u1",
    (16, "SS"): "<i2",
    (16, "US"): "<u2",
    (32, "SL"): "<i4",
    (32, "UL"): "<u4",
}
# Last part of a lead's code, in SCP-ECG (5.6.3-9-2) as in ISO/IEEE 11073 (2:2).
_LEADS = {1: "I", 2: "II", 61: "III", 62: "aVR", 63: "aVL", 64: "aVF"}
_LEADS.update({2 + number: f"V{number}" for number in range(1, 7)})


def matches(head, path):
    """Tell whether a file has DICOM's mark after its preamble."""
    return head[128:132] == b"DICM"


def read(path, options):
    """Read the first waveform: the rhythm, which any average beat follows."""
    pydicom = import_extra("pydicom", extra="dicom")
    content = path.read_bytes()
    if content.count(_ITEM) > _MAX_ITEMS:
        raise ECGFormatError(f"has more than {_MAX_ITEMS} items in its DICOM sequences")
    if _DEFLATED in content:  # pydicom would inflate it, to any size, before saying so
        raise ECGFormatError("is deflated DICOM, which is not read")
    # Tags about the patient are not even parsed unless they are asked for.
    tags = None if options.keeps_metadata else ["WaveformSequence"]
    dataset = pydicom.dcmread(io.BytesIO(content), specific_tags=tags)
    if dataset.file_meta.get("TransferSyntaxUID") not in _TRANSFER_SYNTAXES:
        raise ECGFormatError("is DICOM in a transfer syntax that is not read")
    if not dataset.get("WaveformSequence"):
        raise ECGFormatError("is DICOM without a waveform")
    contents = Contents(_channels(dataset.WaveformSequence[0]))
    if options.keeps_metadata:
        contents.metadata = {
            element.keyword or str(element.tag): str(element.value)
            for element in dataset
            if element.VR not in ("SQ", "OB", "OW", "UN")
        }
    return contents


def _channels(waveform):
    n_leads, n_timesteps = waveform.NumberOfWaveformChannels, waveform.NumberOfWaveformSamples
    definitions = waveform.ChannelDefinitionSequence
    encoding = waveform.WaveformBitsAllocated, waveform.WaveformSampleInterpretation
    check_n_leads(n_leads)
    if encoding not in _DTYPES:
        raise ECGFormatError("encodes its DICOM waveform in a way that is not read")
    dtype = np.dtype(_DTYPES[encoding])
    data = waveform.WaveformData
    if len(definitions) != n_leads or len(data) < n_timesteps * n_leads * dtype.itemsize:
        raise ECGFormatError("has a DICOM waveform that is not as long as it says")
    frames = np.frombuffer(data, dtype=dtype, count=n_timesteps * n_leads)
    frames = frames.reshape(n_timesteps, n_leads)
    padding = waveform.get("WaveformPaddingValue")
    if isinstance(padding, bytes):
        padding = np.frombuffer(padding, dtype=dtype)[0]
    return [
        Channel(
            _lead_name(definition),
            _unit(definition),
            float(waveform.SamplingFrequency),
            partial(_values, frames[:, column], definition, padding),
        )
        for column, definition in enumerate(definitions)
    ]


def _values(digital, definition, padding):
    sensitivity = float(definition.get("ChannelSensitivity", 1.0))
    correction = float(definition.get("ChannelSensitivityCorrectionFactor", 1.0))
    values = digital * (sensitivity * correction) + float(definition.get("ChannelBaseline", 0.0))
    if padding is not None:
        values[digital == padding] = np.nan
    return values


def _lead_name(definition):
    if definition.get("ChannelSourceSequence"):
        source = definition.ChannelSourceSequence[0]
        code = str(source.get("CodeValue", "")).replace(":", "-").rpartition("-")[2]
        if source.get("CodingSchemeDesignator") in ("SCPECG", "MDC") and code.isdecimal():
            name = _LEADS.get(int(code))
            if name is not None:
                return name
        return str(source.get("CodeMeaning", ""))
    return str(definition.get("ChannelLabel", ""))


def _unit(definition):
    if definition.get("ChannelSensitivityUnitsSequence"):
        return str(definition.ChannelSensitivityUnitsSequence[0].get("CodeValue", ""))
    return ""
