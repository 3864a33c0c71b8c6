"""What was played in a sandbox, told as a scenario: what people and outside systems did, when, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from engine import instances, versions
from engine.errors import NotFound
from engine.instanceviews import InstanceView
from engine.tables import event, instance, message, task
from feel.zones import zone
from forms.components import Form

CASE = "dossier"
PARIS = "Europe/Paris"
PAUSE = timedelta(minutes=1)
"""Less than this between two acts is the time that somebody needs to click."""
LATE = timedelta(seconds=10)
"""Each time that passes is so much longer than it was, since a deadline begins with an act that takes its time itself."""
FILE = {"id", "name", "size", "type"}
Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Act:
    """What somebody did: when, at which place of the history, the step that does it again, and in which case."""

    at: datetime
    place: int
    step: Told
    case: str = ""


def record(session: Session, *, name: str, outside: Mapping[str, Any]) -> str:
    """The scenario of everything that happened here, as YAML. `outside`: what connectors answered. Raises NotFound when nothing did.

    Answers at the start are told as their case holds them now: the history does not keep them. Files are left out, since a scenario has
    none. A deadline that came seconds after somebody's act may come before it.
    """
    run = _Run(session)
    acts = sorted([*run.begins(), *run.messages(), *run.completions()], key=lambda each: each.place)
    told = run.paced(acts)
    story: Told = {"name": name, "clock": _moment(run.begin), **({"outside": dict(outside)} if outside else {})}
    story |= {"given": told[:1], "when": told[1:], "then": list(run.outcome())}
    return yaml.safe_dump({part: each for part, each in story.items() if each}, allow_unicode=True, sort_keys=False, width=140)


class _Run:
    """All cases of a database, each under the name that the story gives it, with their history."""

    def __init__(self, session: Session) -> None:
        self._session = session
        rows = session.execute(select(instance.c.id, instance.c.root_id).order_by(instance.c.id)).all()
        roots = [row.id for row in rows if row.id == row.root_id]
        if not roots:
            raise NotFound
        names = [CASE if number == 1 else f"{CASE}_{number}" for number in range(1, len(roots) + 1)]
        self._views = {each: instances.view(session, root) for each, root in zip(names, roots, strict=True)}
        self._homes = {row.id: names[roots.index(row.root_id)] for row in rows}
        self._history = session.execute(select(event).where(event.c.instance_id.is_not(None)).order_by(event.c.place)).all()
        self.begin = self._history[0].at
        self._begun_at = {home: self._started(view).place for home, view in self._views.items()}

    def begins(self) -> Iterator[_Act]:
        """Each case as it began: by somebody's answers, or by a message that another case sent. Messages from outside tell theirs."""
        by_message = {row.instance_id: row for row in self._received() if self._begun(row)}
        for home, view in self._views.items():
            row = by_message.get(int(view.id))
            if row is None:
                yield self._act(self._started(view), self._start(view), home)
            elif row.thrown_by in self._homes:
                yield self._act(self._started(view), {"follow": view.process}, home)

    def messages(self) -> Iterator[_Act]:
        """Each message that reached a case and that no step of these cases sent."""
        for row in self._received():
            if row.thrown_by in self._homes:
                continue
            step: Told = {"message": row.name}
            home, begins = self._homes[row.instance_id], self._begun(row)
            place = self._begun_at[home] if begins else self._place_of(row)
            step |= {"correlation": self._told(row.correlation, place, "id", "business_key")} if row.correlation else {}
            step |= {"payload": self._told(_plain(row.payload), place, "id")} if row.payload else {}
            step |= {"starts": self._views[home].process} if begins else {}
            yield _Act(row.delivered_at, place, step, home if begins else "")

    def completions(self) -> Iterator[_Act]:
        """Each task that somebody completed, for the group whose it was; among several alike, by its number in the loop."""
        tasks: dict[tuple[int, str], list[Row[Any]]] = {}
        for row in self._session.execute(select(task).where(task.c.state == "completed")):
            tasks.setdefault((row.instance_id, row.element), []).append(row)
        for row in self._history:
            if row.type != "task.completed":
                continue
            same = tasks.get((row.instance_id, row.element), [])
            own = next((each for each in same if each.closed_at == row.at), None)
            step: Told = {"complete": row.element}
            if own is not None and own.groups:
                step["role"] = own.groups[0]
            if own is not None and "loopCounter" in own.local and len(same) > 1:
                step["where"] = {"loopCounter": own.local["loopCounter"]}
            answers = self._told(_plain(row.data.get("answers") or {}), row.place, "id")
            yield self._act(row, step | ({"answers": answers} if answers else {}), self._homes[row.instance_id])

    def paced(self, acts: Sequence[_Act]) -> list[Told]:
        """The acts with the time that passes between them and until the last thing that happened; with several cases each names its own."""
        now, late, told = self.begin, timedelta(), list[Told]()
        last = self._history[-1]
        for act in [*acts, _Act(last.at, last.place, {})]:
            if act.at - now >= PAUSE:
                now, late = act.at, late + LATE
                told.append({"advance": _moment(now + late)})
            named = {"case": act.case} if act.case and (len(self._views) > 1 or "start" in act.step) else {}
            told += [{**act.step, **named}] if act.step else []
        return told

    def outcome(self) -> Iterator[Told]:
        """What must hold at the end: the state of each case, where it ended or who is awaited, the messages that left."""
        several = len(self._views) > 1
        for home, view in self._views.items():
            named = {"case": home} if several else {}
            yield {"state": view.state, **named}
            own = [each for each in self._history if self._homes.get(each.instance_id) == home]
            ends = [each.element for each in own if str(each.instance_id) == view.id and each.element_type == "endEvent"]
            if view.state == "completed" and ends:
                yield {"ended_at": ends[-1], **named}
            if view.state == "running" and (elements := self._awaited(home)):
                yield {"waiting": elements, **named}
            for sent in dict.fromkeys(str(each.data.get("name")) for each in own if each.type == "message.sent"):
                yield {"thrown": sent, **named}

    def _act(self, row: Row[Any], step: Told, home: str) -> _Act:
        return _Act(row.at, row.place, step, home)

    def _received(self) -> Sequence[Row[Any]]:
        found = select(message).where(message.c.instance_id.is_not(None), message.c.delivered_at.is_not(None)).order_by(message.c.id)
        return self._session.execute(found).all()

    def _begun(self, row: Row[Any]) -> bool:
        """Whether a message started the case that it reached."""
        view = next((each for each in self._views.values() if each.id == str(row.instance_id)), None)
        return view is not None and row.delivered_at <= view.created_at

    def _started(self, view: InstanceView) -> Row[Any]:
        return next(each for each in self._history if each.type == "instance.started" and str(each.instance_id) == view.id)

    def _place_of(self, row: Row[Any]) -> int:
        """Where the history tells that a message came."""
        came = (each for each in self._history if each.type == "message.received" and each.instance_id == row.instance_id)
        return next((each.place for each in came if each.at == row.delivered_at and each.data.get("name", row.name) == row.name), -1)

    def _awaited(self, home: str) -> list[str]:
        members = [each for each, its in self._homes.items() if its == home]
        found = select(task.c.element).where(task.c.instance_id.in_(members), task.c.state == "open").distinct()
        return sorted(self._session.execute(found).scalars())

    def _start(self, view: InstanceView) -> Told:
        definition = versions.definition(self._session, view.version_id)
        own = (each for each in self._history if str(each.instance_id) == view.id and each.element_type == "startEvent")
        element = next(own, None)
        begin = next((each for each in definition.starts if element is not None and each.element_id == element.element), None)
        form = definition.forms.get(begin.form_key or "") if begin else None
        keys = form.keys if isinstance(form, Form) else ()
        answers = _plain({key: view.variables[key] for key in keys if key in view.variables})
        several = begin is not None and len({each.element_id for each in definition.starts}) > 1
        told: Told = {"start": view.process} | ({"at": begin.element_id} if several and begin else {})
        return told | ({"answers": answers} if answers else {})

    def _told(self, value: Any, place: int, *names: str) -> Any:
        """Ids and business keys of the cases that began before are made anew when the story is played again."""
        if isinstance(value, Mapping):
            return {key: self._told(each, place, *names) for key, each in value.items()}
        if isinstance(value, list):
            return [self._told(each, place, *names) for each in value]
        for home, view in self._views.items():
            for name in names:
                if isinstance(value, str) and value == getattr(view, name) and self._begun_at[home] < place:
                    return {"of": home, "value": name}
        return value


def _plain(value: Any) -> Any:
    """JSON without the files that it refers to."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items() if not _is_files(each)}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _is_files(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) and set(each) >= FILE for each in value)


def _moment(at: datetime) -> str:
    """To the second, by the clock of Paris."""
    return at.replace(microsecond=0).astimezone(zone(PARIS)).isoformat()
