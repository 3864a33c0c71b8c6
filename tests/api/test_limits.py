"""Large diagrams and long runs over the API: nothing recurses, nothing grows without need."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.api.cases import do, play
from tests.api.conftest import program
from tests.api.program import Program
from tests.spiff.driver import boundary, chain, definitions, end, flow, node, process, script, start, user


@pytest.fixture
def api(server: Flask) -> Program:
    return program(server, "admin")


def test_chain_of_three_thousand_elements(api: Program) -> None:
    names = [f"t{number}" for number in range(3_000)]
    api.publish(definitions(process(start(), *[node("task", each) for each in names], user("u"), end(), chain("start", *names, "u", "end"))))
    case = play(api, "P", {}, [do("u")])
    assert case.trace() == ["start", *names, "u", "end"]
    assert case.read()["state"] == "completed"


@pytest.mark.parametrize("late", [True, False])
def test_sub_processes_nested_a_hundred_deep(api: Program, late: bool) -> None:
    inner = user("u")
    for number in range(100):
        inner = node("subProcess", f"sp{number}", start(f"s{number}"), inner, chain(f"s{number}", f"sp{number - 1}" if number else "u"))
    clock = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    api.publish(definitions(process(inner, boundary("b", "sp99", clock), end(), chain("b", "end"))))
    case = play(api, "P", {}, [] if late else [do("u")])
    if late:
        api.advance(3600)
    assert case.read()["state"] == "completed"
    assert ("u" in case.trace()) == (not late)


def test_loop_of_ten_thousand_automatic_passes_with_a_megabyte_of_variables(api: Program) -> None:
    api.publish(
        definitions(
            process(
                start(), script("s", "{i: i + 1}"), node("exclusiveGateway", "x", default="d"), user("u"), end(),
                chain("start", "s", "x"), flow("x", "s", "i < 10000"), flow("x", "u", name="d"), chain("u", "end"),
            )
        )
    )  # fmt: skip
    case = play(api, "P", {"i": 0, "gros": "é" * 500_000}, [do("u")])
    after = case.read()
    assert (after["state"], after["variables"]["i"], len(after["variables"]["gros"])) == ("completed", 10_000, 500_000)


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_thousand_called_processes(api: Program, sequential: str) -> None:
    loop = node("multiInstanceLoopCharacteristics", "mi", "<loopCardinality>1000</loopCardinality>", isSequential=sequential)
    called = process(start("qs"), end("qe"), chain("qs", "qe"), key="Q")
    api.publish(definitions(process(start(), node("callActivity", "c", loop, calledElement="Q"), end(), chain("start", "c", "end")), called))
    case = play(api, "P", {}, [])
    assert case.read()["state"] == "completed"
    assert case.trace().count("c") == 1_000
