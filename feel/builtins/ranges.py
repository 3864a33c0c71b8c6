"""Built-ins that compare points and ranges (DMN 1.5, 10.3.4.8, table 78: Allen's relations)."""

from __future__ import annotations

from collections.abc import Callable

from feel.builtins.signatures import builtin
from feel.errors import EvaluationError
from feel.operators import compare
from feel.text import text
from feel.values import Range, kind_of

Relation = Callable[[Range, Range], bool]
Shapes = tuple[tuple[str, str], ...]
"""The names of the two parameters, once for each pair of shapes that a relation takes."""

_POINTS = ("point1", "point2")
_POINT_RANGE = ("point", "range")
_RANGE_POINT = ("range", "point")
_RANGES = ("range1", "range2")


def _sign(left: object, right: object) -> int:
    sign = compare(left, right)
    if sign is None:
        raise EvaluationError(text("les éléments ne se comparent pas"))
    return sign


def _sign_of_starts(left: Range, right: Range) -> int:
    """-1, 0 or 1 as the start of `left` is before, at or after that of `right`; an open side starts before all."""
    if left.start is None or right.start is None:
        _check_open(left, right)
        return (right.start is None) - (left.start is None)
    return _sign(left.start, right.start)


def _sign_of_ends(left: Range, right: Range) -> int:
    """-1, 0 or 1 as the end of `left` is before, at or after that of `right`; an open side ends after all."""
    if left.end is None or right.end is None:
        _check_open(left, right)
        return (left.end is None) - (right.end is None)
    return _sign(left.end, right.end)


def _sign_between(left: Range, right: Range) -> int:
    """-1, 0 or 1 as `left` ends before, at or after the start of `right`."""
    if left.end is None or right.start is None:
        _check_open(left, right)
        return 1
    return _sign(left.end, right.start)


def _check_open(left: Range, right: Range) -> None:
    """Null as an end is open only where an operator wrote the range, as in `(> 5)`; the other ends must compare."""
    for interval in (left, right):
        if not interval.operator and (interval.start is None or interval.end is None):
            raise EvaluationError(text("les éléments ne se comparent pas"))
    _sign(_known_end(left), _known_end(right))


def _known_end(interval: Range) -> object:
    return interval.end if interval.start is None else interval.start


def _starts(left: Range, right: Range) -> int:
    """-1, 0 or 1 as `left` starts before, with or after `right`."""
    return _sign_of_starts(left, right) or right.start_included - left.start_included


def _ends(left: Range, right: Range) -> int:
    """-1, 0 or 1 as `left` ends before, with or after `right`."""
    return _sign_of_ends(left, right) or left.end_included - right.end_included


def before(left: Range, right: Range) -> bool:
    """`left` ends before `right` starts."""
    sign = _sign_between(left, right)
    return sign < 0 or (sign == 0 and not (left.end_included and right.start_included))


def meets(left: Range, right: Range) -> bool:
    """`left` ends where `right` starts, and both include the point."""
    return left.end_included and right.start_included and _sign_between(left, right) == 0


def overlaps(left: Range, right: Range) -> bool:
    """They share a point."""
    return not before(left, right) and not before(right, left)


def overlaps_before(left: Range, right: Range) -> bool:
    """They share a point, and `left` starts first and does not end last."""
    if _starts(left, right) >= 0 or before(left, right):
        return False
    sign = _sign_of_ends(left, right)
    return sign < 0 or (sign == 0 and (not left.end_included or right.end_included))


def finishes(left: Range, right: Range) -> bool:
    """They end together and `left` does not start first."""
    return _ends(left, right) == 0 and _starts(left, right) >= 0


def starts(left: Range, right: Range) -> bool:
    """They start together and `left` does not end last."""
    return _starts(left, right) == 0 and _ends(left, right) <= 0


def includes(left: Range, right: Range) -> bool:
    """`left` holds all of `right`."""
    return _starts(left, right) <= 0 and _ends(left, right) >= 0


def coincides(left: Range, right: Range) -> bool:
    """They are one and the same."""
    if _sign_of_starts(left, right) or _sign_of_ends(left, right):
        return False
    return left.start_included == right.start_included and left.end_included == right.end_included


def inverse(relation: Relation) -> Relation:
    """The relation seen from the other side."""
    return lambda left, right: relation(right, left)


_RELATIONS: tuple[tuple[str, Relation, Shapes], ...] = (
    ("before", before, (_POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES)),
    ("after", inverse(before), (_POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES)),
    ("meets", meets, (_RANGES,)),
    ("met by", inverse(meets), (_RANGES,)),
    ("overlaps", overlaps, (_RANGES,)),
    ("overlaps before", overlaps_before, (_RANGES,)),
    ("overlaps after", inverse(overlaps_before), (_RANGES,)),
    ("finishes", finishes, (_POINT_RANGE, _RANGES)),
    ("finished by", inverse(finishes), (_RANGE_POINT, _RANGES)),
    ("includes", includes, (_RANGE_POINT, _RANGES)),
    ("during", inverse(includes), (_POINT_RANGE, _RANGES)),
    ("starts", starts, (_POINT_RANGE, _RANGES)),
    ("started by", inverse(starts), (_RANGE_POINT, _RANGES)),
    ("coincides", coincides, (_POINTS, _RANGES)),
)


def _shape(value: object) -> str:
    return "range" if isinstance(value, Range) else "point"


def _as_range(value: object) -> Range:
    """A point is the range of itself; all values but one are no range."""
    if not isinstance(value, Range):
        return Range(value, value, start_included=True, end_included=True)
    if value.operator == "!=":
        raise EvaluationError(text("les éléments ne se comparent pas"))
    return value


def _declare(name: str, relation: Relation, shapes: Shapes) -> None:
    pairs = {(left.rstrip("12"), right.rstrip("12")) for left, right in shapes}

    def related(left: object, right: object) -> bool:
        if left is None or right is None or (_shape(left), _shape(right)) not in pairs:
            kinds = f"{kind_of(left)}, {kind_of(right)}"
            raise EvaluationError(text("« %(name)s » n’accepte pas (%(kinds)s)", name=name, kinds=kinds))
        return relation(_as_range(left), _as_range(right))

    builtin(name, *(f"{left}: any, {right}: any" for left, right in shapes))(related)


for _name, _relation, _shapes in _RELATIONS:
    _declare(_name, _relation, _shapes)
