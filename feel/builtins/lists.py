"""Built-ins on lists that do not calculate (DMN 1.5, 10.3.4.4 and 10.3.4.11)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cmp_to_key
from itertools import pairwise
from typing import Any

from feel.builtins.positions import position
from feel.builtins.signatures import aggregate, builtin
from feel.errors import EvaluationError, LimitExceeded
from feel.limits import check_size, checked_list, spend
from feel.operators import compare, equal
from feel.text import text
from feel.values import Function, whole

MAX_DEPTH = 100


@builtin("list contains", "list: list, element: any")
def list_contains(items: list[object], element: object) -> bool:
    """Whether an item equals the element."""
    spend(len(items))
    return any(equal(item, element) is True for item in items)


@builtin("count", "list: list")
def count(items: list[object]) -> Decimal:
    """The number of items."""
    return Decimal(len(items))


@aggregate("all")
def all_true(items: list[object]) -> bool:
    """False when an item is false, true when all are true, else null."""
    spend(len(items))
    if any(item is False for item in items):
        return False
    if all(item is True for item in items):
        return True
    raise EvaluationError(text("une liste de vrai ou faux est attendue"))


@aggregate("any")
def any_true(items: list[object]) -> bool:
    """True when an item is true, false when all are false, else null."""
    spend(len(items))
    if any(item is True for item in items):
        return True
    if all(item is False for item in items):
        return False
    raise EvaluationError(text("une liste de vrai ou faux est attendue"))


@builtin("sublist", "list: list, start position: number, length?: number?")
def sublist(items: list[object], start: Decimal, length: Decimal | None = None) -> list[object]:
    """Items from a position on, or as many as `length`."""
    first = position(start, len(items))
    if length is None:
        return checked_list(items[first:])
    size = whole(length)
    if size < 1 or first + size > len(items):
        raise EvaluationError(text("la longueur %(size)s dépasse la liste", size=size))
    return checked_list(items[first : first + size])


@builtin("append", "list: list, *item: any")
def append(items: list[object], *more: object) -> list[object]:
    """The list with items after it."""
    return checked_list([*items, *more])


@builtin("concatenate", "*list: list")
def concatenate(*lists: list[object]) -> list[object]:
    """The lists one after the other."""
    return _joined(lists)


@builtin("union", "*list: list")
def union(*lists: list[object]) -> list[object]:
    """The lists one after the other, without duplicates."""
    return _distinct(_joined(lists))


@builtin("distinct values", "list: list")
def distinct_values(items: list[object]) -> list[object]:
    """The list without duplicates."""
    return _distinct(checked_list(items))


def _joined(lists: Iterable[list[object]]) -> list[object]:
    lists = list(lists)
    check_size(sum(map(len, lists)))
    return checked_list([item for items in lists for item in items])


def _distinct(items: list[object]) -> list[object]:
    found: list[object] = []
    seen: set[object] = set()
    for item in items:
        if isinstance(item, str | Decimal | bool):
            key = (type(item), item)
            if key in seen:
                continue
            seen.add(key)
        else:
            spend(len(found))
            if any(equal(item, other) is True for other in found if type(other) is type(item)):
                continue
        found.append(item)
    return found


@builtin("insert before", "list: list, position: number, newItem: any")
def insert_before(items: list[object], place: Decimal, item: object) -> list[object]:
    """The list with an item before the one at a position."""
    index = position(place, len(items))
    return checked_list([*items[:index], item, *items[index:]])


@builtin("remove", "list: list, position: number")
def remove(items: list[object], place: Decimal) -> list[object]:
    """The list without the item at a position."""
    index = position(place, len(items))
    return checked_list(items[:index] + items[index + 1 :])


@builtin("list replace", "list: list, position: number, newItem: any")
def list_replace(items: list[object], place: Decimal, item: object) -> list[object]:
    """The list with another item at a position."""
    index = position(place, len(items))
    return checked_list([*items[:index], item, *items[index + 1 :]])


@builtin("list replace", "list: list, match: function, newItem: any")
def list_replace_matching(items: list[object], match: Function, item: object) -> list[object]:
    """The list with another item wherever `match(old, new)` is true."""
    _check_params(match)
    return checked_list([item if _true(match.call([old, item])) else old for old in items])


def _check_params(function: Function) -> None:
    if len(function.params) != 2:
        raise EvaluationError(text("une fonction à deux paramètres est attendue"))


def _true(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise EvaluationError(text("la fonction doit répondre vrai ou faux"))


@builtin("reverse", "list: list")
def reverse(items: list[object]) -> list[object]:
    """The list from its end."""
    return checked_list(items[::-1])


@builtin("index of", "list: list, match: any")
def index_of(items: list[object], match: object) -> list[object]:
    """The positions of the items that equal the match."""
    spend(len(items))
    return [Decimal(place) for place, item in enumerate(items, 1) if equal(item, match) is True]


@builtin("flatten", "list: list")
def flatten(items: list[object]) -> list[object]:
    """The items of the list and of the lists in it."""
    found: list[object] = []
    _flatten_into(found, items, 0)
    return checked_list(found)


def _flatten_into(found: list[object], items: list[object], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise LimitExceeded(text("les listes sont trop imbriquées"))
    for item in items:
        spend()
        if isinstance(item, list):
            _flatten_into(found, item, depth + 1)
        else:
            found.append(item)


@builtin("sort", "list: list, precedes?: function?")
def sort(items: list[object], precedes: Function | None = None) -> list[object]:
    """The list in order, by the values themselves or by a function of two items."""
    checked_list(items)
    if precedes is not None:
        _check_params(precedes)
        return sorted(items, key=cmp_to_key(lambda left, right: _order(precedes, left, right)))
    if any(compare(left, right) is None for left, right in pairwise(items)):
        raise EvaluationError(text("les éléments ne se comparent pas"))
    spend(len(items))  # again: the order takes about as long
    return sorted(items, key=_rank) if len(items) > 1 else items


def _rank(value: Any) -> Any:
    """What Python orders as FEEL does: numbers and strings themselves, of dates and durations the size."""
    return value if isinstance(value, Decimal | str) else value.size


def _order(precedes: Function, left: object, right: object) -> int:
    if _true(precedes.call([left, right])):
        return -1
    return 1 if precedes.call([right, left]) is True else 0
