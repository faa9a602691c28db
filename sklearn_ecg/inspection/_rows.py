"""The rows that an estimator is asked about."""

from sklearn.pipeline import make_pipeline

from sklearn_ecg.datasets import RecordReader
from sklearn_ecg.utils._containers import unwrap_rows
from sklearn_ecg.utils._nesting import readers_of, single_steps
from sklearn_ecg.utils._signals import check_signals


def read_rows(estimator, X, name):
    """Read rows, and take off the step that would read them.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator or pipeline.
    X : array-like
        Rows: signals, or records and paths if the pipeline begins with a RecordReader.
    name : str
        Name of the function, for messages.

    Returns
    -------
    estimator : estimator
        The estimator, or its steps after the RecordReader.
    X : ndarray or 1-D object array of ndarrays
        Validated signals.
    lead_names : tuple of str or None
        Names of the leads, if they are known.

    Raises
    ------
    TypeError
        If the RecordReader is not the first step but within another estimator.
    """
    reader, *others = single_steps(estimator)
    if isinstance(reader, RecordReader) and others:
        X = check_signals(reader.transform(X), estimator=name)
        return make_pipeline(*others), X, reader.lead_names_
    if any(isinstance(within, RecordReader) for within in readers_of(estimator)):
        kind = type(estimator).__name__
        raise TypeError(
            f"{name} needs the signals, but the RecordReader is within the {kind}: pass the "
            "best_estimator_ of a search, or put the reader in front, as in make_pipeline(reader, "
            f"{kind}(...))."
        )
    *_, lead_names = unwrap_rows(X, name)
    return estimator, check_signals(X, estimator=name), lead_names
