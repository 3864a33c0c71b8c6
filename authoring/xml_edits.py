"""Texts and attributes of an XML file changed in place: every other byte stays, which no parser that writes the file anew can promise."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import escape

#: One after the other, so that what stands inside a value is never taken for an attribute.
ATTRIBUTE = re.compile(rb"""\s([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')""")


@dataclass(frozen=True, slots=True)
class Spot:
    """The text of an element, or one of its attributes. `element` counts start tags in the order of the file, from 0."""

    element: int
    attribute: str = ""


def replace(content: bytes, changes: Mapping[Spot, str]) -> bytes:
    """The file, which was read before and has no DOCTYPE, with other texts.

    The elements whose text changes hold nothing but text; spots that are not there change nothing.
    """
    spans = _spans(content)
    encoding = _encoding(content)
    edits = []
    for spot, text in changes.items():
        if spot.element < len(spans) and (span := _span(content, spans[spot.element], spot)) is not None:
            escaped = escape(text, {'"': "&quot;"} if spot.attribute else {})
            edits.append((*span, escaped.encode(encoding, "xmlcharrefreplace")))
    for start, end, said in sorted(edits, reverse=True):
        content = content[:start] + said + content[end:]
    return content


def _span(content: bytes, found: tuple[int, int, int], spot: Spot) -> tuple[int, int] | None:
    start, inside, end = found
    if not spot.attribute:
        return (inside, end) if inside <= end else None
    for each in ATTRIBUTE.finditer(content, start, inside):
        if each[1] == spot.attribute.encode():
            return each.start(2) + 1, each.end(2) - 1
    return None


def _encoding(content: bytes) -> str:
    declared = re.match(rb"""<\?xml[^>]*encoding=["']([\w-]+)["']""", content.removeprefix(b"\xef\xbb\xbf"))
    return declared[1].decode() if declared else "utf-8"


def _spans(content: bytes) -> Sequence[tuple[int, int, int]]:
    """Of every element the bytes at which its start tag begins, its content begins and its content ends."""
    spans: list[list[int]] = []
    opened: list[int] = []
    unseen: list[int] = []
    parser = expat.ParserCreate()

    def see() -> None:
        """Whatever comes next tells where the start tag before it ended."""
        if unseen:
            spans[unseen.pop()][1] = parser.CurrentByteIndex

    def start(_name: str, _attributes: object) -> None:
        see()
        spans.append([parser.CurrentByteIndex, -1, -1])
        opened.append(len(spans) - 1)
        unseen.append(len(spans) - 1)

    def end(_name: str) -> None:
        see()
        spans[opened.pop()][2] = parser.CurrentByteIndex

    def other(*_given: object) -> None:
        see()

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = parser.CommentHandler = parser.ProcessingInstructionHandler = other
    parser.StartCdataSectionHandler = parser.EndCdataSectionHandler = other
    parser.Parse(content, True)  # noqa: FBT003  the parameter has no name
    return [(first, inside, last) for first, inside, last in spans]
