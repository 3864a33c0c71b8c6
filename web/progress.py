"""Where an instance stands in its process: the lines of the outline with their state in words, and the marks of the diagram."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from web import outline
from web.dates import moment
from web.languages import gettext
from web.outline import Step

State = Literal["done", "now", "bad", "todo"]
SILENT = outline.GATEWAYS
ONLY_WHEN_REACHED = frozenset({"endEvent", "boundaryEvent", "intermediateThrowEvent", "startEvent"})
BEHIND_THE_SCENES = frozenset({"serviceTask", "scriptTask", "businessRuleTask", "sendTask", "task"})


@dataclass(frozen=True)
class Standing:
    """What happened to the elements of one instance: when done, what each waits for, which are stuck."""

    done: Mapping[str, datetime] = field(default_factory=dict)
    now: Mapping[str, str] = field(default_factory=dict)
    bad: Mapping[str, str] = field(default_factory=dict)
    ended: bool = False
    here: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the outline: `say` is the state in words."""

    text: str
    state: State
    say: str
    here: bool = False
    sub: tuple["Line", ...] = ()


@dataclass(frozen=True)
class Map:
    """The marks that the viewer puts on the diagram at `url`. `notes`: a few characters beside elements; `levels`: their heat, 1 to 5."""

    url: str
    title: str
    done: tuple[str, ...] = ()
    now: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    here: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, int] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Progress:
    """Outline and diagram of one instance."""

    lines: tuple[Line, ...]
    map: Map
    done: tuple[str, ...]


def read(content: bytes, process: str, standing: Standing, url: str, title: str, today: datetime) -> Progress:
    """The progress of an instance of this diagram. `url` gives the diagram's XML."""
    steps = outline.steps(content, process)
    counted = [step for step in outline.walk(steps) if step.type in outline.TASKS and step.id in standing.done]
    marked = tuple(key for key in standing.done if key not in standing.now and key not in standing.bad)
    active = _holders(steps, {*standing.now, *standing.bad})
    return Progress(
        lines=tuple(_lines(steps, standing, _ahead(steps, standing), today)),
        map=Map(url, title, marked, (*standing.now, *active), tuple(standing.bad), standing.here),
        done=tuple(step.id for step in counted),
    )


def stages(content: bytes, process: str, standing: Standing, today: datetime) -> list[Line]:
    """The same for applicants: the outermost steps alone, without what machines do, and at most three of those ahead."""
    steps = outline.steps(content, process)
    told = tuple(step for step in steps if step.type not in BEHIND_THE_SCENES)
    lines = list(_lines(told, standing, _ahead(steps, standing), today))
    behind = [line for line in lines if line.state != "todo"]
    return behind + [line for line in lines if line.state == "todo"][:3]


def _ahead(steps: tuple[Step, ...], standing: Standing) -> set[str]:
    return set() if standing.ended else outline.ahead(steps, {*standing.now, *standing.bad})


def _lines(steps: Iterable[Step], standing: Standing, ahead: set[str], today: datetime) -> Iterable[Line]:
    for step in steps:
        sub = tuple(_lines(step.children, standing, ahead, today))
        state = _state(step, standing, sub)
        # What lies ahead is named, not told step by step.
        sub = () if state == "todo" else sub
        if _told(step, state, ahead):
            yield Line(step.name, state, _say(step, state, standing, today), step.id == standing.here, sub)


def _state(step: Step, standing: Standing, sub: tuple[Line, ...]) -> State:
    if step.id in standing.bad:
        return "bad"
    if step.id in standing.now or any(line.state in ("now", "bad") for line in sub):
        return "now"
    return "done" if step.id in standing.done else "todo"


def _told(step: Step, state: State, ahead: set[str]) -> bool:
    if not step.name or step.type in SILENT:
        return False
    if state == "todo":
        return step.id in ahead and step.type not in ONLY_WHEN_REACHED
    return True


def _say(step: Step, state: State, standing: Standing, today: datetime) -> str:
    if state == "bad":
        return standing.bad[step.id] or gettext("bloqué")
    if state == "now":
        return standing.now.get(step.id) or gettext("en cours")
    if state == "done":
        return gettext("fait %(when)s", when=moment(standing.done[step.id], today))
    return gettext("à venir")


def _holders(steps: Iterable[Step], active: set[str]) -> tuple[str, ...]:
    """Sub-processes around an active step: they are under way too."""
    return tuple(
        step.id
        for step in outline.walk(tuple(steps))
        if step.children and step.id not in active and any(each.id in active for each in outline.walk(step.children))
    )
