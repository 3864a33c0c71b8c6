"""Texts with FEEL in them: `{{ value }}`, `{{#if condition}}…{{/if}}`, `{{#loop list}}…{{/loop}}`, or `=expression`.

The syntax is that of form-js (feelers). A template is parsed once, when the form is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from feel import expression as feel
from feel.errors import FeelError
from feel.expression import Expression
from feel.text import text
from forms import limits
from forms.errors import FormsError
from forms.french import shown

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_BLOCK = re.compile(r"#(if|loop)\s+(.*)", re.DOTALL)
_DEPTH = 5


class TemplateError(FormsError):
    """The template cannot be read."""

    def __init__(self, detail: object) -> None:
        super().__init__(str(detail))
        self.detail = detail


class Evaluator(Protocol):
    """What a template needs to render: expressions evaluated, and a scope for each item of a loop."""

    def evaluate(self, expression: Expression) -> object: ...

    def item(self, value: object) -> Evaluator: ...


@dataclass(frozen=True)
class Block:
    """A part that is shown when a condition is true, or once for each item of a list."""

    kind: str
    expression: Expression
    parts: tuple[Part, ...]


Part = str | Expression | Block


@dataclass(frozen=True)
class Template:
    """A text with its expressions compiled. Empty when the author wrote nothing."""

    source: str = ""
    parts: tuple[Part, ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.source)

    @property
    def free(self) -> frozenset[str]:
        """The names that the expressions read."""
        return frozenset(_free(self.parts))

    def render(self, scope: Evaluator, escape: Callable[[str], str] = str) -> str:
        """The text, with each value put in as French readers write it and passed through `escape`."""
        pieces: list[str] = []
        room = limits.TEXT * 5
        for piece in _render(self.parts, scope, escape):
            room -= len(piece)
            if room < 0:
                break
            pieces.append(piece)
        return "".join(pieces)


def read(source: str) -> Template:
    """Parse `source`; raises `TemplateError` for FEEL that does not parse, and for blocks that do not match."""
    if source.startswith("="):
        return Template(source, (_compile(source[1:]),))
    pieces = _TAG.split(source)
    parts, rest = _parse(list(enumerate(pieces)), "", 0)
    if rest:
        raise TemplateError(text("un bloc {{/…}} ferme ce qui n’est pas ouvert"))
    return Template(source, tuple(parts))


def _parse(pieces: list[tuple[int, str]], until: str, depth: int) -> tuple[list[Part], list[tuple[int, str]]]:
    if depth > _DEPTH:
        raise TemplateError(text("les blocs {{#…}} sont trop imbriqués"))
    parts: list[Part] = []
    while pieces:
        (index, piece), pieces = pieces[0], pieces[1:]
        if index % 2 == 0:
            parts.extend([piece] if piece else [])
            continue
        tag = piece.strip()
        if tag.startswith("/"):
            if tag[1:].strip() not in (until, "") or not until:
                raise TemplateError(text("un bloc {{/…}} ferme ce qui n’est pas ouvert"))
            return parts, pieces
        if block := _BLOCK.fullmatch(tag):
            inner, pieces = _parse(pieces, block[1], depth + 1)
            parts.append(Block(block[1], _compile(block[2]), tuple(inner)))
        else:
            parts.append(_compile(tag))
    if until:
        raise TemplateError(text("un bloc {{#%(kind)s …}} n’est pas fermé", kind=until))
    return parts, []


def _compile(source: str) -> Expression:
    try:
        return feel.compile(source.strip().removeprefix("=").strip())
    except FeelError as error:
        raise TemplateError(str(error)) from error


def _render(parts: Sequence[Part], scope: Evaluator, escape: Callable[[str], str]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Block):
            yield from _render_block(part, scope, escape)
        else:
            yield escape(shown(scope.evaluate(part)))


def _render_block(block: Block, scope: Evaluator, escape: Callable[[str], str]) -> Iterator[str]:
    value = scope.evaluate(block.expression)
    if block.kind == "if":
        if value is True:
            yield from _render(block.parts, scope, escape)
        return
    for item in value if isinstance(value, list) else []:
        yield from _render(block.parts, scope.item(item), escape)


def _free(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Block):
            yield from part.expression.free
            yield from _free(part.parts)
        elif not isinstance(part, str):
            yield from part.free
