"""Read recordings of Biopac's AcqKnowledge (.acq), by the package bioread."""

import io
import math
import struct
from functools import partial

import numpy as np

from sklearn_ecg.datasets._files._contents import (
    Channel,
    Contents,
    ECGFormatError,
    check_n_leads,
    check_n_values,
)
from sklearn_ecg.datasets._files._wfdb_annotation import COMMENT
from sklearn_ecg.utils._extras import import_extra

_REVISIONS = range(30, 1000)
# A header or a chunk each; a damaged file makes bioread search for ever.
_MAX_HEADERS, _MAX_READS = 4_000, 20_000
_MAX_PATTERN = 100_000  # values after which the rates of all channels have come round


def matches(head, path):
    """Check whether a file has the suffix of AcqKnowledge and a revision that is known."""
    if path.suffix.lower() != ".acq" or len(head) < 12:
        return False
    return any(struct.unpack_from(f"{order}i", head, 2)[0] in _REVISIONS for order in "<>")


def read(path, options):
    """Read all channels, and the positions of event markers."""
    bioread = import_extra("bioread", extra="biopac")
    content = path.read_bytes()
    headers = bioread.reader.Reader.read_headers(_Limited(content, _MAX_HEADERS))
    _check(headers, len(content))
    file = bioread.reader.Reader.read(_Limited(content, _MAX_READS)).datafile
    channels = [
        Channel(each.name, each.units, each.samples_per_second, partial(_values, each))
        for each in file.channels
    ]
    markers = file.event_markers or []
    positions = np.array([marker.sample_index for marker in markers], dtype=np.float64)
    contents = Contents(
        channels,
        marks=(positions, np.full(len(markers), COMMENT, dtype="<U1")),
        marks_fs=file.samples_per_second,
    )
    if options.keeps_metadata:
        contents.metadata = {
            "markers": [str(marker.text) for marker in markers],
            "journal": str(file.journal),
        }
    return contents


class _Limited(io.BytesIO):
    """A file that may be read a limited number of times."""

    def __init__(self, content, n_reads):
        super().__init__(content)
        self.n_reads = n_reads

    def read(self, *arguments):
        self.n_reads -= 1
        if self.n_reads < 0:
            raise ECGFormatError("is a Biopac file that has no end")
        return super().read(*arguments)


def _check(headers, n_bytes):
    """Refuse what bioread would take too much time or memory for."""
    if headers.datafile is None:
        raise ECGFormatError("is a damaged Biopac file")
    if headers.is_compressed:  # a few bytes may unfold to any size
        raise ECGFormatError("is a compressed Biopac file, which is not read: save it uncompressed")
    channels = headers.datafile.channels
    check_n_leads(len(channels))
    check_n_values(sum(channel.point_count for channel in channels), n_bytes)
    dividers = [int(channel.frequency_divider) for channel in channels]
    if min(dividers) < 1 or math.lcm(*dividers) * len(channels) > _MAX_PATTERN:
        raise ECGFormatError("is a Biopac file with rates that do not come round")


def _values(channel):
    return np.asarray(channel.data, dtype=np.float64)
