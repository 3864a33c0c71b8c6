"""Every limit that a form or its answers must keep, so that neither can exhaust the server."""

from __future__ import annotations

FORM_BYTES = 1_000_000
"""Size of a form file."""
COMPONENTS = 1_000
"""Components of a form, all levels together."""
DEPTH = 8
"""Levels of groups and lists."""
OPTIONS = 1_000
"""Options of a select, radio, checklist or taglist, whether written in the form or computed."""
CHECKS = 200
"""Checks between fields, all levels together."""
KEY = 100
"""Characters of a key or path."""
LABEL = 500
"""Characters of a label, description, hint or message."""
TEXT = 20_000
"""Characters of a text, html, expression or template."""
PATTERN = 1_000
"""Characters of a regular expression."""

SHORT_ANSWER = 1_000
"""Characters of a one-line answer that sets no `maxLength`."""
LONG_ANSWER = 20_000
"""Characters of a long answer that sets no `maxLength`; no `maxLength` may go beyond `ANSWER`."""
ANSWER = 100_000
ROWS = 200
"""Rows of a list."""
FILES = 20
"""Files of one field."""
FILE_BYTES = 10 * 1024 * 1024
"""Size of a file whose field sets no `maxSize`."""
DIGITS = 34
"""Significant digits of a number: what FEEL computes with."""
MAGNITUDE = 30
"""A number has at most this many digits before the point, and as many after it."""
MESSAGES = 100
"""Fields named in one refusal."""
ANSWERS_TOTAL = 1_000_000
"""Characters of all answers to a form together."""
SECONDS = 2.0
"""Time that all expressions of a form may take for one check or one page."""
YEARS = range(1900, 2200)
"""Years of a date."""
