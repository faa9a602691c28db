"""Save and load fitted estimators as arrays and JSON."""

import hashlib
import io
import json
import platform
import warnings
import zipfile
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path

from sklearn.utils._param_validation import validate_params
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.persistence._contract import input_contract
from sklearn_ecg.utils import all_estimators
from sklearn_ecg.utils._writing import write_whole

_FORMAT = 1
_ABOUT, _MODEL = "about.json", "model.skops"
_MAX_BYTES = 2**30  # unpacked; far more than any model of ours, and less than memory
_MAX_ABOUT_BYTES = 2**20
_MAX_MEMBERS = 100_000
_PACKAGES = ("sklearn-ecg", "scikit-learn", "numpy", "scipy", "keras", "tensorflow", "skops")
# A model may predict otherwise, or not at all, if these differ from those that it was saved with.
_THAT_MATTER = ("sklearn-ecg", "scikit-learn", "keras")
# Our estimators, and what they consist of, run no code when they are loaded.
_OUR_PARTS = (
    "sklearn.utils._bunch.Bunch",
    "sklearn_ecg.neural_network._keras_network.KerasNetwork",
    "sklearn_ecg.neural_network._networks.build_network",
)


class ModelFileError(ValueError):
    """A file holds no model, was damaged or changed, or has a part that could run code.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn_ecg.persistence import ModelFileError, load
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     try:
    ...         load(file.name)
    ...     except ModelFileError:
    ...         print("not a model")
    not a model
    """


@validate_params(
    {"estimator": "no_validation", "path": [str, PathLike], "card": [dict, None]},
    prefer_skip_nested_validation=True,
)
def save(estimator, path, *, card=None):
    """Save a fitted estimator or pipeline to a file that runs no code when it is loaded.

    The file holds arrays and JSON only. It also says which versions of the packages it was made
    with, and what input the model takes.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator or pipeline, of this package or of scikit-learn.
    path : str or Path
        Path of the new file. An existing file is replaced once the new one is whole.
    card : dict, default=None
        Model card: what users have to know, such as data, figures and limits. Anything that JSON
        can hold.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    TypeError
        If the card holds what JSON cannot, or a part of the estimator cannot be saved.

    See Also
    --------
    load : Loads the estimator.
    describe_model : Reads the card without loading the estimator.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sklearn_ecg.persistence import load, save
    >>> from sklearn_ecg.preprocessing import Segmenter
    >>> segmenter = Segmenter(segment_length=2).fit(np.zeros((3, 6)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "segmenter.skecg")
    ...     save(segmenter, path)
    ...     load(path)
    Segmenter(segment_length=2)
    """
    import skops.io as sio  # not with the package: it takes a while

    check_is_fitted(estimator)
    model = sio.dumps(estimator)
    about = {
        "format": _FORMAT,
        "versions": _versions(),
        "sha256": hashlib.sha256(model).hexdigest(),
        "input": input_contract(estimator),
        "card": card or {},
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_ABOUT, json.dumps(about, indent=1))
        archive.writestr(_MODEL, model)
    write_whole(path, content.getvalue())


@validate_params(
    {"path": [str, PathLike], "trusted": ["array-like"]}, prefer_skip_nested_validation=True
)
def load(path, *, trusted=()):
    """Load a fitted estimator or pipeline that `save` has saved.

    Parameters
    ----------
    path : str or Path
        The file.
    trusted : sequence of str, default=()
        Full names of further types and functions that the file may hold, such as a function of
        your own that builds a network. Their code is imported and may run: name only what you know.

    Returns
    -------
    estimator
        The fitted estimator.

    Raises
    ------
    ModelFileError
        If the file is damaged, was changed after it was saved, comes from a later version of this
        package, or holds a type that is not trusted.
    FileNotFoundError
        If it is not there.

    Warns
    -----
    UserWarning
        If sklearn-ecg, scikit-learn or Keras have another version than when it was saved.

    See Also
    --------
    save : Saves an estimator.

    Examples
    --------
    See `save`.
    """
    import skops.io as sio

    about, model = _read(path)
    _warn_of_versions(about["versions"], path)
    return _parse(path, lambda: sio.loads(model, trusted=[*_trusted_types(), *trusted]))


@validate_params({"path": [str, PathLike]}, prefer_skip_nested_validation=True)
def describe_model(path):
    """Read what a saved model says of itself, without loading it.

    Parameters
    ----------
    path : str or Path
        A file that `save` has saved.

    Returns
    -------
    dict
        `versions` of the packages it was made with, `input` that it takes (leads, rate in Hz, unit)
        and the model `card`.

    Raises
    ------
    ModelFileError
        If the file is damaged or was changed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sklearn_ecg.persistence import describe_model, save
    >>> from sklearn_ecg.preprocessing import Segmenter
    >>> segmenter = Segmenter(segment_length=2).fit(np.zeros((3, 6)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "segmenter.skecg")
    ...     save(segmenter, path, card={"limits": "a toy"})
    ...     describe_model(path)["card"]
    {'limits': 'a toy'}
    """
    about, _ = _read(path)
    return {name: about[name] for name in ("versions", "input", "card")}


def _versions():
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _warn_of_versions(saved, path):
    here = _versions()
    differ = [
        f"{package} {saved[package]} (here {here.get(package, 'none')})"
        for package in _THAT_MATTER
        if package in saved and saved[package] != here.get(package)
    ]
    if differ:
        warnings.warn(
            f"{path} was saved with {', '.join(differ)}: compare its predictions with known ones "
            "before you rely on them.",
            stacklevel=3,
        )


def _trusted_types():
    ours = (f"{kind.__module__}.{kind.__qualname__}" for _, kind in all_estimators())
    return [*ours, *_OUR_PARTS]


def _read(path):
    """Return what the file says of itself, and the bytes of the model, once they are checked."""
    path = Path(path)
    data = path.read_bytes()
    return _parse(path, lambda: _unpack(data))


def _unpack(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
        if set(sizes) != {_ABOUT, _MODEL} or len(archive.infolist()) != 2:
            raise ModelFileError("is not a model that sklearn_ecg.persistence.save has saved")
        if sizes[_ABOUT] > _MAX_ABOUT_BYTES or sizes[_MODEL] > _MAX_BYTES:
            raise ModelFileError("unfolds to more bytes than any model has")
        about, model = json.loads(archive.read(_ABOUT)), archive.read(_MODEL)
    if about["format"] != _FORMAT:
        raise ModelFileError("is of another format: update sklearn-ecg")
    if hashlib.sha256(model).hexdigest() != about["sha256"]:
        raise ModelFileError("was changed after it had been saved")
    if not all(isinstance(about[name], dict) for name in ("versions", "input", "card")):
        raise ModelFileError("has a description that is damaged")
    with zipfile.ZipFile(io.BytesIO(model)) as archive:
        members = archive.infolist()
        if len(members) > _MAX_MEMBERS or sum(info.file_size for info in members) > _MAX_BYTES:
            raise ModelFileError("unfolds to more bytes than any model has")
    return about, model


def _parse(path, function):
    """Call a function that parses the file, and let no other error out than our own."""
    try:
        return function()
    except ModelFileError as error:
        raise ModelFileError(f"{path} {error}.") from None
    except Exception as error:
        if type(error).__name__ == "UntrustedTypesFoundException":
            raise ModelFileError(
                f"{path} holds types that are not trusted: {error} Name them in `trusted` if you "
                "know their code."
            ) from None
        raise ModelFileError(
            f"{path} is damaged or holds no model ({type(error).__name__})."
        ) from (error)
