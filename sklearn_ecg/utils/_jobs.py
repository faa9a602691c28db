"""Run calls in processes, or on the cluster that joblib was told of."""

import joblib


def run_jobs(jobs, n_jobs):
    """Run delayed calls, and pass their results on in order.

    Parameters
    ----------
    jobs : iterable of joblib.delayed calls
        The calls.
    n_jobs : int or None
        Number of processes, as joblib has it.

    Returns
    -------
    iterable
        The results; each as soon as it is there, if joblib's backend can.

    Examples
    --------
    >>> import joblib
    >>> list(run_jobs((joblib.delayed(abs)(i) for i in (-1, 2)), n_jobs=None))
    [1, 2]
    """
    try:
        parallel = joblib.Parallel(n_jobs=n_jobs, return_as="generator")
    except ValueError:  # of Ray's backend, which returns all results at once
        parallel = joblib.Parallel(n_jobs=n_jobs)
    return parallel(jobs)
