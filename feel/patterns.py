"""Translation of XPath regular expressions (XML Schema part 2, appendix F; XPath functions 5.6.1) for our engines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from feel.errors import EvaluationError
from feel.text import text

MAX_LENGTH = 2_000
MAX_QUANTITY = 1_000
FLAGS = frozenset("smix")

_SELF_ESCAPED = frozenset("nrt\\|.-^?*+{}()[]$")
_SPACES = " \t\n\r"
_QUANTITIES = "?*+{"
_OUTSIDE = {
    "s": r"[ \t\n\r]",
    "S": r"[^ \t\n\r]",
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "w": r"[^\p{P}\p{Z}\p{C}]",
    "W": r"[\p{P}\p{Z}\p{C}]",
    "i": r"[\p{L}_:]",
    "I": r"[^\p{L}_:]",
    "c": r"[\p{L}\p{Nd}_:.\-]",
    "C": r"[^\p{L}\p{Nd}_:.\-]",
}
_INSIDE = {
    "s": r" \t\n\r",
    "S": r"\x00-\x08\x0b\x0c\x0e-\x1f!-" + "\U0010ffff",
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "w": r"\p{L}\p{M}\p{N}\p{S}",
    "W": r"\p{P}\p{Z}\p{C}",
    "i": r"\p{L}_:",
    "I": r"[^\p{L}_:]",
    "c": r"\p{L}\p{Nd}_:.\-",
    "C": r"[^\p{L}\p{Nd}_:.\-]",
}
_NESTED = frozenset("IC")
"""What a class of RE2 cannot hold: the contrary of several things."""
_CATEGORY = re.compile(r"[A-Za-z0-9-]+")
_QUANTITY = re.compile(r"\{(\d{1,9})(?:,(\d{0,9}))?\}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Translation:
    """A pattern for the engines; `special` when RE2 cannot say it."""

    pattern: str
    groups: int
    special: bool


def translate(pattern: str, flags: str) -> Translation:
    """The pattern for the engines; EvaluationError when it is no XPath pattern."""
    if len(pattern) > MAX_LENGTH:
        raise _invalid()
    if not set(flags) <= FLAGS:
        raise EvaluationError(text("options inconnues : %(flags)s", flags=flags[:20]))
    return _Translator(pattern, flags).run()


def _invalid() -> EvaluationError:
    return EvaluationError(text("ce motif n’est pas valable ou est trop grand"))


class _Translator:
    """Reads a pattern once from left to right."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern = pattern
        self.spaced = "x" in flags
        self.symbols = {
            ".": "(?s:.)" if "s" in flags else r"[^\n\r]",
            "^": "(?m:^)" if "m" in flags else r"\A",
            "$": "(?m:$)" if "m" in flags else r"\z",
        }
        self.index = 0
        self.out: list[str] = []
        self.special = False
        self.repeats = 0
        self.groups = 0
        self.open: list[int] = []
        self.closed: set[int] = set()

    def run(self) -> Translation:
        while self.index < len(self.pattern):
            self._step(self.pattern[self.index])
        if self.open:
            raise _invalid()
        return Translation("".join(self.out), self.groups, self.special)

    def _step(self, character: str) -> None:
        if self.spaced and character in _SPACES:
            self.index += 1
            return
        self._repeat(character)
        if character == "\\":
            self._backslash()
        elif character == "[":
            self.out.append(self._class())
        elif character == "(":
            self._group()
        elif character == ")":
            self._end_group()
        elif character == "{":
            self._quantity()
        elif character in "]}":
            raise _invalid()
        else:
            self._write(self.symbols.get(character, character), 1)

    def _repeat(self, character: str) -> None:
        """A quantity may follow no other, but for the `?` that makes it reluctant: engines mean other things by it."""
        if character not in _QUANTITIES:
            self.repeats = 0
        elif self.repeats == 0 or (self.repeats == 1 and character == "?"):
            self.repeats += 1
        else:
            raise _invalid()

    def _write(self, piece: str, read: int) -> None:
        self.out.append(piece)
        self.index += read

    def _backslash(self) -> None:
        if self.spaced:  # white space between a backslash and what it escapes does not count
            rest = self.pattern[self.index + 1 :]
            self.pattern = self.pattern[: self.index + 1] + rest.lstrip()
        digit = self.pattern[self.index + 1 : self.index + 2]
        if digit.isascii() and digit.isdigit():
            self._back_reference()
        else:
            self.out.append(self._escape(_OUTSIDE))

    def _back_reference(self) -> None:
        end = self.index + 2
        if int(self.pattern[self.index + 1]) not in self.closed:
            raise _invalid()
        while self.pattern[end : end + 1].isdigit() and int(self.pattern[self.index + 1 : end + 1]) in self.closed:
            end += 1
        self.special = True
        self._write(f"(?:\\{self.pattern[self.index + 1 : end]})", end - self.index)

    def _escape(self, classes: dict[str, str]) -> str:
        character = self.pattern[self.index + 1 : self.index + 2]
        if character in ("p", "P"):
            return self._category(character)
        self.index += 2
        if character and character in _SELF_ESCAPED:
            return "\\" + character
        if character not in classes:
            raise _invalid()
        self.special = self.special or (classes is _INSIDE and character in _NESTED)
        return classes[character]

    def _category(self, letter: str) -> str:
        end = self.pattern.find("}", self.index)
        if self.pattern[self.index + 2 : self.index + 3] != "{" or end < 0:
            raise _invalid()
        name = self.pattern[self.index + 3 : end]
        if self.spaced:
            name = "".join(name.split())
        if not _CATEGORY.fullmatch(name):
            raise _invalid()
        if name.startswith("Is"):  # a Unicode block
            self.special = True
            name = "In" + name[2:]
        self.index = end + 1
        return f"\\{letter}{{{name}}}"

    def _class(self) -> str:
        """A character class; the index stands at its `[`."""
        out = ["["]
        self.index += 1
        if self.pattern[self.index : self.index + 1] == "^":
            out.append("^")
            self.index += 1
        start = self.index
        while True:
            character = self.pattern[self.index : self.index + 1]
            if character in ("", "[") or (character == "]" and self.index == start):
                raise _invalid()
            if character == "]":
                self.index += 1
                return "".join(out) + "]"
            if character == "-" and self.pattern[self.index + 1 : self.index + 2] == "[":
                return "".join(out) + self._subtracted()
            if character == "\\":
                out.append(self._escape(_INSIDE))
            else:
                out.append("\\" + character if character in "&~|^" else character)
                self.index += 1

    def _subtracted(self) -> str:
        self.special = True
        self.index += 1
        inner = self._class()
        if self.pattern[self.index : self.index + 1] != "]":
            raise _invalid()
        self.index += 1
        return f"--{inner}]"

    def _group(self) -> None:
        following = self.pattern[self.index + 1 : self.index + 3]
        if following.startswith("?"):
            if following != "?:":
                raise _invalid()
            self.open.append(0)
            self._write("(?:", 3)
        else:
            self.groups += 1
            self.open.append(self.groups)
            self._write("(", 1)

    def _end_group(self) -> None:
        if not self.open:
            raise _invalid()
        group = self.open.pop()
        if group:
            self.closed.add(group)
        self._write(")", 1)

    def _quantity(self) -> None:
        found = _QUANTITY.match(self.pattern, self.index)
        if not found:
            raise _invalid()
        low, high = int(found[1]), int(found[2]) if found[2] else None
        if low > MAX_QUANTITY or (high is not None and not low <= high <= MAX_QUANTITY):
            raise _invalid()
        self._write(found[0], len(found[0]))
