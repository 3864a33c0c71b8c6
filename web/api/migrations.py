"""Calls about migrations: running instances that go on in another version of their process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from flask import g
from sqlalchemy.orm import Session

from engine import migrations, permissions, versions
from engine.ids import read_id
from engine.migrations import Fate, Order, Step
from engine.spiff.hurdles import Hurdle
from web.api import shapes
from web.api.blueprint import ApiBlueprint
from web.api.migration_schemas import (
    Assessment,
    AssessmentOrder,
    Migration,
    MigrationOrder,
    MigrationPage,
    MigrationStepPage,
    MigrationStepQuery,
    Undone,
)
from web.api.schemas import Nothing, Paging
from web.languages import render

SCOPE = "publish"
MOST_SHOWN = 1_000
"""Instances that an assessment names one by one; it counts all."""

blueprint = ApiBlueprint("migrations", __name__, url_prefix="/api/v1", description="Running instances that change their version")


@blueprint.query(
    "/processes/<key>/migrations/assess", method="POST", scope=SCOPE, takes=AssessmentOrder, answers=Assessment, errors=(404, 422)
)
def assess(session: Session, order: dict[str, Any], key: str) -> dict[str, Any]:
    """What would become of each running instance. Changes nothing."""
    permissions.require(g.actor, "migrate", None)
    number = order["version"]
    to = versions.process(session, key) if number is None else versions.numbered(session, key, number)
    fates = migrations.assess(session, key, versions.definition(session, to.version_id), order["mapping"])
    counts = Counter(each.outcome for each in fates)
    return {"version": to.version, "counts": counts, "instances": [_fate(each) for each in fates[:MOST_SHOWN]]}


@blueprint.command("/processes/<key>/migrations", scope=SCOPE, takes=MigrationOrder, answers=Migration, status=202, errors=(404, 422))
def begin(session: Session, order: dict[str, Any], key: str) -> dict[str, Any]:
    """Let instances go on in that version, in the background. What cannot go stays as it is, and its step says why."""
    chosen = None if order["instances"] is None else [found for each in order["instances"] if (found := read_id(each)) is not None]
    wanted = {"number": order["version"], "mapping": order["mapping"], "chosen": chosen, "called": order["called"]}
    made = migrations.begin(session, key, actor=g.actor, now=g.now, **wanted)
    return _order(migrations.find(session, made))


@blueprint.query("/processes/<key>/migrations", scope=SCOPE, takes=Paging, answers=MigrationPage, errors=(404,))
def page(session: Session, query: dict[str, Any], key: str) -> dict[str, Any]:
    """The migrations of a process, the newest first."""
    permissions.require(g.actor, "migrate", None)
    versions.process(session, key)
    return shapes.page(migrations.page(session, key, cursor=query.get("cursor"), limit=query["limit"]), _order)


@blueprint.query("/migrations/<migration>", scope=SCOPE, answers=Migration, errors=(404,))
def find(session: Session, migration: str) -> dict[str, Any]:
    """One migration and how far it is."""
    permissions.require(g.actor, "migrate", None)
    return _order(migrations.find(session, migration))


@blueprint.query("/migrations/<migration>/instances", scope=SCOPE, takes=MigrationStepQuery, answers=MigrationStepPage, errors=(404,))
def steps(session: Session, query: dict[str, Any], migration: str) -> dict[str, Any]:
    """The instances of a migration, and what became of each."""
    permissions.require(g.actor, "migrate", None)
    order = migrations.find(session, migration)
    found = migrations.steps(session, order.id, state=query.get("state"), cursor=query.get("cursor"), limit=query["limit"])
    return shapes.page(found, _step)


@blueprint.command("/migrations/<migration>/undo", scope=SCOPE, takes=Nothing, answers=Undone, status=202, errors=(404,))
def undo(session: Session, _: dict[str, Any], migration: str) -> dict[str, Any]:
    """Take back every instance that has not moved since, in the background."""
    return {"instances": migrations.undo(session, migration, actor=g.actor, now=g.now)}


def _order(order: Order) -> dict[str, Any]:
    return {
        "id": str(order.id),
        "process": order.process,
        "version": order.version,
        "mapping": dict(order.mapping),
        "created_at": order.created_at,
        "created_by": order.created_by,
        "undone_by": order.undone_by,
        "counts": dict(order.counts),
    }


def _fate(fate: Fate) -> dict[str, Any]:
    told = {"id": str(fate.instance_id), "title": fate.title, "version": fate.version, "outcome": fate.outcome}
    return told | {"elements": list(fate.places), "hurdles": _hurdles(fate.hurdles)}


def _step(step: Step) -> dict[str, Any]:
    told = {"id": str(step.instance_id), "title": step.title, "process": step.process, "state": step.state}
    return told | {"from_version": step.from_version, "to_version": step.to_version, "hurdles": _hurdles(step.hurdles)}


def _hurdles(hurdles: Iterable[Hurdle]) -> list[dict[str, str]]:
    return [{"code": each.code, "element": each.element, "detail": render(each.message)} for each in hurdles]
