"""Who may do what, on one function. Every command asks here; no view decides.

| action | who may |
|---|---|
| `publish` | admin, owner |
| `migrate` (let running instances go on in another version, and take that back) | admin, owner, operator |
| `override` (publish although scenarios do not hold) | admin, operator |
| `draft` (import, see, change and delete what is not published yet) | admin, owner |
| `start` | admin, owner, operator; else members of the start event's candidate groups, or any agent where it names none |
| `see` an instance | admin, owner, operator; who started it; who has or had a task in it; members of a group that a task of it named |
| `steer` (cancel, retry, move) | admin, operator |
| `inspect` (variables, messages) | admin, owner, operator |
| `see task` | its assignee, its candidate groups' members; admin, owner, operator; who completed it |
| `work` (claim, complete) | assignee; while nobody has it, members of its candidate groups; admin |
| `assign` | admin, operator, and members of its candidate groups |
| `integrate` (subscriptions of outside systems, what they are sent) | admin, operator |
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.actors import Actor
from engine.errors import Forbidden


@dataclass(frozen=True, slots=True)
class TaskAccess:
    """What decides on a task: who has it (a person or a program), which groups may take it, who did it."""

    assignee_id: int | None
    groups: frozenset[str]
    closed_by_id: int | None = None
    program: str | None = None


@dataclass(frozen=True, slots=True)
class InstanceAccess:
    """What decides on an instance: who started it, whose tasks and groups' tasks it had."""

    started_by_id: int | None
    people: frozenset[int]
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class StartAccess:
    """What decides on a start event: the groups that may use it."""

    groups: frozenset[str]


OVERSEERS = frozenset({"admin", "owner", "operator"})
ROLES: dict[str, frozenset[str]] = {
    "publish": frozenset({"admin", "owner"}),
    "migrate": OVERSEERS,
    "override": frozenset({"admin", "operator"}),
    "draft": frozenset({"admin", "owner"}),
    "start": OVERSEERS,
    "see": OVERSEERS,
    "see task": OVERSEERS,
    "inspect": OVERSEERS,
    "steer": frozenset({"admin", "operator"}),
    "assign": frozenset({"admin", "operator"}),
    "work": frozenset({"admin"}),
    "integrate": frozenset({"admin", "operator"}),
    "administer": frozenset({"admin"}),
}


def can(actor: Actor, action: str, thing: TaskAccess | InstanceAccess | StartAccess | None) -> bool:
    """Whether the actor may do this to that thing."""
    if actor.roles & ROLES[action]:
        return True
    if isinstance(thing, TaskAccess):
        return _task(actor, action, thing)
    if isinstance(thing, InstanceAccess):
        return action == "see" and _instance(actor, thing)
    if isinstance(thing, StartAccess):
        return action == "start" and (bool(actor.groups & thing.groups) or (not thing.groups and actor.kind == "user"))
    return False


def require(actor: Actor, action: str, thing: TaskAccess | InstanceAccess | StartAccess | None) -> None:
    """Raises Forbidden when the actor may not."""
    if not can(actor, action, thing):
        raise Forbidden


def _task(actor: Actor, action: str, task: TaskAccess) -> bool:
    mine = actor.id is not None and task.assignee_id == actor.id
    candidate = bool(actor.groups & task.groups)
    if action == "see task":
        return mine or candidate or (actor.id is not None and task.closed_by_id == actor.id)
    if action == "work":
        return mine or (task.assignee_id is None and task.program is None and candidate)
    return action == "assign" and candidate


def _instance(actor: Actor, instance: InstanceAccess) -> bool:
    if actor.id is not None and (actor.id == instance.started_by_id or actor.id in instance.people):
        return True
    return bool(actor.groups & instance.groups)
