"""Describe the input of a fitted estimator."""

from sklearn_ecg.utils._nesting import leads_of, readers_of, single_steps


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
        pipeline, reads recordings: the leads of all members of an ensemble, and what else is the
        same for all. Else `row_shape`, the shape of a row. Empty where nothing is known.
    """
    readers = readers_of(estimator)
    if readers:
        leads = [lead if isinstance(lead, str) else list(lead) for lead in leads_of(estimator)]
        first, *others = map(_of_reader, readers)
        same = {
            name: value for name, value in first.items() if all(o[name] == value for o in others)
        }
        return {
            "leads": leads,
            **{name: value for name, value in same.items() if value is not None},
        }
    first = single_steps(estimator)[0]
    return {"row_shape": list(first.row_shape_in_)} if hasattr(first, "row_shape_in_") else {}


def _of_reader(reader):
    fs = getattr(reader, "fs_", reader.fs)
    return {"fs": fs, "unit": "mV", "n_timesteps": getattr(reader, "n_timesteps_", None)}
