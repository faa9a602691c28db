"""Write HTML in which no text of a file is code."""

import json
from html import escape

_DEEPEST = 10  # of lists in lists; a file may hold a thousand, for which Python has no room


class Markup(str):
    """Text that is HTML already."""


def text(value):
    """Escape a value, unless it is HTML already.

    Parameters
    ----------
    value : object
        Text, or what becomes text.

    Returns
    -------
    Markup
        The HTML.
    """
    return value if isinstance(value, Markup) else Markup(escape(str(value)))


def element(tag, content, **attributes):
    """Write an element.

    Parameters
    ----------
    tag : str
        Its name.
    content : object
        Its content, which is escaped unless it is `Markup`.
    **attributes : str
        Its attributes; `class_` is `class`, and `data_x` is `data-x`.

    Returns
    -------
    Markup
        The HTML.
    """
    pairs = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(v))}"'
        for name, v in attributes.items()
    )
    return Markup(f"<{tag}{pairs}>{text(content)}</{tag}>")


def together(parts):
    """Join parts, each escaped unless it is `Markup`.

    Parameters
    ----------
    parts : iterable of object
        The parts.

    Returns
    -------
    Markup
        The HTML.
    """
    return Markup("".join(map(text, parts)))


def table(head, rows):
    """Write a table, which scrolls by itself where the page is narrow.

    Parameters
    ----------
    head : sequence of str
        Names of the columns.
    rows : iterable of sequence
        Cells; the first of each row is its heading.

    Returns
    -------
    Markup
        The HTML.
    """
    head = element("tr", together(element("th", name, scope="col") for name in head))
    body = together(
        element(
            "tr",
            together([element("th", first, scope="row"), *(element("td", cell) for cell in cells)]),
        )
        for first, *cells in rows
    )
    content = together([element("thead", head), element("tbody", body)])
    return element("div", element("table", content, class_="numbers"), class_="scroll")


def facts(pairs):
    """Write names and values as a list.

    Parameters
    ----------
    pairs : iterable of tuple
        Names and values.

    Returns
    -------
    Markup
        The HTML.
    """
    parts = (together([element("dt", name), element("dd", value)]) for name, value in pairs)
    return element("dl", together(parts))


def nested(value, depth=0):
    """Write what JSON can hold: lists of names and values, and text.

    Parameters
    ----------
    value : object
        A dict, a list or a plain value.
    depth : int, default=0
        Number of lists around it. Those in more than ten are left out.

    Returns
    -------
    Markup
        The HTML.
    """
    if isinstance(value, dict):
        if depth > _DEEPEST:
            return text("...")
        return facts((name, nested(part, depth + 1)) for name, part in value.items())
    if isinstance(value, list | tuple):
        return text(", ".join(" or ".join(v) if isinstance(v, list) else str(v) for v in value))
    return text(value)


def embed(value):
    """Write a value as JSON that can stand inside a script element.

    Parameters
    ----------
    value : object
        A value that JSON can hold.

    Returns
    -------
    Markup
        The JSON, without a character that could end the element.
    """
    written = json.dumps(value, separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        written = written.replace(character, f"\\u{ord(character):04x}")
    return Markup(written)
