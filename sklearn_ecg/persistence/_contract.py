"""Describe the input of a fitted estimator."""

from sklearn_ecg.utils._nesting import first_step, reads_recordings


def input_contract(estimator):
    """State what a fitted estimator takes as input.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator or pipeline.

    Returns
    -------
    dict
        `leads`, `fs` (Hz), `unit` and `n_timesteps` where the estimator, or the first step of its
        pipeline, reads recordings; else `row_shape`, the shape of a row. Empty where nothing
        is known.
    """
    estimator = first_step(estimator)
    if reads_recordings(estimator):
        contract = {
            "leads": [_plain(lead) for lead in estimator.leads],
            "fs": getattr(estimator, "fs_", estimator.fs),
            "unit": "mV",
            "n_timesteps": getattr(estimator, "n_timesteps_", None),
        }
        return {name: value for name, value in contract.items() if value is not None}
    if hasattr(estimator, "row_shape_in_"):
        return {"row_shape": list(estimator.row_shape_in_)}
    return {}


def _plain(lead):
    return lead if isinstance(lead, str) else list(lead)
