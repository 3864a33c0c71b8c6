"""Positions in strings and lists, which FEEL counts from 1, and from the end when negative."""

from __future__ import annotations

from decimal import Decimal

from feel.errors import EvaluationError
from feel.text import text
from feel.values import whole


def position(number: Decimal, size: int) -> int:
    """The Python index of a position among `size` items; EvaluationError when it is outside."""
    place = whole(number)
    if place == 0 or abs(place) > size:
        raise EvaluationError(text("la position %(place)s est hors de 1..%(size)s", place=place, size=size))
    return place - 1 if place > 0 else size + place
