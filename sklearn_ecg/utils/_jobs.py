"""Run calls in processes, on the cluster that joblib was told of, or in threads."""

import os
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import joblib

from sklearn_ecg.utils._warning import warn_user


def count_threads():
    """Count the threads that this process may use.

    Returns
    -------
    int
        The number of cores, or the share of them that joblib tells its workers.
    """
    share = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, int(share) if share.isdigit() else joblib.cpu_count())


def map_in_threads(function, items):
    """Call a function for each item, in as many threads as this process may use.

    Outside the main thread it calls one by one, because other threads are at work there.

    Parameters
    ----------
    function : callable
        A function that lets go of Python's lock for most of its time.
    items : iterable
        Its arguments.

    Returns
    -------
    list
        The results in order.

    Examples
    --------
    >>> map_in_threads(abs, [-1, 2])
    [1, 2]
    """
    items = list(items)
    is_for_threads = len(items) > 1 and threading.current_thread() is threading.main_thread()
    n_threads = count_threads() if is_for_threads else 1  # to count takes longer than a short call
    if n_threads == 1:
        return list(map(function, items))
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(function, items))


def run_jobs(jobs, n_jobs):
    """Run delayed calls, and pass their results and their warnings on, in order.

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
    noting = (joblib.delayed(_note_warnings)(*job) for job in jobs)
    try:
        parallel = joblib.Parallel(n_jobs=n_jobs, return_as="generator")
    except ValueError:  # of Ray's backend, which returns all results at once
        parallel = joblib.Parallel(n_jobs=n_jobs)
    return _warn_and_pass_on(parallel(noting))


def _note_warnings(function, arguments, options):
    """Call a function; return its result and its warnings, which a worker process would lose."""
    if threading.current_thread() is not threading.main_thread():  # threads share their filters
        return function(*arguments, **options), []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        result = function(*arguments, **options)
    return result, [(str(warning.message), warning.category) for warning in caught]


def _warn_and_pass_on(results):
    for result, noted in results:
        for message, category in noted:
            warn_user(message, category)
        yield result
