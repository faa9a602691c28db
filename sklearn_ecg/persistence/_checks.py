"""Refuse files of models that were made to do harm, before a part of them is unpacked."""

import io
import json
import math
import zipfile

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.persistence._parts import parts_of
from sklearn_ecg.utils._readable import read_array_header, unpacks_in_steps

MAX_BYTES = 2**30  # of all that a file holds, unpacked; more than any model of ours has
_MAX_JSON_BYTES = 2**25  # parsed, it takes some twenty times as much memory
_MAX_MEMBERS = 100_000
_MAX_NUMBERS = 10**6  # of a range, which takes no room in a file but does where it is used
_ARRAY, _ARCHIVE = b"\x93NUMPY", b"PK"  # the first bytes of what NumPy unpacks


class ModelFileError(ValueError):
    """A file holds no model, was damaged or changed, or has a part that could run code.

    See Also
    --------
    load : Raises it.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_ecg.persistence import ModelFileError, load
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Path(folder, "empty.skecg").touch()
    ...     try:
    ...         load(Path(folder, "empty.skecg"))
    ...     except ModelFileError:
    ...         print("not a model")
    not a model
    """


def check_size(n_bytes, n_members=0):
    """Check that a file unpacks to no more than it should.

    The word of an archive is enough, because `zipfile` unpacks no more of a member than its size,
    if it unpacks it in steps.

    Parameters
    ----------
    n_bytes, n_members : int
        Size of all members, and their number.

    Raises
    ------
    ModelFileError
        If it is more.
    """
    if n_bytes > MAX_BYTES or n_members > _MAX_MEMBERS:
        raise ModelFileError("unfolds to more bytes than any model has")


def check_compression(members):
    """Check that the members of an archive are unpacked in steps.

    Parameters
    ----------
    members : iterable of zipfile.ZipInfo
        The members.

    Raises
    ------
    ModelFileError
        If one is not.
    """
    if not all(map(unpacks_in_steps, members)):
        raise ModelFileError("is compressed in another way than models are")


def read_json(file):
    """Read JSON that is not too long.

    Parameters
    ----------
    file : file object
        An open member of an archive.

    Returns
    -------
    object
        The parsed JSON.

    Raises
    ------
    ModelFileError
        If it is too long.
    """
    content = file.read(_MAX_JSON_BYTES + 1)
    if len(content) > _MAX_JSON_BYTES:
        raise ModelFileError("holds more JSON than any model has")
    return json.loads(content)


def check_members(data):
    """Check that an archive, and the archives in it, hold no more than they should.

    Parameters
    ----------
    data : bytes
        The archive.

    Raises
    ------
    ModelFileError
        If it holds too much, or an array that is not as large as it says.
    """
    archives = [data]
    n_bytes = n_members = 0
    while archives:
        with zipfile.ZipFile(io.BytesIO(archives.pop())) as archive:
            members = archive.infolist()
            check_compression(members)
            n_bytes += sum(member.file_size for member in members)
            n_members += len(members)
            check_size(n_bytes, n_members)
            for member in members:
                with archive.open(member) as file:
                    archives += _check_member(file, member, members)


def _check_member(file, member, members):
    """Check a member of an archive by its content, and return the archives in it."""
    head = file.peek(len(_ARRAY))[: len(_ARRAY)]
    if head.startswith(_ARCHIVE):
        return [file.read()]
    if head == _ARRAY:
        _check_array(file, member.file_size)
    elif member.filename.endswith(".json"):
        _check_json(file, members)
    return []


def check_model(model):
    """Check that what was loaded is a fitted estimator, with all of its parameters.

    Parameters
    ----------
    model : object
        The loaded object.

    Returns
    -------
    estimator
        The same.

    Raises
    ------
    ModelFileError
        If it is something else, or has a random state or a support vector machine that would read
        beyond its memory, or a range without end.
    """
    try:
        model.get_params()
        check_is_fitted(model)
    except Exception as error:
        raise ModelFileError(
            f"holds a {type(model).__name__} that is not a complete, fitted estimator: it was "
            "changed, or needs the versions of packages that it was saved with (see describe_model)"
        ) from error
    for part in parts_of(model):
        if isinstance(part, np.random.RandomState):
            _check_position(part.get_state(legacy=False))
        elif isinstance(part, np.random.Generator):
            _check_position(part.bit_generator.state)
        elif "_n_support" in getattr(part, "__dict__", ()):
            _check_support_vectors(part)
        elif isinstance(part, range) and part[_MAX_NUMBERS:]:
            raise ModelFileError(f"holds {part}, which has more numbers than any grid")
    return model


def _check_position(state):
    """Check where a random state goes on in its numbers: NumPy 2.3 would read there, and crash."""
    inner = state["state"]
    n_words, n_buffered = len(inner.get("key", ())), len(state.get("buffer", ()))
    if not (0 <= inner.get("pos", 0) <= n_words and 0 <= state.get("buffer_pos", 0) <= n_buffered):
        raise ModelFileError("holds a random state that is damaged")


def _check_support_vectors(machine):
    """Check that the arrays of an SVC or the like fit together: libsvm reads what they say."""
    n_support, support = machine._n_support, machine.support_
    n_classes, n_vectors = len(n_support), len(support)
    n_pairs = n_classes * (n_classes - 1) // 2
    takes_vectors = isinstance(machine.kernel, str) and machine.kernel != "precomputed"
    is_classifier = machine._impl in ("c_svc", "nu_svc")  # other ones count nothing
    fits = (
        n_classes >= 2
        and machine._dual_coef_.shape == (n_classes - 1, n_vectors)
        and machine._intercept_.shape == (n_pairs,)
        and machine._probA.shape == machine._probB.shape
        and machine._probA.shape in ((0,), (n_pairs,))
        and (not takes_vectors or machine.support_vectors_.shape[0] == n_vectors)
        and np.all((support >= 0) & (support < machine.shape_fit_[0]))
        and (not is_classifier or (min(n_support) >= 0 and sum(n_support.tolist()) == n_vectors))
    )
    if not fits:
        raise ModelFileError("holds a support vector machine that is damaged")


def _check_array(file, size):
    """Check that an array has the shape that its header says, for which memory would be taken."""
    header = read_array_header(file)
    if header is None:
        raise ModelFileError("holds an array of another format")
    shape, dtype = header
    if math.prod(shape) * max(dtype.itemsize, 1) != size - file.tell() or min(shape, default=0) < 0:
        raise ModelFileError(f"holds an array that is not of the shape {shape}, as it says")


def _check_json(file, members):
    """Check that JSON is not too long, and refers to no part of the file more often than it may.

    An object that occurs twice is written twice, with its number. By shorter references, a small
    file could stand for an object of any size.
    """
    sizes = {member.filename: member.file_size for member in members}
    n_bytes, known, nodes = 0, {}, [read_json(file)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            number = node.get("__id__")
            if not number or known.setdefault(number, node) is node:
                n_bytes += sizes.get(node.get("file"), 0)
            elif _n_parts(known[number]) != _n_parts(node):
                raise ModelFileError("holds two objects of one number")
            nodes.extend(node.values())
        elif isinstance(node, list):
            nodes.extend(node)
    check_size(n_bytes)


def _n_parts(node):
    """Count the parts of parsed JSON, without recursion."""
    parts = [node]
    for part in parts:
        if isinstance(part, dict | list):
            parts.extend(part.values() if isinstance(part, dict) else part)
    return len(parts)
