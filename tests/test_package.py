"""Properties of the whole package: what importing it costs, and who imports whom."""

import ast
import graphlib
import inspect
import re
import tomllib
import zipfile
from pathlib import Path

import pytest

import sklearn_ecg
from sklearn_ecg.utils import all_estimators

PACKAGE = Path(sklearn_ecg.__file__).parent

ROOMS = [path.parent.name for path in sorted(PACKAGE.glob("*/__init__.py"))]

# A module imports only from layers below its own.
LAYERS = [
    {"utils"},
    {"preprocessing", "metrics", "model_selection"},
    {"datasets", "beats"},
    {"neural_network"},
    {"compose"},
    {"inspection"},
    {"plotting", "persistence"},
    {"pretrained"},
    {"", "_command_line"},
    {"__main__"},
]
# What only some users need, or what takes long to load, is imported where it is used.
HEAVY = {
    "tensorflow",
    "keras",
    "scikeras",
    "wfdb",
    "pandas",
    "matplotlib",
    "pooch",
    "pydicom",
    "edfio",
    "sleepecg",
    "aeon",
    "h5py",
    "soundfile",
    "bioread",
    "onnx",
    "onnxruntime",
    "plotly",
    "tqdm",
    "skops",
    "dask",
    "scipy.signal",
}


def _modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield path, ".".join(part for part in parts if part != "__init__")


def _layer(module):
    for level, rooms in enumerate(LAYERS):
        if module.partition(".")[0] in rooms:
            return level
    raise AssertionError(f"{module} has no layer: give its room one in LAYERS")


def _imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def test_import_is_light(run_python):
    """Importing the package loads nothing that is heavy or optional."""
    result = run_python(f"import sys, sklearn_ecg; print({HEAVY!r} & set(sys.modules))")
    assert result.stdout == "set()\n"
    assert result.stderr == ""


def test_rooms_add_nothing_heavy_to_sklearn(run_python):
    """All rooms together load no more of it than scikit-learn itself, whose 1.9 loads pandas."""
    code = f"""
import sys, sklearn.model_selection
before = set(sys.modules)
import sklearn_ecg
for name in sklearn_ecg.__all__:
    getattr(sklearn_ecg, name)
print({HEAVY!r} & (set(sys.modules) - before))
"""
    assert run_python(code).stdout == "set()\n"


def test_names_for_prediction_load_no_formats_and_no_splits(run_python):
    """A service that predicts signals does not wait for what only files and training need."""
    code = """
import sys, sklearn.pipeline
before = set(sys.modules)
from sklearn_ecg import LSTMClassifier, MaxNormalizer, RecordReader
needless = {
    "sklearn.model_selection",
    "sklearn_ecg.datasets._databases",
    "sklearn_ecg.datasets._files._formats",
    "sklearn_ecg.datasets._simulated",
    "xml.etree",
}
print(needless & (set(sys.modules) - before))
"""
    assert run_python(code).stdout == "set()\n"


def test_package_may_be_in_an_archive(run_python, tmp_path):
    """As Spark hands one to its workers; it holds models, weights, pages and a program."""
    with zipfile.ZipFile(tmp_path / "package.zip", "w") as archive:
        for path in PACKAGE.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(PACKAGE.parent))
    code = """
import h5py, sys
sys.path.insert(0, "package.zip")
from sklearn_ecg import make_ecg, plotting, read_record
from sklearn_ecg.pretrained import load_pretrained

record = make_ecg(60, fs=250, leads=["II"], random_state=0)
with h5py.File("r.h5", "w") as file:
    file["ecg"] = record.signal
read = read_record("r.h5", file_fs=250, file_unit="mV", file_lead_names=["II"])
model = load_pretrained("beats-10s")
page = plotting.report(read, model, "page.html")
print("package.zip" in plotting.__file__, page.stat().st_size > 10_000)
"""
    assert run_python(code).stdout == "True True\n"


def test_what_windows_lacks_is_not_needed(run_python):
    """Modules and functions of other systems; its own paths and files cannot be played here."""
    code = """
import ctypes, os, signal, sys, types
import joblib, onnxruntime, scikeras.wrappers, skops.io, sklearn.pipeline  # which know Windows
import threadpoolctl
threadpoolctl.sys = types.SimpleNamespace(**vars(sys))  # it would ask for libraries of Windows

def load_library(name, *arguments, **options):
    "/" in name  # as `ctypes.CDLL` does there
    return of_this_system(name, *arguments, **options)

of_this_system, ctypes.CDLL = ctypes.CDLL, load_library
sys.modules |= dict.fromkeys(["fcntl", "pwd", "resource"])
del os.fork, os.register_at_fork, signal.SIGALRM, signal.SIGHUP, signal.SIGPIPE
sys.platform = "win32"

from sklearn_ecg import LSTMClassifier, RecordReader, Reshaper, make_ecg, persistence, write_record
from sklearn_ecg._command_line import main

records = [make_ecg(10, fs=100, leads=["II"], random_state=i) for i in range(4)]
reader, lstm = RecordReader(["II"], fs=100, duration_s=10), LSTMClassifier(units=2, epochs=1)
pipeline = sklearn.pipeline.make_pipeline(reader, Reshaper(frame_length=10), lstm)
persistence.save(persistence.to_onnx(pipeline.fit(records, list("abab"))), "model.skecg")
write_record(records[0], "r.hea")
print(main(["classify", "model.skecg", "r.hea", "--output", "out"]))
print(main(["report", "model.skecg", "r.hea", "--output", "out"]))
"""
    lines = run_python(code).stdout.splitlines()
    assert [line for line in lines if "\t" not in line] == ["0", "0"]


