"""Read DICOM waveforms: the 12-lead electrocardiogram and its kin."""

import io
import re
from functools import partial

import numpy as np

from sklearn_ecg.datasets._files._contents import (
    Channel,
    Contents,
    ECGFormatError,
    check_fs,
    check_gain,
    check_n_leads,
)
from sklearn_ecg.datasets._files._scp import LEADS
from sklearn_ecg.utils._extras import import_extra
from sklearn_ecg.utils._runs import in_long_runs

_IMPLICIT = "1.2.840.10008.1.2"
_TRANSFER_SYNTAXES = {_IMPLICIT, "1.2.840.10008.1.2.1"}  # neither compressed nor swapped
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_ITEM = b"\xfe\xff\x00\xe0"
_MAX_WAVEFORMS = 100
_MAX_ITEMS = 10_000  # an electrocardiogram with all its measurements has a few hundred
_DTYPES = {
    (8, "SB"): "i1",
    (8, "UB"): "u1",
    (16, "SS"): "<i2",
    (16, "US"): "<u2",
    (32, "SL"): "<i4",
    (32, "UL"): "<u4",
}
# Some devices name 0 as the value of padding, and it is a voltage as well: less is not a gap.
_SHORTEST_GAP_S = 1.0
# A free text may name a person; these names of waveforms do not.
_LABELS = {"RHYTHM", "MEDIAN", "MEDIAN BEAT", "MEDIAN BEATS", "AVERAGE", "REPRESENTATIVE BEAT"}
# How a file without preamble begins: the first element of its group 2, or of group 8.
_BARE = re.compile(
    rb"\x02\x00[\x00-\x03]\x00(?:UL|OB|UI)|\x08\x00[\x05\x08\x12\x13\x16]\x00(?:CS|DA|TM|UI)"
    rb"|\x08\x00[\x05\x08\x16]\x00[\x02-\x40]\x00\x00\x00"
)


def matches(head, path):
    """Check whether a file has DICOM's mark after its preamble, or begins with an element."""
    return head[128:132] == b"DICM" or _BARE.match(head) is not None


def read(path, options):
    """Read one waveform: the chosen one, or the first that is not an average."""
    pydicom = import_extra("pydicom", extra="dicom")
    content = path.read_bytes()
    if content.count(_ITEM) > _MAX_ITEMS:
        raise ECGFormatError(f"has more than {_MAX_ITEMS} items in its DICOM sequences")
    if _DEFLATED in content:  # pydicom would inflate it, to any size, before saying so
        raise ECGFormatError("is deflated DICOM, which is not read")
    # Tags about the patient are not even parsed unless they are asked for.
    tags = None if options.keeps_metadata else ["WaveformSequence"]
    dataset = pydicom.dcmread(io.BytesIO(content), specific_tags=tags, force=True)
    # Without a header it is the one that the standard has for that case, as pydicom finds out.
    if dataset.file_meta.get("TransferSyntaxUID", _IMPLICIT) not in _TRANSFER_SYNTAXES:
        raise ECGFormatError("is DICOM in a transfer syntax that is not read")
    if len(dataset.get("WaveformSequence") or []) > _MAX_WAVEFORMS:
        raise ECGFormatError(f"has more than {_MAX_WAVEFORMS} DICOM waveforms")
    if not dataset.get("WaveformSequence"):
        raise ECGFormatError("is DICOM without a waveform")
    waveform, note = _choose(list(dataset.WaveformSequence), options.array)
    contents = Contents(_channels(waveform), note=note)
    if options.keeps_metadata:
        contents.metadata = {
            element.keyword or str(element.tag): str(element.value)
            for element in dataset
            if element.VR not in ("SQ", "OB", "OW", "UN")
        }
    return contents


def _choose(waveforms, wanted):
    """Choose a waveform by its label or number; if none is wanted, say which others there are."""
    labels = [str(waveform.get("MultiplexGroupLabel", "")).strip() for waveform in waveforms]
    listing = ", ".join(
        f"{number} ({_describe(waveform, label)})"
        for number, (waveform, label) in enumerate(zip(waveforms, labels, strict=True))
    )
    if wanted is None:
        is_derived = [waveform.get("WaveformOriginality") == "DERIVED" for waveform in waveforms]
        number = is_derived.index(False) if False in is_derived else 0
        if len(waveforms) == 1:
            return waveforms[0], ""
        return waveforms[number], (
            f"has the waveforms {listing}; number {number} is read. Choose one by its number, "
            'as in file_array="0"'
        )
    for number, (waveform, label) in enumerate(zip(waveforms, labels, strict=True)):
        if wanted.casefold() in (label.casefold(), str(number)):
            return waveform, ""
    raise ECGFormatError(f"lacks the waveform that file_array names; it has {listing}")


def _describe(waveform, label):
    name = f"{label}, " if label.upper() in _LABELS else ""
    n_leads, n_timesteps = waveform.NumberOfWaveformChannels, waveform.NumberOfWaveformSamples
    duration_s = n_timesteps / check_fs(waveform.SamplingFrequency)
    return f"{name}{int(n_leads)} leads, {duration_s:g} s"


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
    fs = check_fs(waveform.SamplingFrequency)
    padding = waveform.get("WaveformPaddingValue")
    if isinstance(padding, bytes):
        padding = np.frombuffer(padding, dtype=dtype)[0]
    return [
        Channel(
            _lead_name(definition),
            _unit(definition),
            fs,
            partial(_values, frames[:, column], definition, padding, fs),
        )
        for column, definition in enumerate(definitions)
    ]


def _values(digital, definition, padding, fs):
    sensitivity = float(definition.get("ChannelSensitivity", 1.0))
    correction = float(definition.get("ChannelSensitivityCorrectionFactor", 1.0))
    values = digital * check_gain(sensitivity * correction) + float(
        definition.get("ChannelBaseline", 0.0)
    )
    if padding is not None:
        is_gap = digital == padding
        if padding == 0:
            is_gap &= in_long_runs(digital, max(2, round(_SHORTEST_GAP_S * fs)))
        values[is_gap] = np.nan
    return values


def _lead_name(definition):
    if definition.get("ChannelSourceSequence"):
        source = definition.ChannelSourceSequence[0]
        # The last part of the code, in SCP-ECG (5.6.3-9-2) as in ISO/IEEE 11073 (2:2).
        code = str(source.get("CodeValue", "")).replace(":", "-").rpartition("-")[2]
        if source.get("CodingSchemeDesignator") in ("SCPECG", "MDC") and code.isdecimal():
            name = LEADS.get(int(code))
            if name is not None:
                return name
        return str(source.get("CodeMeaning", ""))
    return str(definition.get("ChannelLabel", ""))


def _unit(definition):
    if definition.get("ChannelSensitivityUnitsSequence"):
        return str(definition.ChannelSensitivityUnitsSequence[0].get("CodeValue", ""))
    return ""
