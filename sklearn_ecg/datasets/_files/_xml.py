"""Parse XML without trusting it."""

import binascii
from xml.etree.ElementTree import TreeBuilder
from xml.parsers import expat

import numpy as np

from sklearn_ecg.datasets._files._contents import ECGFormatError

_MAX_DEPTH = 100
_MAX_TEXT = 200  # longer ones are signals
_SKIPPED = {b"<?": b"?>", b"<!--": b"-->", b"<!": b">"}


def root_name(head):
    """Return the name of the first element of XML, without its namespace, or an empty str."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode()
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    while head.startswith(b"<"):
        end = next((end for begin, end in _SKIPPED.items() if head.startswith(begin)), None)
        if end is None:
            words = head[1:300].replace(b">", b" ").replace(b"/", b" ").split(maxsplit=1)
            return words[0].rpartition(b":")[2].decode("latin-1") if words else ""
        if end == b">" and b"[" in head.partition(end)[0]:
            end = b"]>"  # of definitions within a document type
        head = head.partition(end)[2].lstrip()
    return ""


def parse_xml(path):
    """Parse a file into elements whose names have no namespace.

    Document types may be named, but they are not read, and the file must not define any: an entity
    may be a bomb, or another file.
    """
    builder, depth = TreeBuilder(), 0

    def start(name, attributes):
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH:
            raise ECGFormatError("is XML with too many levels")
        builder.start(_local(name), {_local(key): value for key, value in attributes.items()})

    def end(name):
        nonlocal depth
        depth -= 1
        builder.end(_local(name))

    def refuse_definitions(name, system_id, public_id, has_internal_subset):
        if has_internal_subset:
            raise ECGFormatError("is XML that defines entities or elements, which is not read")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse_definitions
    # At once, because expat before 2.6 begins a tag anew with each part of it that it gets.
    parser.Parse(path.read_bytes(), True)
    return builder.close()


def _local(name):
    return name.rpartition(":")[2]


def text_of(element, path, default=None):
    """Return the text at a path below an element, without blanks at its ends."""
    text = element.findtext(path, default)
    if text is None:
        raise ECGFormatError("lacks a part of its description of the signal")
    return text.strip()


def value_of(element, path, key="value"):
    """Return an attribute of the element at a path."""
    found = element.find(path)
    if found is None or key not in found.attrib:
        raise ECGFormatError("lacks a part of its description of the signal")
    return found.attrib[key].strip()


def decode_base64(text):
    """Decode base64 that may be broken into lines."""
    return binascii.a2b_base64("".join(text.split()), strict_mode=True)


def integers_of(text):
    """Decode integers of two bytes from base64."""
    data = decode_base64(text)
    return np.frombuffer(data, "<i2", len(data) // 2)


def describe(root):
    """List all short texts and attributes of a document, for those who want its metadata."""
    said = {}
    for element in root.iter():
        texts = [element.text or "", *element.attrib.values()]
        texts = [text.strip() for text in texts if text.strip() and len(text) <= _MAX_TEXT]
        if texts:
            said.setdefault(element.tag, []).extend(texts)
    return said
