"""French typography: no-break spaces where a line must not break."""

import re
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import TypeVar, cast

T = TypeVar("T")

NBSP = "\u00a0"
NARROW = "\u202f"
_BETWEEN_TAGS = re.compile(r"(?<=>)[^<>]+|^[^<>]+")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_UNITS = "h|min|s|jours?|heures?|minutes?|semaines?|mois|ans?|points?|%|€|Mo|ko|caractères?"
_UNIT = re.compile(rf"(\d) ({_UNITS})\b")
_WIDE = re.compile(r" (%%?|[:€])(?=[\s<.,)]|$)")
#: Fields of a form's view that people read; the others are names, addresses and what they typed.
_READ = frozenset({"title", "label", "hint", "error", "then", "who", "undo", "text", "suffix", "submit"})
_THIN = re.compile(r" ([;!?])(?=[\s<.,)]|$)")


@lru_cache(maxsize=4096)
def french(sentence: str) -> str:
    """The sentence with curved apostrophes, and no-break spaces before high punctuation, in « » and before units."""
    sentence = (
        _APOSTROPHE.sub("’", sentence).replace("« ", "«" + NBSP).replace(" »", NBSP + "»").replace("n° ", "n°" + NBSP)
    )
    sentence = _WIDE.sub(NBSP + r"\1", sentence)
    sentence = _THIN.sub(NARROW + r"\1", sentence)
    return _UNIT.sub(rf"\1{NBSP}\2", sentence)


def typeset(view: T) -> T:
    """A form ready to draw, with the typography of what its author wrote."""
    if isinstance(view, tuple):
        return cast(T, tuple(typeset(each) for each in view))
    if not is_dataclass(view) or isinstance(view, type):
        return view
    changed = {}
    for field in fields(view):
        value = getattr(view, field.name)
        changed[field.name] = _set(field.name, value)
    return replace(view, **changed)


def _set(name: str, value: object) -> object:
    if name in _READ and isinstance(value, str):
        return french(value)
    if name == "html" and isinstance(value, str):
        return _BETWEEN_TAGS.sub(lambda found: french(found[0]), value)
    if name in ("headers", "errors") and isinstance(value, tuple):
        return tuple(french(each) if isinstance(each, str) else tuple(map(french, each)) for each in value)
    return typeset(value)
