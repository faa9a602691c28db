"""Save and load fitted estimators as arrays and JSON."""

import hashlib
import importlib
import inspect
import io
import json
import platform
import re
import zipfile
from copy import deepcopy
from functools import partial
from os import PathLike
from pathlib import Path

import numpy as np
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.utils._metadata_requests import MetadataRequest, MethodMetadataRequest
from sklearn.utils._param_validation import validate_params
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.neural_network._keras_network import KerasNetwork
from sklearn_ecg.persistence._checks import (
    MAX_BYTES,
    ModelFileError,
    check_compression,
    check_members,
    check_model,
    check_size,
    read_json,
)
from sklearn_ecg.persistence._contract import input_contract
from sklearn_ecg.persistence._parts import parts_of
from sklearn_ecg.utils._atomic_writing import write_whole
from sklearn_ecg.utils._discovery import is_estimator_name
from sklearn_ecg.utils._readable import refuse_no_file
from sklearn_ecg.utils._versions import DECISIVE, installed_version
from sklearn_ecg.utils._warning import ignored_warnings, warn_user

_FORMAT = 1
_ABOUT, _MODEL = "about.json", "model.skops"
_VERSION = re.compile(r"[\w.+!-]{1,60}", re.ASCII)
_PACKAGES = ("sklearn-ecg", "scikit-learn", "numpy", "scipy", "keras", "tensorflow", "skops")
# Parts of scikit-learn's estimators, which hold data alone; skops leaves them to us.
_HARMLESS = (
    "builtins.range",  # of grids and columns
    "numpy.dtype",  # of imputers
    "sklearn.calibration._CalibratedClassifier",  # of CalibratedClassifierCV
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.utils._bunch.Bunch",  # of VotingClassifier and StackingClassifier
    # Of searches and chosen thresholds; a scorer's function is judged by itself.
    "sklearn.metrics._scorer._CurveScorer",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.metrics._scorer._Scorer",
    "sklearn.utils._metadata_requests.MetadataRequest",
    "sklearn.utils._metadata_requests.MethodMetadataRequest",
    "sklearn_ecg.utils._rates.SampledArray",  # of steps that keep rows
    *(
        f"sklearn.model_selection._split.{splitter}"
        for splitter in (
            *("KFold", "StratifiedKFold", "GroupKFold", "StratifiedGroupKFold"),
            *("ShuffleSplit", "StratifiedShuffleSplit", "GroupShuffleSplit"),
            *("LeaveOneGroupOut", "PredefinedSplit"),
        )
    ),
)


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
        Model card: facts that users must know, such as data, figures and limits. Anything that JSON
        can hold, and numbers and arrays of numbers of NumPy.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    TypeError
        If the card holds what JSON cannot, or a part of the estimator cannot be saved, such as a
        lambda.

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
    _refuse_nameless_functions(estimator)
    model = sio.dumps(_without_what_skops_spoils(estimator))
    about = {
        "format": _FORMAT,
        "versions": _versions(),
        "sha256": hashlib.sha256(model).hexdigest(),
        "input": input_contract(estimator),
        "card": card or {},
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_ABOUT, json.dumps(_without_numpy(about), indent=1, default=_refuse))
        archive.writestr(_MODEL, model)
    write_whole(path, content.getvalue())


