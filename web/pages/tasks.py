"""« Mes tâches »: tabs, filters in the address, paging, and taking or giving back from the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, flash, g, redirect, request, url_for
from flask import session as browser
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine import people, tasks, versions
from engine.errors import EngineError
from engine.pages import Page
from engine.tasklist import Tab, TaskRow
from web import inbox, listing
from web.dates import PARIS, day, hour, paris
from web.languages import gettext, ngettext, render
from web.pages.gate import guard
from web.pages.preferences import local_path
from web.rendering import page
from web.transactions import reading, transaction
from web.typography import french

blueprint = guard(Blueprint("inbox", __name__))

TABS: Mapping[str, Tab] = {"moi": "mine", "groupes": "groups", "retard": "overdue", "terminees": "done"}
MOST_AT_ONCE = 50
LIST = "liste"
LONGEST_ADDRESS = 500


@dataclass(frozen=True)
class CurrentTab:
    """The tab in front: its key in the address, its name, and whether tasks can be picked there."""

    key: str
    text: str
    batch: bool


@dataclass(frozen=True)
class Empty:
    """What an empty list says, and where to go from it."""

    title: str
    text: str
    actions: list[tuple[str, str]]


@blueprint.get("/taches")
def mine() -> str:
    """The list; the tab that has something comes first."""
    filters = listing.chosen("q", "processus", "groupe", "echeance")
    browser[LIST] = request.query_string.decode("utf-8", "replace")[:LONGEST_ADDRESS]
    with reading() as session:
        counts = tasks.counts(session, g.actor, now=g.now)
        tab = _tab(counts)
        found = _find(session, tab, filters)
        names = people.group_names(session)
        processes = [(each.key, french(each.name)) for each in versions.processes(session, limit=200).items]
    g.own_tasks = counts["mine"]
    groups = [(key, names.get(key, key)) for key in sorted(g.actor.groups)]
    first, following = listing.pages("inbox.mine", {**filters, "onglet": tab.key}, found.cursor)
    return page(
        "tasks/list.html",
        current=tab,
        tabs=_tabs(tab, counts),
        late=counts["overdue"],
        today=_today(),
        filters=filters,
        processes=processes,
        groups=groups,
        chips=listing.chips("inbox.mine", filters, _said(filters, dict(processes), names), onglet=tab.key),
        rows=[inbox.row(each, g.actor, names) for each in found.items],
        shown=ngettext("%(num)s tâche ici", "%(num)s tâches ici", len(found.items)),
        first_page=first,
        next_page=following,
        here=request.full_path,
        empty=_empty(tab, filters, counts),
    )


def last_seen() -> str:
    """The address of the list as the person saw it last, with its tab, its filters and its page."""
    chosen = browser.get(LIST, "")
    return url_for("inbox.mine") + (f"?{chosen}" if chosen else "")


@blueprint.post("/taches")
def batch() -> ResponseReturnValue:
    """Take one task or those that were picked, or give one back. What somebody else took first is said, the rest is done."""
    back = local_path(request.form.get("next", "")).rstrip("?")
    picked = request.form.getlist("task")[:MOST_AT_ONCE] if request.form.get("batch") == "take" else []
    picked += [request.form["take"]] if "take" in request.form else []
    given = [request.form["return"]] if "return" in request.form else []
    refused: list[str] = []
    with transaction() as session:
        for task_id in picked:
            refused += _try(session, tasks.claim, task_id)
        for task_id in given:
            refused += _try(session, tasks.unclaim, task_id)
    _tell(len(picked), len(given), refused)
    return redirect(back if back != "/" else url_for("inbox.mine"))


def _try(session: Session, command: Callable[..., None], task_id: str) -> list[str]:
    """Carry out a command on one task; why not, when it is refused."""
    try:
        with session.begin_nested():
            command(session, task_id, actor=g.actor, now=g.now)
    except EngineError as refusal:
        return [render(refusal.text)]
    return []


def _tell(taken: int, given: int, refused: list[str]) -> None:
    for sentence in dict.fromkeys(refused):
        flash(sentence, "late")
    done = taken + given - len(refused)
    if done and taken:
        flash(ngettext("La tâche est à vous.", "%(num)s tâches sont à vous.", done), "good")
    elif done:
        flash(gettext("La tâche est rendue à son groupe. Votre brouillon est gardé."), "good")
    elif not refused:
        flash(gettext("Choisissez d’abord une tâche."), "late")


def _tab(counts: Mapping[Tab, int]) -> CurrentTab:
    wanted = request.args.get("onglet", "")
    key = wanted if wanted in TABS else "moi" if counts["mine"] or not counts["groups"] else "groupes"
    return CurrentTab(key, _names()[key], key in ("groupes", "retard"))


def _names() -> dict[str, str]:
    return {
        "moi": gettext("À moi"),
        "groupes": gettext("Mes groupes"),
        "retard": gettext("En retard"),
        "terminees": gettext("Terminées"),
    }


def _tabs(current: CurrentTab, counts: Mapping[Tab, int]) -> list[dict[str, object]]:
    return [
        {
            "text": name,
            "n": counts[TABS[key]],
            "on": key == current.key,
            "bad": key == "retard" and counts["overdue"] > 0,
            "href": url_for("inbox.mine", onglet=key),
        }
        for key, name in _names().items()
    ]


def _find(session: Session, tab: CurrentTab, filters: Mapping[str, str]) -> Page[TaskRow]:
    return tasks.page(
        session,
        g.actor,
        tab=TABS[tab.key],
        group=filters["groupe"] or None,
        process=filters["processus"] or None,
        due_before=_due_before(filters["echeance"]),
        q=filters["q"] or None,
        now=g.now,
        cursor=request.args.get("suite") or None,
        limit=listing.PER_PAGE,
    )


def _due_before(wanted: str) -> datetime | None:
    """Late: before now. Today and this week end at midnight in Paris."""
    if wanted == "retard":
        return datetime.fromtimestamp(g.now.timestamp(), PARIS)
    days = {"jour": 1, "semaine": 8}.get(wanted)
    if days is None:
        return None
    tomorrow = paris(g.now).date() + timedelta(days)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=PARIS)


def _today() -> str:
    now = paris(g.now)
    said = day(now.date(), g.now)
    return f"{said[:1].upper()}{said[1:]}, {hour(g.now)}"


def _said(filters: Mapping[str, str], processes: Mapping[str, str], groups: Mapping[str, str]) -> dict[str, str]:
    dues = {"retard": gettext("En retard"), "jour": gettext("Aujourd’hui"), "semaine": gettext("Sous 7 jours")}
    return {
        "q": gettext("Texte : %(value)s", value=filters["q"]),
        "processus": gettext("Processus : %(value)s", value=processes.get(filters["processus"], filters["processus"])),
        "groupe": gettext("Groupe : %(value)s", value=groups.get(filters["groupe"], filters["groupe"])),
        "echeance": gettext("Échéance : %(value)s", value=dues.get(filters["echeance"], filters["echeance"])),
    }


def _empty(tab: CurrentTab, filters: Mapping[str, str], counts: Mapping[Tab, int]) -> Empty:
    if any(filters.values()):
        title = gettext("Rien ne correspond à ces filtres")
        return Empty(
            title,
            gettext("Retirez un filtre pour voir d’autres tâches."),
            [(gettext("Effacer les filtres"), url_for("inbox.mine", onglet=tab.key))],
        )
    groups = (gettext("Voir les tâches de mes groupes"), url_for("inbox.mine", onglet="groupes"))
    start = (gettext("Démarrer un dossier"), url_for("starting.choose"))
    return {
        "moi": Empty(
            gettext("Rien ne vous attend"),
            gettext("Les tâches que vous prenez, et celles que le parcours vous confie, apparaîtront ici."),
            [groups] if counts["groups"] else [start],
        ),
        "groupes": Empty(
            gettext("Aucune tâche libre dans vos groupes"),
            gettext("Quand un dossier aura besoin d’un de vos groupes, la tâche apparaîtra ici et vous pourrez la prendre."),
            [start],
        ),
        "retard": Empty(
            gettext("Rien n’est en retard"),
            gettext("Les tâches dont l’échéance est passée apparaîtront ici."),
            [(gettext("Voir mes tâches"), url_for("inbox.mine", onglet="moi"))],
        ),
        "terminees": Empty(
            gettext("Vous n’avez encore rien terminé"),
            gettext("Les tâches que vous terminez restent lisibles ici."),
            [(gettext("Voir mes tâches"), url_for("inbox.mine", onglet="moi"))],
        ),
    }[tab.key]
