"""Walk through what an estimator consists of."""

import numpy as np


def parts_of(thing, is_whole=lambda part: False):
    """List an object and all parts of it, each once.

    Parameters
    ----------
    thing : object
        The object, such as an estimator.
    is_whole : callable, default=lambda part: False
        Called with each part; returns whether to list it without its own parts.

    Returns
    -------
    list of object
        The parts: attributes, and elements of containers and of arrays of objects. Functions and
        classes have none.

    Examples
    --------
    >>> parts_of([1, {"a": (2, 3)}])
    [[1, {'a': (2, 3)}], {'a': (2, 3)}, (2, 3), 3, 2, 1]
    """
    found, waiting = {}, [thing]
    while waiting:
        part = waiting.pop()
        if id(part) not in found:
            found[id(part)] = part
            if not is_whole(part):
                waiting.extend(_inner(part))
    return list(found.values())


def _inner(part):
    if isinstance(part, dict):
        return part.values()
    if isinstance(part, np.ndarray):
        return part.flat if part.dtype.hasobject else ()
    if isinstance(part, list | tuple | set):
        return part
    if isinstance(part, type) or callable(part) or not hasattr(part, "__dict__"):
        return ()
    return vars(part).values()