@pytest.mark.parametrize("module", [sklearn_ecg, sklearn_ecg.datasets])
def test_unknown_name_is_an_attribute_error(module):
    """Names are imported lazily, but a wrong one fails as in any module."""
    message = f"module '{module.__name__}' has no attribute 'LSTM'"
    with pytest.raises(AttributeError, match=message):
        module.LSTM  # noqa: B018


@pytest.mark.parametrize("module", [sklearn_ecg, sklearn_ecg.datasets])
def test_lazy_names_are_listed(module):
    """For completion at a prompt."""
    assert set(module.__all__) <= set(dir(module))


@pytest.mark.parametrize(("path", "module"), list(_modules()), ids=str)
def test_modules_import_only_from_below(path, module):
    """No module imports from a layer above its own, or from a sibling room."""
    room = module.partition(".")[0]
    for name in _imports(ast.parse(path.read_text(encoding="utf-8"))):
        top, _, imported = name.partition(".")
        if top == "sklearn_ecg" and imported.partition(".")[0] != room:
            assert _layer(imported) < _layer(module), f"{module} imports {name}"


def test_imports_run_in_no_circle():
    """Nor within a room, nor where a function imports what it needs."""
    files = {f"sklearn_ecg.{module}".removesuffix("."): path for path, module in _modules()}
    graph = {
        module: {
            found
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom)
            for found in _files_of(node, files)
        }
        for module, path in files.items()
    }
    graphlib.TopologicalSorter(graph).prepare()  # an error shows the circle


def _files_of(node, files):
    """Find the files of this package from which names are imported."""
    inner = [f"{node.module}.{alias.name}" for alias in node.names]
    return {name if name in files else node.module for name in inner} & set(files)


@pytest.mark.parametrize(("path", "module"), list(_modules()), ids=str)
def test_keras_appears_in_neural_network_only(path, module):
    """TensorFlow and Keras could be exchanged by changing one room."""
    imported = {
        name.partition(".")[0] for name in _imports(ast.parse(path.read_text(encoding="utf-8")))
    }
    if not module.startswith("neural_network"):
        assert not imported & {"tensorflow", "keras", "scikeras"}


def _public_objects():
    for room in ROOMS:
        namespace = getattr(sklearn_ecg, room)
        for name in namespace.__all__:
            thing = getattr(namespace, name)
            if inspect.isroutine(thing) or inspect.isclass(thing):  # not data, nor scorers
                yield pytest.param(thing, id=f"{room}.{name}")


def _is_exception(thing):
    return isinstance(thing, type) and issubclass(thing, Exception)


@pytest.mark.parametrize("thing", list(_public_objects()))
def test_public_docstring_is_complete(thing):
    """Every public name documents all its parameters and shows an example."""
    for argument in () if _is_exception(thing) else inspect.signature(thing).parameters:
        assert argument in thing.__doc__, f"{argument} is not documented"
    assert "Examples\n" in thing.__doc__
    assert ">>>" in thing.__doc__


@pytest.mark.parametrize("thing", list(_public_objects()))
def test_defaults_are_those_of_the_docstring(thing):
    """Of a function, and of the class that has it as its function form, one by one."""
    documented = {}
    text = inspect.cleandoc(thing.__doc__).replace("\\\n", "")
    for names, defaults in re.findall(r"^(\w+(?:, \w+)*) : .*, +default=(.*)$", text, re.MULTILINE):
        names = names.split(", ")
        defaults = defaults.split(", ") if len(names) > 1 else [defaults]
        documented |= dict(zip(names, defaults * (len(names) // len(defaults)), strict=True))
    signature = {} if _is_exception(thing) else inspect.signature(thing).parameters
    given = {name: repr(argument.default) for name, argument in signature.items()}
    without = {repr(inspect.Parameter.empty), "<factory>"}
    given = {name: each.replace("'", '"') for name, each in given.items() if each not in without}
    assert documented == given


@pytest.mark.parametrize("room", ROOMS)
def test_api_page_lists_the_public_names(room):
    """Each public name has its place there, and no other name has one."""
    page = (PACKAGE.parent / "docs" / "api" / "index.rst").read_text(encoding="utf-8")
    section = re.split(r"^\.\. module:: ", page, flags=re.MULTILINE)
    listed = {
        name
        for part in section
        if part.partition("\n")[0] == f"sklearn_ecg.{room}"
        for name in re.findall(r"^(?:   |\.\. data:: )(\w+)$", part, flags=re.MULTILINE)
    }
    assert listed == set(getattr(sklearn_ecg, room).__all__)


def test_install_page_lists_the_extras():
    """The page that explains the extras names each of pyproject.toml, and no other."""
    root = PACKAGE.parent
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (root / "docs" / "install.rst").read_text(encoding="utf-8")
    listed = re.findall(r"^`(\w+)`  ", page, flags=re.MULTILINE)
    assert sorted(listed) == sorted(project["optional-dependencies"])


def test_citation_is_of_this_package():
    """CITATION.cff repeats what pyproject.toml says of the package."""
    root = PACKAGE.parent
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (root / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    facts = dict(line.split(": ", 1) for line in lines if ": " in line)
    for key in ("version", "license"):
        assert facts[key] == project[key]
    assert facts["title"] == project["name"]
    assert facts["abstract"] == project["description"]
    assert [facts["  - name"]] == [author["name"] for author in project["authors"]]
    assert facts["url"] in project["urls"].values()


@pytest.mark.parametrize(("name", "estimator_class"), all_estimators(), ids=str)
def test_estimators_are_public_at_the_top(name, estimator_class):
    """Every estimator can be imported from sklearn_ecg itself."""
    assert getattr(sklearn_ecg, name) is estimator_class
