"""Where the diagrams of a draft name a form, a decision or another thing by its key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from engine.bundle import Bundle, File
from engine.diagram import BPMN


@dataclass(frozen=True, slots=True)
class Use:
    """An element that names something: the number of its file in the draft (from 1), and what people call it."""

    number: int
    element_id: str
    element_type: str
    element_name: str


def of(files: Iterable[File], name: str, key: str) -> tuple[Use, ...]:
    """The elements whose property `name` is `key`, such as the `formKey` of a form."""
    return tuple(use for use, found, value in properties(files) if found == name and value == key)


def properties(files: Iterable[File]) -> Iterator[tuple[Use, str, str]]:
    """Every property of every element of the diagrams: the element, the name and the value."""
    for number, file in enumerate(files, 1):
        for diagram in Bundle([file]).diagrams.values() if file.kind == "diagram" else ():
            for found in diagram.root.iter("{*}property"):
                element = next(islice(found.iterancestors(), 2, None), None)
                if element is not None and etree.QName(element).namespace == BPMN and found.get("name"):
                    yield use_of(number, element), found.get("name") or "", found.get("value") or ""


def use_of(number: int, element: etree._Element) -> Use:
    """An element of the file with this number."""
    return Use(number, element.get("id") or "", etree.QName(element).localname, " ".join((element.get("name") or "").split()))
