"""For owners and operators: how a process fares over a period, on its diagram, as a table, by its indicators, and its history as files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from flask import Blueprint, Response, g, request, url_for
from flask.typing import ResponseReturnValue

from engine import eventlog, indicators, measures, permissions, statistics, versions
from engine.errors import Unusable
from engine.indicators import Indicator
from engine.spiff.definition import Definition
from engine.statistics import Choice
from engine.versions import Published
from web import json, watching
from web.errors import RequestRefused
from web.languages import gettext
from web.pages.gate import guard
from web.progress import Map
from web.rendering import page
from web.transactions import reading
from web.typography import french
from web.watching import Measure

blueprint = guard(Blueprint("watching", __name__))

TYPES = {"csv": "text/csv; charset=utf-8", "xes": "application/xml", "ocel.json": "application/json"}


@blueprint.before_request
def _may() -> None:
    permissions.require(g.actor, "inspect", None)


@blueprint.get("/processus/<key>/suivi")
def show(key: str) -> str:
    """The figures of a period and version; the address holds both."""
    wanted = request.args.get("mesure", "passages")
    measure = cast(Measure, wanted if wanted in watching.MEASURES else "passages")
    period, choice = _choice(key)
    with reading() as session:
        to = _version(session, key, choice)
        definition = versions.definition(session, to.version_id)
        report = statistics.report(session, choice, now=g.now)
        every = versions.versions(session, key).items
    notes, levels = watching.heat(report, definition, measure)
    name = french(to.name)
    kept = {"key": key, "periode": period, "version": choice.version}
    return page(
        "watching/show.html",
        process=to,
        name=name,
        report=report,
        choice=choice,
        period=period,
        periods=watching.periods(),
        versions=[(each.version, gettext("Version %(version)s", version=each.version)) for each in every],
        measure=measure,
        measures=watching.measures(),
        summary=watching.summary(report),
        told=watching.indicators(measures.measure(_declared(definition), report, now=g.now)),
        rows=watching.rows(report, definition),
        map=Map(url_for("catalogue.diagram", key=key, number=to.version), name, notes=notes, levels=levels),
        files=[(kind, url_for("watching.log", kind=kind, **kept)) for kind in TYPES],  # type: ignore[arg-type]
    )


@blueprint.get("/processus/<key>/journal.<kind>")
def log(key: str, kind: str) -> ResponseReturnValue:
    """The history of the cases chosen as a file for other tools."""
    if kind not in TYPES:
        raise RequestRefused(404)
    _, choice = _choice(key)
    with reading() as session:
        definition = versions.definition(session, _version(session, key, choice).version_id)
        names = {element: french(each.name) for element, each in definition.elements.items() if each.name}
        read = eventlog.read(session, choice, names)
    lines: Iterator[str]
    if kind == "csv":
        lines = eventlog.as_csv(read)
    elif kind == "xes":
        lines = eventlog.as_xes(read, key)
    else:
        lines = iter([json.dump(eventlog.as_ocel(read, key)).decode()])
    answer = Response(lines, content_type=TYPES[kind])
    answer.headers.set("Content-Disposition", "attachment", filename=f"{key}.{kind}")
    return answer


def _choice(key: str) -> tuple[str, Choice]:
    period = request.args.get("periode", "365")
    period = period if period in watching.PERIODS else "365"
    return period, Choice(key, request.args.get("version", type=int), watching.since(period, g.now))


def _version(session, key: str, choice: Choice) -> Published:  # type: ignore[no-untyped-def]
    return versions.process(session, key) if choice.version is None else versions.numbered(session, key, choice.version)


def _declared(definition: Definition) -> list[Indicator]:
    """The indicators of a version; one that was published before they were checked may have none that can be read."""
    try:
        return indicators.read(definition.properties.get(indicators.PROPERTY, ""))
    except Unusable:
        return []
