"""All built-in functions by name."""

from __future__ import annotations

import feel.builtins.range_literal as range_literal
from feel.builtins import contexts, conversion, lists, numbers, ranges, strings, temporal
from feel.builtins.signatures import TABLE
from feel.names import Names
from feel.values import Function

FAMILIES = (contexts, conversion, lists, numbers, range_literal, ranges, strings, temporal)
"""The modules whose import fills the table."""

BUILTINS: dict[str, Function] = TABLE

BUILTIN_NAMES = Names(BUILTINS)
"""The names of several words, for the parser."""
