"""Regular expressions of forms, matched by RE2, so that no pattern and no answer can make them slow.

Forms carry JavaScript patterns; what RE2 does not know (look-around, back references) is refused when the form is read.
"""

from __future__ import annotations

import re
from functools import lru_cache

import re2

from feel.text import Text, text
from forms import limits
from forms.errors import FormsError

_UNICODE_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u([0-9A-Fa-f]{4})")
_MEMORY = 2 << 20


class PatternError(FormsError):
    """The regular expression cannot be used."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Pattern:
    """A compiled regular expression, unanchored as in form-js."""

    def __init__(self, source: str) -> None:
        if len(source) > limits.PATTERN:
            raise PatternError(text("l’expression est trop longue (%(max)s caractères au plus)", max=limits.PATTERN))
        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MEMORY
        try:
            self._compiled = re2.compile(_UNICODE_ESCAPE.sub(r"\1\\x{\2}", source), options)
        except re2.error as error:
            raise PatternError(text("l’expression n’est pas comprise\u00a0: %(detail)s", detail=_detail(error))) from error

    def found_in(self, value: str) -> bool:
        """Whether some part of `value` matches."""
        return self._compiled.search(value) is not None


@lru_cache(maxsize=512)
def compiled(source: str) -> Pattern:
    """The pattern of `source`; raises `PatternError`."""
    return Pattern(source)


def _detail(error: Exception) -> str:
    detail = error.args[0] if error.args else error
    return detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
