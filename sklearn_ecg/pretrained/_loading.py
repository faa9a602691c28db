"""Load models that ship with the package."""

from importlib.resources import as_file, files

from sklearn.utils._param_validation import StrOptions, validate_params

from sklearn_ecg.persistence import describe_model, load
from sklearn_ecg.utils._warning import ignored_warnings

_SUFFIX = ".skecg"
_FOLDER = files("sklearn_ecg.pretrained")
SHIPPED = {
    entry.name.removesuffix(_SUFFIX) for entry in _FOLDER.iterdir() if entry.name.endswith(_SUFFIX)
}
_CONSTRAINTS = {"name": [StrOptions(SHIPPED)]}


class ModelCard(dict):
    """Facts that users of a model must know, by heading.

    Parameters
    ----------
    headings : dict of str to str or dict
        The facts under each heading.

    See Also
    --------
    model_card : Returns the card of a model that ships.

    Examples
    --------
    >>> from sklearn_ecg.pretrained import ModelCard
    >>> ModelCard({"data": "ten people", "limits": "not a medical device"})
    data
        ten people
    limits
        not a medical device
    """

    def __init__(self, headings):
        super().__init__(headings)

    def __repr__(self):
        return "\n".join(f"{heading}\n{_indented(text)}" for heading, text in self.items())


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def load_pretrained(name):
    """Load a fitted model that ships with the package.

    Parameters
    ----------
    name : {"beats", "beats-10s", "rhythm-30s"}
        Name of the model: `"beats"` is a `BeatClassifier` that finds the heartbeats of a recording
        and classifies each as normal (N), supraventricular (S), ventricular (V) or a fusion beat
        (F). `"beats-10s"` does the same, and is better in strips of 10 s to 1 min.
        `"rhythm-30s"` is a pipeline that classifies recordings of one lead and 9 to 61 s as
        normal rhythm (N), atrial fibrillation (A), another rhythm (O) or too noisy (~).

    Returns
    -------
    estimator
        The fitted model. It may be trained further or become a part of another.

    Raises
    ------
    ValueError
        If no model that ships has this name.

    See Also
    --------
    model_card : The training data, figures and limits of the model.

    Notes
    -----
    The file runs no code. A test compares its predictions with stored ones in every version of
    scikit-learn that the package supports, so their version warnings are not shown.

    Examples
    --------
    >>> from sklearn_ecg.datasets import make_ecg
    >>> from sklearn_ecg.pretrained import load_pretrained
    >>> model = load_pretrained("beats-10s")
    >>> annotated = model.annotate(make_ecg(20, fs=250, premature={"V": 0.2}, random_state=0))
    >>> annotated.describe()["beats"]["V"] > 0
    True
    """
    with file_of(name) as path, ignored_warnings(".*was saved with", UserWarning):
        return load(path)


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=True)
def model_card(name):
    """Return the facts that users of a shipped model must know.

    Parameters
    ----------
    name : {"beats", "beats-10s", "rhythm-30s"}
        Name of the model.

    Returns
    -------
    ModelCard
        Data, licence, splits, figures by class and by patient, calibration and limits.

    Raises
    ------
    ValueError
        If no model that ships has this name.

    See Also
    --------
    load_pretrained : Loads the model.

    Examples
    --------
    >>> from sklearn_ecg.pretrained import model_card
    >>> sorted(model_card("beats"))[:3]
    ['calibration', 'data', 'figures']
    """
    with file_of(name) as path:
        return card_of(path)


def file_of(name):
    """Return the file of a model that ships, as a context that yields its path.

    Parameters
    ----------
    name : str
        Name of the model.

    Returns
    -------
    context manager
        The path may not exist afterwards, if the package is in an archive.
    """
    return as_file(_FOLDER / f"{name}{_SUFFIX}")


def card_of(path):
    """Return the card of a file, with the input and the versions of its model.

    Parameters
    ----------
    path : str or Path
        File that :func:`~sklearn_ecg.persistence.save` wrote.

    Returns
    -------
    ModelCard
        The card.
    """
    about = describe_model(path)
    return ModelCard(about["card"] | {"input": about["input"], "versions": about["versions"]})


def _indented(text):
    if isinstance(text, dict):
        text = "\n".join(f"{name}: {value}" for name, value in text.items())
    return "\n".join(f"    {line}" for line in str(text).splitlines())
