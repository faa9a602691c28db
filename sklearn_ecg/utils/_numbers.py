"""Numbers as parameters."""

import numpy as np


def plain(value):
    """Return a number of NumPy as one of Python, which neither overflows nor wraps around.

    A rate or a length may come from an attribute of HDF5, a header or a column, in as few bits as
    it needs there; a product with it has no more.

    Parameters
    ----------
    value : object
        A number, or anything else.

    Returns
    -------
    object
        The number of Python; anything else as it is.

    Examples
    --------
    >>> import numpy as np
    >>> plain(np.uint8(250)) * 2, plain(None)
    (500, None)
    """
    return value.item() if isinstance(value, np.number) else value
