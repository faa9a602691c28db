"""The sampling rate and the leads of the rows that an estimator was fitted on."""

from sklearn_ecg.utils._rates import are_one_rate


def note_origin(estimator, fs, lead_names):
    """Note where the rows of fit come from, if they know it.

    Parameters
    ----------
    estimator : estimator
        Receives ``fs_in_``, unless it has ``fs_``, to which transformers hold their rows; and
        ``lead_names_in_``. What an earlier fit left is forgotten.
    fs : float or None
        Sampling rate in Hz.
    lead_names : tuple of str or None
        Names of the leads, which records know.
    """
    fs = None if hasattr(estimator, "fs_") else fs
    for attribute, value in (("fs_in_", fs), ("lead_names_in_", lead_names)):
        vars(estimator).pop(attribute, None)
        if value is not None:
            setattr(estimator, attribute, value)


def check_origin(estimator, fs, lead_names):
    """Refuse rows of another rate or of other leads than those in fit.

    Parameters
    ----------
    estimator : estimator
        The fitted estimator.
    fs : float or None
        Sampling rate in Hz.
    lead_names : tuple of str or None
        Names of the leads.

    Raises
    ------
    ValueError
        If they are known, were known in fit, and differ.
    """
    name = type(estimator).__name__
    way_out = "Begin the pipeline with a RecordReader, which brings them to one rate and leads."
    fs_in = getattr(estimator, "fs_", getattr(estimator, "fs_in_", None))
    if None not in (fs, fs_in) and not are_one_rate(fs, fs_in):
        raise ValueError(
            f"X comes at {fs:g} Hz, but {name} was fitted on signals at {fs_in:g} Hz. {way_out}"
        )
    names_in = getattr(estimator, "lead_names_in_", None)
    if None not in (lead_names, names_in) and lead_names != names_in:
        raise ValueError(
            f"X has the leads {', '.join(lead_names)}, but {name} was fitted on "
            f"{', '.join(names_in)}. {way_out}"
        )
