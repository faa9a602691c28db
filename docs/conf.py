"""How Sphinx builds these pages: `sphinx-build -W --keep-going -b html docs docs/_build/html`."""

import re
from pathlib import Path

import sklearn_ecg

project = "sklearn-ecg"
author = "the sklearn-ecg developers"
copyright = author
release = sklearn_ecg.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",  # a page for each public name
    "numpydoc",  # renders the docstrings
    "sphinx_gallery.gen_gallery",  # runs the examples
    "matplotlib.sphinxext.plot_directive",  # draws the pictures of pages
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
nitpicky = True  # a cross-reference that leads nowhere is an error,
nitpick_ignore_regex = [("py:obj", r"(sklearn|scipy)\..*")]  # but for See Also of other packages
default_role = "literal"  # docstrings put code into single backticks, as scikit-learn's do
python_maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False  # the template for classes lists them
# Each docstring is complete and in order. Methods need no summary, example or link of their own
# (ES01, EX01, SA01), text may begin beside the quotes (GL01), and results have names (RT02).
numpydoc_validation_checks = {"all", "ES01", "EX01", "GL01", "RT02", "SA01"}
smartquotes = False  # "pad" stays a string of Python
autodoc_typehints = "none"  # types are in the docstrings

# The pictures of the examples stand in the order of the links above them.
header = (Path(__file__).parent.parent / "examples/GALLERY_HEADER.rst").read_text(encoding="utf-8")
examples = [f"{name}.py" for name in re.findall(r"<(plot_\w+)>", header)]

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "backreferences_dir": "api/generated/examples",  # which examples use a name
    "doc_module": ("sklearn_ecg",),
    "filename_pattern": "/plot_",
    "within_subsection_order": examples.index,
    "capture_repr": ("_repr_html_",),  # diagrams of pipelines, and no addresses of objects
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_signature": False,
    "write_computation_times": False,
}

plot_formats = [("png", 110)]
plot_html_show_formats = False
plot_html_show_source_link = False
plot_include_source = False

html_theme = "pydata_sphinx_theme"
html_title = f"sklearn-ecg {release}"
html_static_path = ["_static"]
html_css_files = ["width.css"]
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": "sklearn-ecg"},
    "navbar_align": "left",
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
}
# Pages without subpages need no column for them.
html_sidebars = {"install": [], "developing": [], "index": []}


def link_dois(app, what, name, obj, options, lines):
    """Make a link of each DOI in a docstring."""
    link = r"`doi:\1 <https://doi.org/\1>`__"
    lines[:] = [re.sub(r"\bdoi:(10\.\S+?)(?=[.,;]?(?:\s|$))", link, line) for line in lines]


def setup(app):
    """Change docstrings after numpydoc has read them."""
    app.connect("autodoc-process-docstring", link_dois, priority=900)
