"""For owners and operators: let running instances go on in another version of their process, see how far that is, take it back."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine import migrations, permissions, versions
from engine.errors import Unusable
from engine.ids import read_id
from engine.moving import State
from web import listing, migrating
from web.languages import gettext, ngettext, render
from web.pages.gate import guard
from web.progress import Map
from web.rendering import page
from web.transactions import reading, transaction
from web.typography import french

blueprint = guard(Blueprint("versions", __name__))

MOST_SHOWN = 200
"""Instances that are named one by one; all are counted."""
EARLIER = 10
BUSY: tuple[State, ...] = ("pending", "undoing")


@blueprint.before_request
def _may() -> None:
    permissions.require(g.actor, "migrate", None)


@blueprint.get("/processus/<key>/dossiers")
def plan(key: str) -> str:
    """What would become of the running instances in a version, before anything happens."""
    return _plan(key, request.args.get("version", type=int), _mapping(request.args))


@blueprint.post("/processus/<key>/dossiers")
def begin(key: str) -> ResponseReturnValue:
    """Let them go on there, in the background."""
    number, mapping = request.form.get("version", type=int), _mapping(request.form)
    some = request.form.get("lesquels") == "choisis"
    chosen = [found for each in request.form.getlist("dossier") if (found := read_id(each)) is not None] if some else None
    try:
        with transaction() as session:
            wanted = {"number": number, "mapping": mapping, "chosen": chosen, "called": "appeles" in request.form}
            made = migrations.begin(session, key, actor=g.actor, now=g.now, **wanted)  # type: ignore[arg-type]
    except Unusable as error:
        flash(render(error.text), "bad")
        return _plan(key, number, mapping), 422
    return redirect(url_for("versions.show", key=key, migration=made))


@blueprint.get("/processus/<key>/dossiers/<migration>")
def show(key: str, migration: str) -> str:
    """How far a migration is, and what stayed behind."""
    state = request.args.get("etat") or None
    with reading() as session:
        order = migrations.find(session, migration)
        process = versions.process(session, key)
        cursor = request.args.get("suite") or None
        steps = migrations.steps(session, order.id, state=state, cursor=cursor, limit=listing.PER_PAGE)

    def link(**more: str | None) -> str:
        return url_for("versions.show", key=key, migration=migration, **more)  # type: ignore[arg-type]

    states = migrating.states()
    tabs = [{"text": gettext("Tous"), "href": link(), "n": order.total, "on": state is None}]
    tabs += [
        {"text": states[each][0], "href": link(etat=each), "n": order.counts[each], "on": state == each}
        for each in states
        if order.counts.get(each)
    ]
    following = link(etat=state, suite=steps.cursor) if steps.cursor else None
    return page(
        "migrations/show.html",
        process=process,
        name=french(process.name),
        order=order,
        ended=order.total - sum(order.counts.get(each, 0) for each in BUSY),
        steps=[(each, migrating.reasons(each.hurdles)) for each in steps.items],
        states=states,
        tabs=tabs,
        shown=ngettext("%(num)s dossier ici", "%(num)s dossiers ici", len(steps.items)),
        next_page=following,
    )


@blueprint.post("/processus/<key>/dossiers/<migration>/retour")
def undo(key: str, migration: str) -> ResponseReturnValue:
    """Take back what has not moved since."""
    with transaction() as session:
        number = migrations.undo(session, migration, actor=g.actor, now=g.now)
    words = ngettext("%(num)s dossier revient à sa version.", "%(num)s dossiers reviennent à leur version.", number)
    flash(words if number else gettext("Plus aucun dossier n’est à ramener."), "good" if number else "plain")
    return redirect(url_for("versions.show", key=key, migration=migration))


def _plan(key: str, number: int | None, mapping: Mapping[str, str]) -> str:
    with reading() as session:
        to = versions.numbered(session, key, number) if number else versions.process(session, key)
        new = versions.definition(session, to.version_id)
        mapping = {source: target for source, target in mapping.items() if target in new.elements}
        fates = migrations.assess(session, key, new, mapping)
        olds = {each: versions.definition(session, each) for each in {fate.version_id for fate in fates}}
        every = versions.versions(session, key).items
        earlier = migrations.page(session, key, limit=EARLIER).items
    name = french(to.name)
    return page(
        "migrations/plan.html",
        process=to,
        name=name,
        versions=[(each.version, gettext("Version %(version)s", version=each.version)) for each in every],
        mapping=mapping,
        prefix=migrating.PREFIX,
        sentences=migrating.sentences(fates),
        outcomes=migrating.outcomes(),
        places=migrating.places(fates, olds, new, mapping),
        gaps=migrating.gaps(fates, olds, new, mapping),
        map=Map(url_for("catalogue.diagram", key=key, number=to.version), name, notes=migrating.notes(fates, new, mapping)),
        moving=[each for each in fates if each.outcome == "moves"][:MOST_SHOWN],
        number=sum(each.outcome == "moves" for each in fates),
        stuck=[(each, migrating.reasons(each.hurdles)) for each in fates if each.outcome in ("cannot", "mapping")][:MOST_SHOWN],
        calls=bool(new.calls),
        earlier=earlier,
    )


def _mapping(values: Mapping[str, str]) -> dict[str, str]:
    """Which element takes the place of which, from controls named `place-…`."""
    prefix = migrating.PREFIX
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix) and value}
