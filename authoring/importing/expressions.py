"""What other tools write in their attributes, as FEEL: `${…}` of Camunda 7 and its relatives, `=…` and fixed texts of Camunda 8.

Every result is compiled, and reads exactly the variables that the original reads: a name that has a meaning of its own in FEEL is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from authoring.importing.camunda_feel import standard
from authoring.importing.juel import Untranslatable
from authoring.importing.juel_feel import Translation, quoted
from engine.spiff.scripts import feel
from feel import lint
from feel.errors import FeelError
from feel.text import text

WHOLE = re.compile(r"\s*[$#]\{((?:[^{}'\"]|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")*)\}\s*", re.DOTALL)
"""One expression and nothing around it."""

PART = re.compile(r"[$#]\{((?:[^{}'\"]|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")*)\}", re.DOTALL)
NOTHING: Mapping[str, str] = {}


def is_juel(source: str) -> bool:
    """Whether a text holds an expression of Camunda 7."""
    return "${" in source or "#{" in source


def from_juel(source: str, renamed: Mapping[str, str] = NOTHING) -> str:
    """`${…}` as FEEL; a text with expressions in it as a concatenation; a fixed text as a FEEL text. Raises Untranslatable."""
    whole = WHOLE.fullmatch(source)
    if whole:
        return _checked(Translation(whole[1], renamed))
    if not is_juel(source):
        return quoted(source.strip())
    return _template(source, renamed)


def _template(source: str, renamed: Mapping[str, str]) -> str:
    parts: list[str] = []
    place = 0
    for match in PART.finditer(source):
        if source[place : match.start()]:
            parts.append(quoted(source[place : match.start()]))
        parts.append(f"string({_checked(Translation(match[1], renamed))})")
        place = match.end()
    if is_juel(source[place:]):
        raise Untranslatable(text("L’expression est vide ou inachevée."))
    if source[place:]:
        parts.append(quoted(source[place:]))
    return " + ".join(parts)


def condition(source: str, renamed: Mapping[str, str] = NOTHING) -> str:
    """A condition: `${…}`, or FEEL with or without its `=`. Raises Untranslatable."""
    if is_juel(source):
        return from_juel(source, renamed)
    return as_feel(source.strip().removeprefix("="))


def from_zeebe(source: str) -> str:
    """An attribute of Camunda 8: `=` and FEEL, else a fixed text. Raises Untranslatable."""
    source = source.strip()
    return as_feel(source[1:]) if source.startswith("=") else quoted(source)


def as_feel(source: str) -> str:
    """FEEL of another engine, when ours reads it and knows its functions. Raises Untranslatable."""
    source = standard(source.strip())
    try:
        feel(source)
    except FeelError as error:
        raise Untranslatable(error.message) from error
    problems = [each for each in lint.check(source) if each.severity == "error"]
    if problems:
        raise Untranslatable(problems[0].message)
    return source


def names(source: str) -> frozenset[str]:
    """The variables that FEEL reads; none when it cannot be read."""
    try:
        return feel(source).free
    except FeelError:
        return frozenset()


def context(entries: Mapping[str, str]) -> str:
    """A FEEL context of these entries, for which order matters: later ones may read earlier ones."""
    return "{" + ", ".join(f"{_key(name)}: {value}" for name, value in entries.items()) + "}"


def is_context(source: str) -> bool:
    """Whether a script is a FEEL context, as ours are."""
    try:
        feel(source)
    except FeelError:
        return False
    written = source.strip().removeprefix("=").strip()
    return written.startswith(("{", "context merge", "context put", "if "))


def is_variable(name: str) -> bool:
    """Whether FEEL reads the text as the name of one variable."""
    return bool(re.fullmatch(r"[^\W\d]\w*", name)) and names(name) == {name}


def _key(name: str) -> str:
    return name if is_variable(name) else quoted(name)


def _checked(translation: Translation) -> str:
    """The FEEL reads the variables of the original, no more and no less."""
    try:
        free = feel(translation.feel).free
    except FeelError as error:
        raise Untranslatable(error.message) from error
    lost = sorted(translation.names ^ free)
    if lost:
        raise Untranslatable(text("Le nom « %(name)s » a un autre sens en FEEL.", name=lost[0]))
    return translation.feel
