"""Numbers, exact: whole ones are int, others Decimal; written in French (1 234,50) or as JSON has them."""
# ruff: noqa: ARG002  every answer has the same methods, whether or not it needs their arguments

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Context, Decimal, InvalidOperation

from feel.text import Text, text
from forms import limits
from forms.answers.base import ONE_ANSWER, Answer, refuse
from forms.components import author_text
from forms.french import number
from forms.scope import Scope
from forms.templates import Template

_GROUPS = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d+)?")
_PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_SPACES = re.compile(r"[ \u00a0\u202f]")
_JSON_TEXT = re.compile(r"-?\d+(?:\.\d+)?")
_LONGEST = 80
_EXACT = Context(prec=120)


class NumberAnswer(Answer):
    """A number."""

    def asks(self, scope: Scope) -> Text:
        return self._bounds(scope) or text("Donnez un nombre")

    def clean(self, value: object, scope: Scope) -> Decimal:
        if isinstance(value, list):
            raise refuse(ONE_ANSWER)
        read = self._decimal(value)
        if read is None:
            raise refuse(text("Écrivez un nombre, par exemple %(example)s", example=self._example()))
        if len(read.normalize(_EXACT).as_tuple().digits) > limits.DIGITS or (read and abs(read.adjusted()) > limits.MAGNITUDE):
            raise refuse(text("Écrivez un nombre plus court\u00a0: il a trop de chiffres"))
        return read

    def _decimal(self, value: object) -> Decimal | None:
        if isinstance(value, bool):
            return None
        if isinstance(value, str):
            if not self.component.settings.get("serializeToString") or len(value) > _LONGEST or not _JSON_TEXT.fullmatch(value.strip()):
                return None
            return Decimal(value.strip())
        if isinstance(value, int) and value.bit_length() > 200:
            return Decimal(10) ** (limits.MAGNITUDE + 1)
        if not isinstance(value, int | float | Decimal):
            return None
        try:
            read = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        except InvalidOperation:
            return None
        return read if read.is_finite() else None

    def _example(self) -> str:
        return "12" if self.component.settings.get("decimalDigits") == 0 else "12,5"

    def complaints(self, value: object, scope: Scope) -> Iterator[Text]:
        assert isinstance(value, Decimal)  # noqa: S101  what clean gives
        lowest, highest = self._bound("min", scope), self._bound("max", scope)
        if (lowest is not None and value < lowest) or (highest is not None and value > highest):
            yield self._bounds(scope) or text("Donnez un autre nombre")
        yield from self._precision(value)

    def _precision(self, value: Decimal) -> Iterator[Text]:
        digits = self.component.settings.get("decimalDigits")
        exponent = value.normalize(_EXACT).as_tuple().exponent
        if isinstance(digits, int) and isinstance(exponent, int) and -exponent > digits:
            yield (text("Donnez un nombre entier") if digits == 0 else text("Donnez %(max)s chiffres au plus après la virgule", max=digits))
        step = self.component.settings.get("increment")
        if isinstance(step, Decimal) and _EXACT.remainder(value, step):
            below = _EXACT.multiply(_EXACT.divide_int(value, step), step)
            yield text(
                "Choisissez une valeur permise, par exemple %(low)s ou %(high)s",
                low=number(below),
                high=number(_EXACT.add(below, step)),
            )

    def _bound(self, name: str, scope: Scope) -> Decimal | None:
        bound = self.rule(name, scope)
        return Decimal(bound) if isinstance(bound, int | Decimal) and not isinstance(bound, bool) else None

    def _bounds(self, scope: Scope) -> Text | None:
        """What to give, in the author's words or ours; None when there are no bounds."""
        lowest, highest = self._bound("min", scope), self._bound("max", scope)
        if own := self.component.properties.get("rangeMessage"):
            return author_text(str(own))
        if lowest is not None and highest is not None:
            return text("Donnez un nombre entre %(min)s et %(max)s", min=number(lowest), max=number(highest))
        if lowest is not None:
            return text("Donnez un nombre supérieur ou égal à %(min)s", min=number(lowest))
        if highest is not None:
            return text("Donnez un nombre inférieur ou égal à %(max)s", max=number(highest))
        return None

    def finish(self, value: object, scope: Scope) -> object:
        assert isinstance(value, Decimal)  # noqa: S101  what clean gives
        if self.component.settings.get("serializeToString"):
            return format(value, "f")
        return int(value) if value == value.to_integral_value() else value

    def from_post(self, values: Sequence[str]) -> object:
        raw = super().from_post(values)
        if not isinstance(raw, str) or (read := parse(raw)) is None:
            return raw
        if self.component.settings.get("serializeToString"):
            return format(read, "f")
        return int(read) if read == read.to_integral_value() else read

    def to_post(self, value: object, scope: Scope) -> tuple[str, ...]:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return super().to_post(value, scope)
        return (format(Decimal(repr(value)) if isinstance(value, float) else Decimal(value), "f").replace(".", ","),)

    def display(self, value: object, scope: Scope) -> str:
        if (read := self._decimal(value)) is None:
            return super().display(value, scope)
        before, after = (_adorner(self.component.settings.get(name), scope) for name in ("prefixAdorner", "suffixAdorner"))
        return " ".join(part for part in (before, number(read), after) if part)

    def json_schema(self) -> dict[str, object]:
        if self.component.settings.get("serializeToString"):
            return {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
        schema: dict[str, object] = {"type": "integer" if self.component.settings.get("decimalDigits") == 0 else "number"}
        for rule, name in (("min", "minimum"), ("max", "maximum")):
            bound = self.component.rules.get(rule)
            if isinstance(bound, Decimal):
                schema[name] = int(bound) if bound == bound.to_integral_value() else float(bound)
        return schema


def parse(written: str) -> Decimal | None:
    """A number as people write it in France: « 1 234,50 », « 1234.5 », « -3 »; None when it is none."""
    trimmed = written.strip().replace("\u2212", "-")
    if len(trimmed) > _LONGEST or not (_PLAIN.fullmatch(trimmed) or _GROUPS.fullmatch(trimmed)):
        return None
    return Decimal(_SPACES.sub("", trimmed).replace(",", "."))


def _adorner(value: object, scope: Scope) -> str:
    return value.render(scope) if isinstance(value, Template) else ""
