"""Drafts for owners of processes: importing a diagram, what is left to do, publishing, deleting."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from authoring import drafts
from authoring.drafts import Draft
from authoring.errors import ImportRefused
from authoring.importing.translation import Imported, translate
from engine import versions
from engine.bundle import File
from engine.errors import Conflict, NotFound, Refused
from feel.problems import Problem
from web import archives, drafting, sandboxes, uploading
from web.languages import gettext, ngettext, render
from web.pages.gate import guard, require_role
from web.rendering import page
from web.transactions import reading, transaction
from webhooks.connectors.registry import ACCEPTED

blueprint = guard(Blueprint("authoring", __name__))

DOWNLOADED = {"Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff"}


@blueprint.get("/importer")
def choose() -> str:
    """The page that asks for files."""
    require_role("owner")
    return page("drafts/import.html", error="", problems=())


@blueprint.post("/importer")
def import_files() -> ResponseReturnValue:
    """Translate the files and keep them as a draft, or say why they cannot be read."""
    require_role("owner")
    imported = _uploaded()
    if isinstance(imported, Imported):
        with transaction() as session:
            made = drafts.create(session, imported, actor=g.actor, now=g.now)
        return redirect(url_for("authoring.show", draft_id=made.row.id))
    return _refused("drafts/import.html", imported)


@blueprint.get("/brouillons/<draft_id>")
def show(draft_id: str) -> str:
    """One draft: its picture, what is left to do, what the import changed."""
    with reading() as session:
        draft = drafts.find(session, draft_id, actor=g.actor)
        problems = drafts.problems(session, draft, connectors=ACCEPTED, now=g.now)
    return _page(draft, problems)


@blueprint.post("/brouillons/<draft_id>/fichiers")
def replace(draft_id: str) -> ResponseReturnValue:
    """Put other files in the place of a draft's."""
    imported = _uploaded()
    if not isinstance(imported, Imported):
        with reading() as session:
            draft = drafts.find(session, draft_id, actor=g.actor)
            problems = drafts.problems(session, draft, connectors=ACCEPTED, now=g.now)
        message, found = imported
        return _page(draft, problems, error=message, refused=found), 422
    with transaction() as session:
        drafts.save(session, draft_id, imported, expected=_revision(), actor=g.actor, now=g.now)
    flash(gettext("Les fichiers du brouillon sont remplacés."), "good")
    return redirect(url_for("authoring.show", draft_id=draft_id))


@blueprint.post("/brouillons/<draft_id>/publier")
def publish(draft_id: str) -> ResponseReturnValue:
    """Publish a draft, or show what is missing."""
    try:
        with transaction() as session:
            about = {"connectors": ACCEPTED, "actor": g.actor, "now": g.now, "reason": request.form.get("raison", "").strip() or None}
            published = drafts.publish(session, draft_id, expected=_revision(), **about).processes
    except Refused as refusal:
        with reading() as session:
            draft = drafts.find(session, draft_id, actor=g.actor)
        return _page(draft, refusal.problems), 422
    flash(ngettext("%(num)s processus est publié.", "%(num)s processus sont publiés.", len(published)), "good")
    if len(published) == 1:
        return redirect(url_for("catalogue.show", key=published[0].key))
    return redirect(url_for("catalogue.listing"))


@blueprint.post("/brouillons/<draft_id>/supprimer")
def remove(draft_id: str) -> ResponseReturnValue:
    """Delete a draft."""
    with transaction() as session:
        drafts.remove(session, draft_id, actor=g.actor)
    kept = sandboxes.registry()
    if kept is not None:
        kept.forget(int(draft_id))
    flash(gettext("Le brouillon est supprimé."), "good")
    return redirect(url_for("catalogue.listing"))


@blueprint.get("/brouillons/<draft_id>/fichiers.zip")
def archive(draft_id: str) -> Response:
    """All files of a draft, the same bytes for the same files."""
    with reading() as session:
        draft = drafts.find(session, draft_id, actor=g.actor)
    return _archived(draft.files, f"brouillon-{draft.row.id}")


@blueprint.get("/processus/<key>/<int:number>/fichiers.zip")
def archive_of_version(key: str, number: int) -> Response:
    """All files that were published together with a version."""
    require_role("owner")
    with reading() as session:
        files = versions.files(session, versions.numbered(session, key, number).version_id)
    return _archived(files, f"{key}-{number}")


def _archived(files: Sequence[File], name: str) -> Response:
    answer = Response(archives.pack(files), content_type="application/zip", headers=DOWNLOADED)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.zip")
    return answer


@blueprint.get("/brouillons/<draft_id>/fichiers/<int:number>")
def file(draft_id: str, number: int) -> ResponseReturnValue:
    """One file of a draft, by its number; always downloaded."""
    found = _file(draft_id, number)
    answer = Response(found.content, mimetype="application/octet-stream", headers=DOWNLOADED)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer


@blueprint.get("/brouillons/<draft_id>/<int:revision>/schema-<int:number>.bpmn")
def diagram(draft_id: str, revision: int, number: int) -> ResponseReturnValue:  # noqa: ARG001 - makes the address of each revision its own
    """A diagram for the picture of the page."""
    return Response(_file(draft_id, number).content, mimetype="application/xml")


def _file(draft_id: str, number: int) -> File:
    with reading() as session:
        files = drafts.find(session, draft_id, actor=g.actor).files
    if not 1 <= number <= len(files):
        raise NotFound
    return files[number - 1]


def _uploaded() -> Imported | tuple[str, tuple[Problem, ...]]:
    """The translated files of this request; or the reason, and the problems, for which there are none."""
    given = uploading.read("fichiers")
    if isinstance(given, str):
        return given, ()
    try:
        return translate(given)
    except ImportRefused as refusal:
        return render(refusal.text), refusal.problems


def _refused(template: str, refusal: tuple[str, tuple[Problem, ...]]) -> ResponseReturnValue:
    message, problems = refusal
    return page(template, error=message, problems=problems), 422


def _revision() -> int:
    """The revision that the page showed. Raises Conflict for a page that shows none: it is not ours."""
    given = request.form.get("revision", type=int)
    if given is None or not 0 < given < 10**9:
        raise Conflict(drafts.STALE)
    return given


def _page(draft: Draft, problems: object, *, error: str = "", refused: tuple[Problem, ...] = ()) -> str:
    view = drafting.View(draft, problems)  # type: ignore[arg-type]
    return page("drafts/show.html", draft=draft.row, view=view, error=error, refused=refused)