def _without_numpy(value):
    """Return a value with Python's numbers for those of NumPy, as figures, rates and labels are."""
    if isinstance(value, dict):
        return {_without_numpy(key): _without_numpy(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_numpy(each) for each in value]
    is_number = isinstance(value, np.generic | np.ndarray) and value.dtype.kind in "biuf"
    return value.tolist() if is_number else value


def _refuse(value):
    raise TypeError(f"card holds {value!r}, which JSON cannot hold: use numbers, text and lists.")


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
        If the file is damaged, was changed after it was saved, has a format of a later version of
        this package, holds an estimator of another one, or holds a type that is not trusted.
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
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sklearn_ecg.persistence import load, save
    >>> from sklearn_ecg.preprocessing import Reshaper
    >>> reshaper = Reshaper(frame_length=2).fit(np.zeros((3, 4)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(reshaper, Path(folder, "reshaper.skecg"))
    ...     loaded = load(Path(folder, "reshaper.skecg"))
    >>> loaded.transform([[1.0, 2.0, 3.0, 4.0]])
    array([[[1., 2.],
            [3., 4.]]], dtype=float32)
    """
    about, model = _read(path)
    _warn_of_versions(about["versions"], path)
    # Of each estimator: the file has been warned of as a whole.
    with ignored_warnings(category=InconsistentVersionWarning):
        return _parse(path, lambda: _load(model, trusted))


@validate_params({"path": [str, PathLike]}, prefer_skip_nested_validation=True)
def describe_model(path):
    """Read the description of a saved model without loading the model.

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

    See Also
    --------
    load : Loads the estimator.
    save : Saves an estimator, with a card.

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


def _saved_parts(estimator):
    """List the parts of an estimator, but not what Keras makes of a network, which is not saved."""
    return parts_of(estimator, is_whole=lambda part: isinstance(part, KerasNetwork))


def _refuse_nameless_functions(estimator):
    """Refuse functions that could not be imported where the file is loaded, as pickle does."""
    for part in _saved_parts(estimator):
        name = getattr(part.func if isinstance(part, partial) else part, "__qualname__", "")
        if "<" in name:
            raise TypeError(
                f"{type(estimator).__name__} holds the function {name}, which has no name by which "
                "it can be loaded: define it in a module, outside other functions."
            )


def _without_what_skops_spoils(estimator):
    """Copy an estimator if it holds parts that skops cannot save as they are.

    Keys False and True of a dict, such as class weights, become 0 and 1, which are equal to them:
    of words, which all keys of JSON are, skops would make True of both. A request for metadata
    names its estimator in place of holding it, as before scikit-learn 1.9: skops follows circles
    for ever.
    """

    def is_bool(key):
        return isinstance(key, bool | np.bool_)

    def is_request(part):
        return isinstance(part, MetadataRequest | MethodMetadataRequest)

    parts = _saved_parts(estimator)
    replaced = {
        id(part): {int(key) if is_bool(key) else key: value for key, value in part.items()}
        for part in parts
        if type(part) is dict and any(map(is_bool, part))
    }
    if not replaced and not any(map(is_request, parts)):
        return estimator
    copied = deepcopy(estimator, replaced)
    for request in filter(is_request, _saved_parts(copied)):
        if not isinstance(request.owner, str):
            request.owner = type(request.owner).__name__
    return copied


def _load(model, trusted):
    import skops.io as sio

    found = sio.get_untrusted_types(data=model)
    if gone := sorted(filter(_is_gone, found)):
        raise ModelFileError(
            f"holds {', '.join(map(ascii, gone))}, which this version of sklearn-ecg "
            f"({installed_version('sklearn-ecg')}) does not have: load it by the one that saved it"
        )
    known = filter(_is_harmless, found)
    return check_model(sio.loads(model, trusted=[*known, *trusted]))


def _is_gone(name):
    """Check whether a full name is that of a part of another version of this package."""
    module, _, member = name.rpartition(".")
    if not name.startswith("sklearn_ecg."):
        return False
    try:  # no further than to members of modules, some of which would import more
        return not hasattr(importlib.import_module(module), member)
    except ImportError:
        return True


def _is_harmless(name):
    """Check whether a type holds data alone, or is of this package, or a function only scores."""
    return name in _HARMLESS or is_estimator_name(name) or _is_metric(name)


def _is_metric(name):
    """Check whether a full name is that of a public function of metrics, which a scorer calls."""
    room, _, rest = name.partition(".metrics.")
    if room not in ("sklearn", "sklearn_ecg"):
        return False
    member = getattr(importlib.import_module(f"{room}.metrics"), rest.rpartition(".")[2], None)
    return inspect.isfunction(member) and name == f"{member.__module__}.{member.__qualname__}"


def _versions():
    found = {package: installed_version(package) for package in _PACKAGES}
    return {"python": platform.python_version()} | {k: v for k, v in found.items() if v is not None}


def _warn_of_versions(saved, path):
    here = _versions()
    differ = [
        f"{package} {saved[package]} (here {here[package]})"
        for package in DECISIVE  # a model that `to_onnx` made needs no Keras
        if package in saved and saved[package] != here.get(package, saved[package])
    ]
    if differ:
        warn_user(
            f"{path} was saved with {', '.join(differ)}: compare its predictions with known ones "
            "before you rely on them."
        )


def _read(path):
    """Return what the file says of itself, and the bytes of the model, once they are checked."""
    path = Path(path)
    refuse_no_file(path)
    with path.open("rb") as file:
        data = file.read(MAX_BYTES)  # of a longer one the end is missing, where its index is
    return _parse(path, lambda: _unpack(data))


def _unpack(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        check_compression(members)
        check_size(sum(member.file_size for member in members))
        if sorted(archive.namelist()) != [_ABOUT, _MODEL]:
            raise ModelFileError("is not a model that sklearn_ecg.persistence.save has saved")
        with archive.open(_ABOUT) as file:
            about = read_json(file)
        model = archive.read(_MODEL)
    if about["format"] != _FORMAT:
        raise ModelFileError("is of another format: update sklearn-ecg")
    if hashlib.sha256(model).hexdigest() != about["sha256"]:
        raise ModelFileError("was changed after it had been saved")
    are_dicts = all(isinstance(about[name], dict) for name in ("versions", "input", "card"))
    # A warning quotes versions, which may be anything else: orders to the terminal, for instance.
    if not (are_dicts and all(map(_VERSION.fullmatch, map(str, about["versions"].values())))):
        raise ModelFileError("has a description that is damaged")
    check_members(model)
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
        ) from error
