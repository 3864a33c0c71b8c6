"""What the history tells of a process: figures of its elements, indicators, event logs."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from engine import eventlog, indicators, instances, measures, statistics
from engine.actors import SYSTEM
from engine.errors import Unusable
from engine.statistics import Case, Choice, Report
from tests.engine.world import World
from tests.spiff.driver import chain, diagram, end, node, start, user

DAY = timedelta(days=1)
NOW = datetime(2019, 11, 14, tzinfo=UTC)
XES = "{http://www.xes-standard.org/}"


@pytest.fixture
def lived(world: World) -> World:
    """Three cases: one done in 4 days (a: 1, b: 3), one whose b waits since 5 days, one cancelled in a."""
    world.publish(diagram(start(), user("a"), user("b", props={"dueIn": "P2D"}), end(), chain("start", "a", "b", "end")))
    first, second, third = (world.start().id for _ in range(3))
    world.now += DAY
    for case in (first, second):
        world.complete(world.task(case).id, actor=world.person(f"Agent{case[-3:]}", "agents"))
    world.now += 3 * DAY
    world.complete(world.task(first).id)
    world.do(instances.cancel, third, "Doublon", actor=SYSTEM, now=world.now)
    world.now += 2 * DAY
    return world


def read(world: World, **choice: object) -> Report:
    return world.ask(statistics.report, Choice("P", **choice), now=world.now)  # type: ignore[arg-type]


def test_the_figures_of_elements(lived: World) -> None:
    report = read(lived)
    a, b = report.elements["a"], report.elements["b"]
    assert (a.entered, a.completed, a.cancelled, a.here) == (3, 2, 1, 0)
    assert (a.median, a.p90) == (86_400, 86_400)
    assert (b.entered, b.completed, b.here, b.waiting, b.overdue) == (2, 1, 1, 5 * 86_400, 1)
    assert (report.total, report.count("running"), report.count("completed"), report.count("cancelled")) == (3, 1, 1, 1)
    assert report.durations == [4 * 86_400]


def test_a_period_and_a_version_choose_the_cases(lived: World) -> None:
    begun = lived.now
    lived.start()
    assert read(lived, since=begun).total == 1
    assert read(lived, until=begun).total == 3
    assert read(lived, version=1).total == 4
    lived.publish(diagram(start(), user("a"), end(), chain("start", "a", "end")))
    assert read(lived, version=2).total == 0
    assert read(lived, version=2).elements == {}


def test_indicators_over_cases(lived: World) -> None:
    source = """[{label: "Durée", from: "start", to: "b"}, {label: "Finis", reach: "end"}, {label: "De b", of: "a", reach: "b"},
                 {label: "Vite", of: "a", reach: "b", within: duration("P4D")}, {label: "Jamais", of: "q", reach: "end"}]"""
    told = measures.measure(indicators.read(source), read(lived), now=lived.now)
    assert [(each.indicator.label, each.value, each.cases) for each in told] == [
        ("Durée", 4 * 86_400, 1),
        ("Finis", 1 / 3, 3),
        ("De b", 0.5, 2),
        ("Vite", 0.5, 2),
        ("Jamais", None, 0),
    ]


def test_a_share_within_a_time_waits_until_it_is_known() -> None:
    began = NOW - 30 * DAY
    young = Case(1, 1, "running", began, None, {"a": began})
    report = Report(1, [young], {})
    (within,) = indicators.read('[{label: "x", of: "a", reach: "b", within: duration("P2M")}]')
    assert measures.measure([within], report, now=NOW)[0].cases == 0
    assert measures.measure([within], report, now=NOW + 60 * DAY)[0].value == 0


@pytest.mark.parametrize(
    "source",
    [
        "1",
        "[1]",
        "[{",
        '[{label: "x"}]',
        '[{label: "x", from: "a"}]',
        '[{label: "x", from: "a", to: "b", reach: "c"}]',
        '[{label: "x", reach: 1}]',
        '[{reach: "a"}]',
        '[{label: "x", reach: "a", within: 3}]',
        '[{label: "x", reach: "a", more: 3}]',
        '[{label: "x", from: "a", to: "b", within: duration("P1D")}]',
    ],
)
def test_what_is_no_indicator_is_refused(source: str) -> None:
    with pytest.raises(Unusable):
        indicators.read(source)


def test_the_log_names_nobody(lived: World) -> None:
    log = lived.ask(eventlog.read, Choice("P"), {"a": "=Étape a"})
    table = list(csv.DictReader(io.StringIO("".join(eventlog.as_csv(log)))))
    assert len({each["case"] for each in table}) == 3
    assert {each["name"] for each in table if each["element"] == "a"} == {"'=Étape a"}
    assert {each["resource"] for each in table if each["element"] == "a"} == {"", "p1", "p2"}
    assert "Agent" not in str(table)
    tree = etree.fromstring("".join(eventlog.as_xes(log, "P & co")).encode())
    assert len(tree.findall(f"{XES}trace")) == 3
    assert len(tree.findall(f".//{XES}event")) == len(table)
    assert {each.get("value") for each in tree.iterfind(f".//{XES}string[@key='lifecycle:transition']")} == {"start", "complete", "ate_abort"}
    ocel = eventlog.as_ocel(log, "P")
    ids = {each["id"] for each in ocel["objects"]}
    assert all(related["objectId"] in ids for each in ocel["events"] for related in each["relationships"])
    assert len(ocel["events"]) == len(table)
    assert {each["type"] for each in ocel["events"]} == {each["name"] for each in ocel["eventTypes"]}


def test_a_loop_counts_each_passage(world: World) -> None:
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
    world.publish(diagram(start(), node("subProcess", "s", loop, start("s2"), end("e2"), chain("s2", "e2")), end(), chain("start", "s", "end")))
    world.start()
    assert read(world).elements["s"].completed == 3
