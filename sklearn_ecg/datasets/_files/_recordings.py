"""Recordings as rows, with a summary in a sentence."""

from itertools import chain

import numpy as np
from sklearn.utils import Bunch

from sklearn_ecg.utils._records import ECGRecord, in_words
from sklearn_ecg.utils._rows import are_surely_finite

_MAX_LISTED = 12


class Recordings(Bunch):
    """Rows of signals with what belongs to them, as attributes and as items.

    A loader decides which attributes there are. Printed, it sums them up: a Bunch would print
    every value of every signal.

    Parameters
    ----------
    **contents : dict
        `data` (records, or signals with time in their first axis), `fs` in Hz and `lead_names` are
        summed up; so are `target`, `groups` and `skipped` where they are there.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.datasets._files._recordings import Recordings
    >>> Recordings(
    ...     data=np.zeros((3, 720, 1), np.float32),
    ...     target=np.array(["AF", "N", "N"]),
    ...     groups=np.array(["ann", "ann", "ben"]),
    ...     fs=360.0,
    ...     lead_names=("MLII",),
    ... )
    Recordings: 3 rows of 2 s of MLII at 360 Hz, nothing missing; classes AF 1, N 2; 2 groups.
    """

    def __repr__(self):
        rows = self.data
        are_records = isinstance(rows[0], ECGRecord)
        signals = [row.signal for row in rows] if are_records else rows
        leads = [row.lead_names for row in rows] if are_records else [self.lead_names]
        rates = [row.fs for row in rows] if are_records else [self.fs] * len(rows)
        durations = [len(signal) / fs for signal, fs in zip(signals, rates, strict=True)]
        names = dict.fromkeys(chain.from_iterable(leads))
        parts = [
            f"{_count(len(rows), 'row')} of {_range(durations, in_words)} of "
            f"{', '.join(names) or 'no lead'} at {_range(rates, '{:g}'.format)} Hz"
            f"{_describe_gaps(signals)}"
        ]
        if self.get("target") is not None:
            parts.append(_describe_target(np.asarray(self.target)))
        if "groups" in self:
            parts.append(_count(len(set(np.asarray(self.groups).tolist())), "group"))
        if self.get("skipped"):
            parts.append(f"{_count(len(self.skipped), 'file')} skipped")
        return f"Recordings: {'; '.join(parts)}."


def _range(numbers, write):
    return " to ".join(dict.fromkeys([write(min(numbers)), write(max(numbers))]))


def _describe_gaps(signals):
    n_values = sum(signal.size for signal in signals)
    n_missing = sum(
        int(np.count_nonzero(np.isnan(signal)))
        for signal in signals
        if not are_surely_finite(signal)
    )
    if not n_values:
        return ""
    return f", {100 * n_missing / n_values:.2g} % missing" if n_missing else ", nothing missing"


def _describe_target(target):
    if target.ndim > 1:
        return f"{target.shape[1]} labels"
    classes, counts = np.unique(target, return_counts=True)
    shown = zip(classes[:_MAX_LISTED], counts, strict=False)
    listing = [f"{label} {count}" for label, count in shown]
    return f"classes {', '.join(listing)}{' and more' if len(classes) > _MAX_LISTED else ''}"


def _count(number, noun):
    return f"{number} {noun}{'' if number == 1 else 's'}"
