"""The entries of a context literal as they are written, for whoever edits one entry and leaves the others."""

from __future__ import annotations

from feel.builtins.table import BUILTIN_NAMES
from feel.cursor import Scope
from feel.errors import FeelSyntaxError
from feel.parser import Parser


def split(text: str) -> tuple[tuple[str, str], ...] | None:
    """The key and the source of each entry of `{key: value, …}`; nothing for an empty text; None when the text is no such literal."""
    written = text.strip().removeprefix("=").strip()
    if not written:
        return ()
    try:
        return _Entries(written, Scope(builtins=BUILTIN_NAMES)).split(written)
    except (FeelSyntaxError, RecursionError):
        return None


class _Entries(Parser):
    """Reads a context literal and remembers where each value stands."""

    def split(self, written: str) -> tuple[tuple[str, str], ...]:
        found: list[tuple[str, str]] = []
        self.take("{")
        while not self.skip("}"):
            if found:
                self.take(",")
            key = self._key()
            self.take(":")
            start = self.token.start
            value = self.expression()
            found.append((key, written[start : self.tokens[self.index - 1].end]))
            self.declare(key, self.types.of(value))
            self.key_names.add(key)
        if self.token.kind != "end":
            self.unexpected()
        return tuple(found)
