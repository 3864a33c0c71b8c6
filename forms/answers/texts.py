"""Answers in words: one line or many, with lengths counted on trimmed text, patterns, e-mail and telephone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

from feel.text import Text, text
from forms import limits, pattern
from forms.answers.base import ONE_ANSWER, Answer, refuse
from forms.components import author_text
from forms.scope import Scope

_EMAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+",
    re.ASCII | re.IGNORECASE,
)
_PHONE = re.compile(r"(?:\+|00)[1-9]\d{6,14}|0[1-9]\d{8}")
_PHONE_SPACES = re.compile(r"[ .\-/()\u00a0\u202f]")
_EMAIL_LENGTH = 254


class TextAnswer(Answer):
    """One line of text."""

    required_message = text("Écrivez une réponse")
    longest = limits.SHORT_ANSWER

    def asks(self, scope: Scope) -> Text:
        kind = self.component.rules.get("validationType")
        if kind == "email":
            return text("Écrivez une adresse électronique, par exemple nom@exemple.fr")
        if kind == "phone":
            return text("Écrivez un numéro de téléphone, par exemple 02 99 27 10 10")
        return super().asks(scope)

    def clean(self, value: object, scope: Scope) -> str:
        if isinstance(value, list):
            raise refuse(ONE_ANSWER)
        if not isinstance(value, str):
            raise refuse(text("Écrivez un texte"))
        if len(value) > limits.ANSWER:
            raise refuse(text("Écrivez %(max)s caractères au plus", max=self.limit(scope)))
        # One way to write each accented letter: lengths and comparisons do not depend on the keyboard.
        cleaned = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n").strip())
        if any(unprintable(character) for character in cleaned):
            raise refuse(text("Retirez les caractères invisibles\u00a0: ce texte en contient"))
        return self.one_line(cleaned)

    def one_line(self, value: str) -> str:
        """Line ends make no sense in one line; pasted ones become spaces."""
        return " ".join(value.split("\n")) if "\n" in value else value

    def limit(self, scope: Scope) -> int:
        """The most characters that may be written."""
        highest = self.rule("maxLength", scope)
        return min(int(highest), limits.ANSWER) if _is_number(highest) else self.longest  # type: ignore[call-overload]

    def complaints(self, value: object, scope: Scope) -> Iterator[Text]:
        written = str(value)
        lowest, highest = self.rule("minLength", scope), self.limit(scope)
        if _is_number(lowest) and len(written) < int(lowest):  # type: ignore[call-overload]
            yield text("Écrivez au moins %(min)s caractères (il y en a %(count)s)", min=int(lowest), count=len(written))  # type: ignore[call-overload]
        elif len(written) > highest:
            yield text("Écrivez %(max)s caractères au plus (il y en a %(count)s)", max=highest, count=len(written))
        yield from self._forms(written)

    def _forms(self, written: str) -> Iterator[Text]:
        rules = self.component.rules
        source = rules.get("pattern")
        if isinstance(source, str) and not pattern.compiled(source).found_in(written):
            own = rules.get("patternErrorMessage")
            yield author_text(str(own)) if own else text("Respectez le format demandé")
        kind = rules.get("validationType")
        if kind == "email" and not (len(written) <= _EMAIL_LENGTH and _EMAIL.fullmatch(written)):
            yield text("Écrivez une adresse électronique complète, par exemple nom@exemple.fr")
        if kind == "phone" and not _PHONE.fullmatch(_PHONE_SPACES.sub("", written)):
            yield text("Écrivez un numéro de téléphone, par exemple 02 99 27 10 10 ou +33 2 99 27 10 10")

    def json_schema(self) -> dict[str, object]:
        schema: dict[str, object] = {"type": "string"}
        names = {"minLength": "minLength", "maxLength": "maxLength", "pattern": "pattern"}
        schema |= {
            name: self.component.rules[rule] for rule, name in names.items() if isinstance(self.component.rules.get(rule), int | str)
        }
        return schema | ({"format": "email"} if self.component.rules.get("validationType") == "email" else {})


class LongTextAnswer(TextAnswer):
    """Many lines of text."""

    longest = limits.LONG_ANSWER

    def one_line(self, value: str) -> str:
        return value


def unprintable(character: str) -> bool:
    """Whether a character has no place in an answer: control characters, half surrogates."""
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cs")


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
