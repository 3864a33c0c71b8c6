"""Makes a diagram and a path that fail smaller: choices are left out or lowered as long as something still fails."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence

from tests.model import drawing, printing
from tests.model.walking import definition_of, walk

SECONDS = 120


class Choices:
    """Numbers chosen from a source of them, each counted from the first that was possible. `made`: what was chosen."""

    def __init__(self, choose: Callable[[int], int]) -> None:
        self.choose = choose
        self.made: list[int] = []

    @classmethod
    def random(cls, seed: int) -> Choices:
        """The same for the same seed."""
        source = random.Random(seed)  # noqa: S311  nothing here is secret
        return cls(lambda most: source.randint(0, most))

    @classmethod
    def replay(cls, made: Sequence[int]) -> Choices:
        """Those that were made, then the simplest."""
        rest = iter(made)
        return cls(lambda most: min(next(rest, 0), most))

    def number_to(self, first: int, last: int) -> int:
        """A number between the two."""
        self.made.append(self.choose(last - first))
        return first + self.made[-1]


def failure(made: Sequence[int], path: Sequence[int]) -> str:
    """What fails, with the diagram; empty when nothing does."""
    content = b""
    try:
        body = drawing.draw(Choices.replay(made).number_to)
        content = printing.diagram(body)
        walk(body, definition_of(content), path, set())
    except Exception as error:  # noqa: BLE001  any failure is one
        return f"{type(error).__name__}: {error}\npath {list(path)} through\n{content.decode()}"
    return ""


def shrink(made: Sequence[int], path: Sequence[int]) -> str:
    """The failure of the smallest diagram and path found within a time."""
    until = time.monotonic() + SECONDS
    best, made, path = failure(made, path), list(made), list(path)
    moved = True
    while moved:
        moved = False
        for smaller in smaller_than(path):
            if told := failure(made, smaller):
                best, path, moved = told, smaller, True
                break
        for smaller in smaller_than(made):
            if time.monotonic() > until:
                return best
            if told := failure(smaller, path):
                best, made, moved = told, smaller, True
                break
    return best


def smaller_than(numbers: list[int]) -> Iterator[list[int]]:
    """Shorter lists first, then lower numbers."""
    size = len(numbers) // 2
    while size:
        for first in range(0, len(numbers), size):
            yield numbers[:first] + numbers[first + size :]
        size //= 2
    for place, number in enumerate(numbers):
        for lower in {0, number // 2, number - 1} if number else ():
            yield [*numbers[:place], lower, *numbers[place + 1 :]]
