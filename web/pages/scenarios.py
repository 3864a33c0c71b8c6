"""The scenarios of a draft: written as text, played, with what came of each and which ways none of them takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from lxml.etree import _Element

from authoring import drafts, recordings, scenarios, trials
from authoring.drafts import Draft
from authoring.scenarios import ScenarioInvalid
from authoring.trials import Trial
from engine.bundle import Bundle, File
from engine.diagram import BPMN
from engine.errors import Conflict, NotFound
from web import trials as playing
from web.languages import gettext, ngettext, render
from web.pages.gate import guard
from web.progress import Map
from web.rendering import page
from web.runtime import runtime
from web.sandboxes import SANDBOXES, Sandboxes, answers
from web.transactions import reading, transaction
from web.typography import french

blueprint = guard(Blueprint("scenarios", __name__))

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}", re.ASCII)
MODEL = """name: Ce que cette histoire montre
clock: 2026-01-12T09:00:00+01:00
given:
  - start: {process}
    answers: {{}}
when:
  - complete: une_tache
    answers: {{}}
then:
  - state: completed
"""


@dataclass(frozen=True)
class Row:
    """One scenario of the list: how it went last, in words."""

    number: int
    file: str
    name: str
    tone: str
    icon: str
    said: str
    reason: str
    place: str


@dataclass(frozen=True)
class Cover:
    """How many of the ways of a process are taken, its diagram, and the ways that no scenario takes."""

    name: str
    taken: int
    total: int
    map: Map
    missing: tuple[str, ...]


@blueprint.get("/brouillons/<draft_id>/scenarios")
def show(draft_id: str) -> str:
    """All scenarios of the draft and the last trial of this revision."""
    return _page(draft_id)


@blueprint.post("/brouillons/<draft_id>/scenarios/jouer")
def play(draft_id: str) -> ResponseReturnValue:
    """Play them all, in the background."""
    with reading() as session:
        draft = drafts.find(session, draft_id, actor=g.actor)
    if not scenarios.of(draft.files):
        raise NotFound
    if not playing.play(runtime(), draft, actor=g.actor, now=g.now):
        flash(gettext("Les scénarios sont déjà en train d’être joués."), "late")
    return redirect(url_for("scenarios.show", draft_id=draft_id))


@blueprint.get("/brouillons/<draft_id>/scenarios/nouveau")
def ask(draft_id: str) -> str:
    """The form of a new scenario: empty, or with `essai` the story of what was played in the sandbox."""
    with reading() as session:
        draft = drafts.find(session, draft_id, actor=g.actor)
    if "essai" in request.args:
        return _form(draft, None, "", _recorded(draft), "")
    diagrams = Bundle([each for each in draft.files if each.kind == "diagram"]).diagrams.values()
    processes = [each.get("id") for diagram in diagrams for each in diagram.root.iterchildren(f"{{{BPMN}}}process")]
    return _form(draft, None, "", MODEL.format(process=processes[0] if processes else "processus"), "")


@blueprint.get("/brouillons/<draft_id>/scenarios/<int:number>")
def edit(draft_id: str, number: int) -> str:
    """The text of one scenario."""
    with reading() as session:
        draft = drafts.find(session, draft_id, actor=g.actor)
    file = _file(draft, number)
    return _form(draft, number, file.name, file.content.decode("utf-8", "replace"), "")


@blueprint.post("/brouillons/<draft_id>/scenarios/enregistrer")
def save(draft_id: str) -> ResponseReturnValue:
    """Keep a scenario that can be read; else say what is wrong and lose nothing."""
    with reading() as session:
        draft = drafts.find(session, draft_id, actor=g.actor)
    number, written = request.form.get("numero", type=int), request.form.get("texte", "").replace("\r\n", "\n")
    name = _file(draft, number).name if number else request.form.get("fichier", "").strip().removesuffix(".yaml") + ".yaml"
    error = _wrong(draft, number, name, written)
    if error:
        return _form(draft, number, name, written, error), 422
    expected = request.form.get("revision", type=int)
    if expected is None:
        raise Conflict(drafts.STALE)
    with transaction() as session:
        drafts.put(session, draft_id, File("scenario", name, written.encode()), expected=expected, actor=g.actor, now=g.now)
    flash(gettext("Le scénario est enregistré. Jouez les scénarios pour savoir s’ils tiennent."), "good")
    return redirect(url_for("scenarios.show", draft_id=draft_id))


@blueprint.post("/brouillons/<draft_id>/scenarios/<int:number>/supprimer")
def remove(draft_id: str, number: int) -> ResponseReturnValue:
    """Take a scenario out of the draft."""
    expected = request.form.get("revision", type=int)
    with transaction() as session:
        _file(drafts.find(session, draft_id, actor=g.actor), number)
        drafts.take_out(session, draft_id, number, expected=expected or 0, actor=g.actor, now=g.now)
    flash(gettext("Le scénario est retiré du brouillon."), "good")
    return redirect(url_for("scenarios.show", draft_id=draft_id))


def _recorded(draft: Draft) -> str:
    """The story of what was played in the draft's sandbox. Raises NotFound."""
    registry: Sandboxes = current_app.extensions[SANDBOXES]
    sandbox = registry.find(draft.row.id)
    if sandbox is None:
        raise NotFound
    with sandbox.runtime.sessions.reading() as session:
        return recordings.record(session, name=gettext("Un essai"), outside=answers(sandbox.folder))


