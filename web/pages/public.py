"""The home page, and public forms: a page for each group of questions, a last look, then the receipt with the private link."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, g, jsonify, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine import attempts, instances, links, public_drafts
from engine.actors import PUBLIC
from engine.attempts import Limit
from engine.public_drafts import PublicDraft
from forms.review import review
from forms.schema import examine
from forms.steps import Step, messages, resume, steps
from web import answering, cases, public_starts, tracked
from web.answering import Answers, Messages
from web.errors import RequestRefused
from web.languages import gettext
from web.public_starts import PublicStart
from web.rendering import page, signed_in
from web.runtime import settings
from web.transactions import reading, transaction
from web.typography import french

blueprint = Blueprint("public", __name__)

PROGRAMMES = ("tikub", "tilab", "datathon")
LIVE = 30
"""How many looks at what changes go with one post of a page."""
COOKIE = "brouillon-"
COOKIE_SECONDS = int(public_drafts.LIFETIME.total_seconds())


@dataclass(frozen=True)
class StepView:
    """A step of a public form as the list beside it shows it. `number` from 1."""

    number: int
    title: str
    state: str
    href: str
    live: str


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """The tasks of who is signed in, else what anybody may start."""
    if signed_in():
        return redirect(url_for("inbox.mine"))
    with reading() as database:
        starts = public_starts.opened(database)
    openings = {name: [start for start in starts if name in start.process] for name in PROGRAMMES}
    others = [start for start in starts if not any(start in found for found in openings.values())]
    return page("public/home.html", openings=openings, others=others)


@blueprint.get("/public/<slug>")
def begin(slug: str) -> ResponseReturnValue:
    """Go to the first page, or to where the draft stopped."""
    with reading() as database:
        start = _start(database, slug)
        draft = _draft(database, start)
    if draft is None or not draft.answers:
        return redirect(url_for("public.question", slug=slug, number=1))
    pages = _pages(start, draft.answers)
    at = resume(start.form, draft.answers, variables={}, now=g.now)
    number = next((index for index, each in enumerate(pages, 1) if at is not None and each.id == at.id), len(pages))
    return redirect(url_for("public.question", slug=slug, number=number))


@blueprint.get("/public/<slug>/<int:number>")
def question(slug: str, number: int) -> ResponseReturnValue:
    """One page of questions."""
    with reading() as database:
        start = _start(database, slug)
        draft = _draft(database, start)
    return _question(start, number, draft.answers if draft else {})


@blueprint.post("/public/<slug>/<int:number>")
def answer(slug: str, number: int) -> ResponseReturnValue:
    """Keep the answers of this page; go on when nothing is wrong on it."""
    token = _token(slug)
    with transaction() as database:
        _limit(database)
        start = _start(database, slug)
        step, posted = _keep(database, start, number, token)
    wanted = answering.action("next")
    wrong: Messages = dict(posted.errors)
    if wanted == "next" and not posted.edited:
        wrong = messages(start.form, step, posted.answers, variables={}, now=g.now) | posted.errors
    if wrong or posted.edited:
        return _remember(make_response(_question(start, number, posted.answers, wrong), 422 if wrong else 200), slug, token)
    if wanted == "later":
        return _remember(make_response(page("public/later.html", start=start)), slug, token)
    return _remember(redirect(_after(start, number, posted.answers)), slug, token)


@blueprint.post("/public/<slug>/<int:number>/suite")
def live(slug: str, number: int) -> ResponseReturnValue:
    """What changes on the page while somebody answers. The answers are kept too; files come with the page alone."""
    token = _token(slug)
    with transaction() as database:
        _limit(database, *(() if request.files else ("live", LIVE)))
        start = _start(database, slug)
        step, posted = _keep(database, start, number, token)
    shown = answering.draw(start.form, variables={}, answers=posted.answers, step=step)
    return _remember(jsonify(answering.live(shown, saved=False)), slug, token)


@blueprint.get("/public/<slug>/verifier")
def verify(slug: str) -> ResponseReturnValue:
    """All answers once more, before they are sent."""
    with reading() as database:
        start = _start(database, slug)
        draft = _draft(database, start)
    if draft is None:
        return redirect(url_for("public.question", slug=slug, number=1))
    pages = _pages(start, draft.answers)
    views = _views(start, pages, len(pages) + 1)
    cleaned, _ = examine(start.form, draft.answers, variables={}, now=g.now)
    parts = review(start.form, cleaned or draft.answers, variables={}, now=g.now, polish=french)
    hrefs = {each.id: view.href for each, view in zip(pages, views, strict=False)}
    return page("public/check.html", start=start, steps=views, before=views[-2], parts=parts, hrefs=hrefs)


@blueprint.post("/public/<slug>/verifier")
def send(slug: str) -> ResponseReturnValue:
    """Start the case, once; a second click leads to the same receipt."""
    token = request.cookies.get(COOKIE + slug, "")
    with transaction() as database:
        start = _start(database, slug)
        draft = public_drafts.find(database, token, start.process, start.element_id, now=g.now, lock=True)
        if draft is not None and draft.instance_id:
            session["receipt"] = links.create(database, draft.instance_id, now=g.now)
            return redirect(url_for("public.receipt"))
        if draft is None or resume(start.form, draft.answers, variables={}, now=g.now) is not None:
            return redirect(url_for("public.begin", slug=slug))
        case = instances.start(
            database,
            start.process,
            draft.answers,
            start_event=start.element_id,
            actor=PUBLIC,
            owners=[_owner(token)],
            now=g.now,
        )
        public_drafts.sent(database, token, int(case.id))
        session["receipt"] = links.create(database, case.id, now=g.now)
    done = redirect(url_for("public.receipt"))
    done.delete_cookie(COOKIE + slug, path="/public")
    return done


@blueprint.get("/recu")
def receipt() -> ResponseReturnValue:
    """The receipt, for as long as the browser is open: the private link is stored nowhere else."""
    raw = session.get("receipt", "")
    with reading() as database:
        instance_id = links.instance_of(database, raw) if raw else None
        if instance_id is None:
            return redirect(url_for("public.home"))
        view = instances.view(database, instance_id)
        stages = tracked.stages(database, view)
    link = (settings().public_url or request.url_root.rstrip("/")) + url_for("tracking.show", token=raw)
    return page("public/receipt.html", case=cases.case(view), stages=stages, link=link)


def _limit(database: Session, kind: str = "public", times: int = 1) -> None:
    """Nobody posts forms without end. Raises RequestRefused 429."""
    key = attempts.subject(kind, request.remote_addr or "")
    pause = attempts.wait(database, key, Limit(times * settings().public_posts, timedelta(hours=1)), now=g.now)
    if pause is not None:
        raise RequestRefused(429, headers={"Retry-After": str(int(pause.total_seconds()) + 1)})
    attempts.count(database, key, now=g.now)


def _start(database: Session, slug: str) -> PublicStart:
    start = public_starts.find(database, slug)
    if start is None:
        abort(404)
    return start


def _token(slug: str) -> str:
    return request.cookies.get(COOKIE + slug, "") or public_drafts.new_token()


def _draft(database: Session, start: PublicStart) -> PublicDraft | None:
    token = request.cookies.get(COOKIE + start.slug, "")
    found = public_drafts.find(database, token, start.process, start.element_id, now=g.now) if token else None
    return None if found is None or found.instance_id else found


def _keep(database: Session, start: PublicStart, number: int, token: str) -> tuple[Step, answering.Posted]:
    """Read this page's post over the draft, and keep the result."""
    draft = _draft(database, start)
    before: Answers = draft.answers if draft else {}
    step = _page_of(_pages(start, before), number)
    posted = answering.read(
        database, start.form, draft=before, variables={}, owner=_owner(token), only=step.components
    )
    public_drafts.save(database, token, start.process, start.element_id, posted.answers, now=g.now)
    return step, posted


