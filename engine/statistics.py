"""How a process fares, read from its history: what its elements took and let through, what stands there, and its indicators.

All figures come from the cases that began in a period, the newest first when there are too many; called cases count in their own process.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median, quantiles

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from engine.tables import OPEN, event, instance, task, version

MOST = 5_000
"""Cases that one look reads."""
AT_ONCE = 500
ENTERED, COMPLETED, CANCELLED = MOVES = ("element.entered", "element.completed", "element.cancelled")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which cases: of a process, in one version or all, begun from `since` until before `until`."""

    process: str
    version: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(slots=True)
class Figures:
    """What happened at one element. `durations`: seconds from entering to completing, of each time; `ages`: since when what is there now
    has been; `overdue`: open tasks that are late."""

    entered: int = 0
    completed: int = 0
    cancelled: int = 0
    durations: list[float] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)
    overdue: int = 0

    @property
    def here(self) -> int:
        """How many are at the element now."""
        return len(self.ages)

    @property
    def median(self) -> float | None:
        """The median duration in seconds."""
        return median(self.durations) if self.durations else None

    @property
    def p90(self) -> float | None:
        """The duration in seconds that nine of ten keep to."""
        return nine_of_ten(self.durations)

    @property
    def waiting(self) -> float | None:
        """The median age in seconds of what is at the element now."""
        return median(self.ages) if self.ages else None


@dataclass(frozen=True, slots=True)
class Case:
    """One case: when it began and ended, its state, and when it first completed each element. `events`: its moves in order."""

    id: int
    version: int
    state: str
    began: datetime
    ended: datetime | None
    passed: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a choice. `total`: the cases that fit it, of which `cases` were read."""

    total: int
    cases: Sequence[Case]
    elements: Mapping[str, Figures]

    def count(self, state: str) -> int:
        """How many of the cases read are in a state."""
        return sum(each.state == state for each in self.cases)

    @property
    def durations(self) -> list[float]:
        """Seconds from beginning to end, of the cases that were completed."""
        return [(each.ended - each.began).total_seconds() for each in self.cases if each.ended and each.state == "completed"]


def nine_of_ten(values: Sequence[float]) -> float | None:
    """The value that nine of ten do not exceed; None without any."""
    if len(values) < 2:
        return values[0] if values else None
    return quantiles(values, n=10, method="inclusive")[-1]


def report(session: Session, choice: Choice, *, now: datetime) -> Report:
    """Read the history of the cases chosen."""
    rows = cases(session, choice)
    elements: dict[str, Figures] = defaultdict(Figures)
    passed: dict[int, dict[str, datetime]] = {row.id: {} for row in rows}
    running = {row.id for row in rows if row.state == "running"}
    for instance_id, moves in _histories(session, [row.id for row in rows]):
        _count(moves, elements, passed[instance_id], now if instance_id in running else None)
    _count_overdue(session, rows, elements, now)
    told = [Case(row.id, row.number, row.state, row.created_at, row.ended_at, passed[row.id]) for row in rows]
    return Report(_total(session, choice), told, dict(elements))


def cases(session: Session, choice: Choice) -> Sequence[_Row]:
    """The cases of a choice, the newest first, MOST of them."""
    columns = (instance.c.id, instance.c.state, instance.c.created_at, instance.c.ended_at, version.c.number)
    found = select(*columns).join(version, version.c.id == instance.c.version_id).where(*_fits(choice))
    return [_Row(*row) for row in session.execute(found.order_by(instance.c.id.desc()).limit(MOST))]


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    state: str
    created_at: datetime
    ended_at: datetime | None
    number: int


def _fits(choice: Choice) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = [instance.c.process == choice.process]
    if choice.version is not None:
        fits.append(version.c.number == choice.version)
    if choice.since is not None:
        fits.append(instance.c.created_at >= choice.since)
    if choice.until is not None:
        fits.append(instance.c.created_at < choice.until)
    return fits


def _total(session: Session, choice: Choice) -> int:
    found = select(func.count()).select_from(instance.join(version, version.c.id == instance.c.version_id))
    return int(session.execute(found.where(*_fits(choice))).scalar_one())


Move = tuple[str, str, datetime]
"""Type, element, moment."""


def _histories(session: Session, ids: Sequence[int]) -> Iterator[tuple[int, list[Move]]]:
    """The moves of each case, in order."""
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        found = select(event.c.instance_id, event.c.type, event.c.element, event.c.at).where(
            event.c.instance_id.in_(some), event.c.type.in_(MOVES)
        )
        by_case: dict[int, list[Move]] = {each: [] for each in some}
        for row in session.execute(found.order_by(event.c.instance_id, event.c.seq)):
            by_case[row.instance_id].append((row.type, row.element, row.at))
        yield from by_case.items()


def _count(moves: Sequence[Move], elements: Mapping[str, Figures], passed: dict[str, datetime], now: datetime | None) -> None:
    """Of several tokens at one element the one that came first is taken to leave first. `now`: None when the case is over."""
    inside: dict[str, deque[datetime]] = defaultdict(deque)
    for kind, element, at in moves:
        figures = elements[element]
        if kind == ENTERED:
            figures.entered += 1
            inside[element].append(at)
            continue
        came = inside[element].popleft() if inside[element] else at
        if kind == COMPLETED:
            figures.completed += 1
            figures.durations.append((at - came).total_seconds())
            passed.setdefault(element, at)
        else:
            figures.cancelled += 1
    if now is not None:
        for element, tokens in inside.items():
            elements[element].ages += [max((now - came).total_seconds(), 0.0) for came in tokens]


def _count_overdue(session: Session, rows: Sequence[_Row], elements: Mapping[str, Figures], now: datetime) -> None:
    ids = [row.id for row in rows if row.state == "running"]
    for start in range(0, len(ids), AT_ONCE):
        late = select(task.c.element, func.count()).where(
            task.c.instance_id.in_(ids[start : start + AT_ONCE]), task.c.state == OPEN, task.c.due < now
        )
        for element, count in session.execute(late.group_by(task.c.element)):
            elements[element].overdue += count


def day(seconds: float) -> float:
    """Seconds in days."""
    return seconds / timedelta(days=1).total_seconds()