def _wrong(draft: Draft, number: int | None, name: str, written: str) -> str:
    """Why a scenario cannot be kept; nothing when it can."""
    if not number and not NAME.fullmatch(name.removesuffix(".yaml")):
        return gettext("Un nom de fichier en minuscules, sans espace ni accent.")
    if not number and name in scenarios.of(draft.files):
        return gettext("Un scénario porte déjà ce nom.")
    try:
        scenarios.read(name, written.encode())
    except ScenarioInvalid as invalid:
        return render(invalid.message)
    return ""


def _file(draft: Draft, number: int) -> File:
    if not 1 <= number <= len(draft.files) or draft.files[number - 1].kind != "scenario":
        raise NotFound
    return draft.files[number - 1]


def _form(draft: Draft, number: int | None, name: str, written: str, error: str) -> str:
    return page("scenarios/edit.html", draft=draft.row, number=number, file=name, written=written, error=error)


def _page(draft_id: str) -> str:
    with reading() as session:
        draft = drafts.find(session, draft_id, actor=g.actor)
        trial = trials.latest(session, draft.row.id, draft.row.revision, now=g.now)
    rows = [_row(number, each, trial) for number, each in enumerate(draft.files, 1) if each.kind == "scenario"]
    return page(
        "scenarios/show.html",
        draft=draft.row,
        rows=rows,
        trial=trial,
        is_running=trial is not None and trial.state == "running",
        summary=_summary(trial, len(rows)),
        covers=_covers(draft, trial) if trial is not None and trial.state == "done" else [],
    )


def _summary(trial: Trial | None, number: int) -> tuple[str, str, str]:
    if trial is None:
        return gettext("Pas encore joués dans cette révision"), "plain", "clock"
    if trial.state == "running":
        return gettext("%(done)s sur %(total)s joués", done=len(trial.results), total=number), "info", "clock"
    if trial.state == "broken":
        return gettext("Interrompus : jouez-les de nouveau"), "late", "alert"
    if trial.red:
        return ngettext("%(num)s scénario ne tient pas", "%(num)s scénarios ne tiennent pas", len(trial.red)), "bad", "x"
    return gettext("Tous tiennent"), "good", "check"


def _row(number: int, file: File, trial: Trial | None) -> Row:
    try:
        name = scenarios.read(file.name, file.content).name
    except ScenarioInvalid:
        name = file.name
    result = next((each for each in trial.results if each.scenario == file.name), None) if trial else None
    if result is None:
        return Row(number, file.name, name, "plain", "clock", gettext("à jouer"), "", "")
    if result.holds:
        return Row(number, file.name, name, "good", "check", gettext("tient"), "", "")
    where = {"number": result.step, "verb": result.verb, "file": result.file}
    place = gettext("Étape %(number)s (%(verb)s) de %(file)s", **where) if result.step else ""
    reason = render(result.message) if result.message else ""
    return Row(number, file.name, name, "bad", "x", gettext("ne tient pas"), reason, place)


def _covers(draft: Draft, trial: Trial) -> list[Cover]:
    """The processes of this draft of which ways were counted."""
    found = []
    for place, file in enumerate(draft.files, 1):
        url = url_for("authoring.diagram", draft_id=draft.row.id, revision=draft.row.revision, number=place)
        for diagram in Bundle([file]).diagrams.values() if file.kind == "diagram" else ():
            processes = [each for each in diagram.root.iterchildren(f"{{{BPMN}}}process") if each.get("id") in trial.flows]
            found += [_cover(each, diagram.root, *trial.flows[each.get("id") or ""], url) for each in processes]
    return [each for each in found if each.total]


def _cover(process: _Element, root: _Element, taken: Sequence[str], drawn: Sequence[str], url: str) -> Cover:
    left = sorted(set(drawn) - set(taken))
    ends = {each.get("id"): (each.get("sourceRef"), each.get("targetRef")) for each in process.iter(f"{{{BPMN}}}sequenceFlow")}
    names = {each.get("id"): french(each.get("name") or each.get("id") or "") for each in root.iter(f"{{{BPMN}}}*")}
    pairs = [(names[ends[each][0]], names[ends[each][1]]) for each in left if each in ends]
    missing = tuple(gettext("de « %(source)s » à « %(target)s »", source=source, target=target) for source, target in pairs)
    name = french(process.get("name") or process.get("id") or "")
    marks = Map(url, name, done=tuple(taken), changed=tuple(left))
    return Cover(name, len(set(drawn) & set(taken)), len(drawn), marks, missing)