def _owner(token: str) -> str:
    """Whose the files of this draft are, until they are sent."""
    return "draft:" + hashlib.sha256(token.encode()).hexdigest()[:32]


def _pages(start: PublicStart, answers: Answers) -> tuple[Step, ...]:
    return steps(start.form, answers, variables={}, now=g.now)


def _page_of(pages: tuple[Step, ...], number: int) -> Step:
    if not 1 <= number <= len(pages):
        abort(404)
    return pages[number - 1]


def _after(start: PublicStart, number: int, answers: Answers) -> str:
    if number >= len(_pages(start, answers)):
        return url_for("public.verify", slug=start.slug)
    return url_for("public.question", slug=start.slug, number=number + 1)


def _question(start: PublicStart, number: int, answers: Answers, errors: Messages | None = None) -> str:
    pages = _pages(start, answers)
    step = _page_of(pages, number)
    shown = answering.draw(start.form, variables={}, answers=answers, errors=errors, step=step)
    views = _views(start, pages, number)
    before = views[number - 2] if number > 1 else None
    return page(
        "public/question.html", start=start, step=views[number - 1], steps=views, before=before, page=shown
    )


def _views(start: PublicStart, pages: tuple[Step, ...], current: int) -> list[StepView]:
    views = [_view(start, number, french(each.title or start.title), current) for number, each in enumerate(pages, 1)]
    last = len(pages) + 1
    state = "now" if current == last else "todo"
    return [*views, StepView(last, gettext("Vérifier et envoyer"), state, url_for("public.verify", slug=start.slug), "")]


def _view(start: PublicStart, number: int, title: str, current: int) -> StepView:
    state = "done" if number < current else "now" if number == current else "todo"
    href = url_for("public.question", slug=start.slug, number=number)
    return StepView(number, title, state, href, url_for("public.live", slug=start.slug, number=number))


def _remember(answer_: Response, slug: str, token: str) -> Response:
    """Keep the draft's token in this browser, where scripts cannot read it."""
    answer_.set_cookie(
        COOKIE + slug, token, max_age=COOKIE_SECONDS, path="/public", httponly=True, samesite="Lax", secure=request.is_secure
    )
    return answer_
