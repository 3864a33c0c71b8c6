"""An instance that waits goes on in another version of its process, or is told what stands in the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.spiff.driver import NOW, Run, boundary, chain, diagram, end, flow, node, script, start, user


def timer(duration: str) -> str:
    return f"<timerEventDefinition><timeDuration>{duration}</timeDuration></timerEventDefinition>"


def message(name: str) -> str:
    return f'<messageEventDefinition messageRef="{name}"/>'


def messages(*names: str) -> str:
    return "".join(f'<message id="{name}" name="{name}"/>' for name in names)


def codes(found: Any) -> list[tuple[str, str]]:
    return [(each.code, each.element) for each in found]


LINE = diagram(start(), user("a"), user("b"), end(), chain("start", "a", "b", "end"))


def test_a_step_behind_is_added_and_one_ahead_is_removed() -> None:
    run = Run(LINE)
    assert run.migrate(diagram(start(), user("a"), script("s", "{x: 1}"), user("c"), end(), chain("start", "a", "s", "c", "end"))) == ()
    run.do("a")
    assert run.open == ["c"]
    assert run.do("c").done
    assert run.variables == {"x": 1}


def test_a_step_that_is_gone_needs_a_mapping() -> None:
    new = diagram(start(), user("z"), user("b"), end(), chain("start", "z", "b", "end"))
    run = Run(LINE)
    assert codes(run.migrate(new)) == [("gone", "a")]
    assert run.open == ["a"]
    assert run.migrate(new, {"a": "z"}) == ()
    assert run.open == ["z"]
    assert run.do("z").do("b").done


def test_a_step_of_another_kind_or_place_cannot() -> None:
    run = Run(LINE)
    assert codes(run.migrate(diagram(start(), node("manualTask", "a"), end(), chain("start", "a", "end")))) == [("other-kind", "a")]
    inner = node("subProcess", "sub", start("s2"), user("a"), end("e2"), chain("s2", "a", "e2"))
    assert codes(run.migrate(diagram(start(), inner, end(), chain("start", "sub", "end")))) == [("other-place", "a")]
    loop = user("a", "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>")
    assert codes(run.migrate(diagram(start(), loop, end(), chain("start", "a", "end")))) == [("other-loop", "a")]


def test_timers_keep_their_moments_and_tasks_their_references() -> None:
    def version(duration: str) -> bytes:
        late = boundary("late", "a", timer(duration))
        return diagram(start(), user("a"), late, user("b"), end(), chain("start", "a", "end"), chain("late", "b"), flow("b", "end"))

    run = Run(version("P3D"))
    before = (dict(run.tasks), dict(run.timers))
    assert run.migrate(version("P30D")) == ()
    assert (run.tasks, run.timers) == before
    assert run.advance(days=3).open == ["b"]


def test_what_listens_follows_the_new_version() -> None:
    def version(*more: str, extra: str = "") -> bytes:
        return diagram(start(), user("a"), *more, end(), chain("start", "a", "end"), extra=extra)

    old = version(boundary("late", "a", timer("P3D")), user("b"), chain("late", "b", "end"))
    new = version(boundary("late", "a", message("stop")), user("b"), chain("late", "b", "end"), extra=messages("stop"))
    run = Run(old)
    assert run.migrate(version()) == ()
    assert not run.timers
    run = Run(old)
    assert run.migrate(new) == ()
    assert (run.timers, [each.name for each in run.waits.values()]) == ({}, ["stop"])
    assert run.send("stop").open == ["b"]
    run = Run(version(), now=NOW)
    run.now += timedelta(days=1)
    assert run.migrate(old) == ()
    assert [each.due for each in run.timers.values()] == [NOW + timedelta(days=4)]


def test_an_event_sub_process_begins_and_stops_to_listen() -> None:
    def version(*more: str) -> bytes:
        return diagram(start(), user("a"), *more, end(), chain("start", "a", "end"), extra=messages("stop"))

    inner = (start("s2", message("stop")), user("undo"), end("e2"), chain("s2", "undo", "e2"))
    sub = node("subProcess", "sub", *inner, triggeredByEvent="true")
    run = Run(version())
    assert run.migrate(version(sub)) == ()
    assert run.send("stop").open == ["undo"]
    assert codes(run.migrate(version())) == [("gone", "sub")]
    other = Run(version(sub))
    assert other.migrate(version()) == ()
    assert not other.waits
    assert other.do("a").done


def test_who_waits_for_another_event_cannot() -> None:
    def version(name: str) -> bytes:
        catch = node("intermediateCatchEvent", "c", message(name))
        return diagram(start(), catch, end(), chain("start", "c", "end"), extra=messages("go", "halt"))

    run = Run(version("go"))
    assert codes(run.migrate(version("halt"))) == [("other-event", "c")]
    assert run.send("go").done


def parallel(*branches: str, join: str = "parallelGateway") -> bytes:
    ways = "".join(chain("split", each, "join") for each in branches)
    tasks = "".join(user(each) for each in branches)
    return diagram(
        start(), node("parallelGateway", "split"), tasks, node(join, "join"), user("z"), end(), chain("start", "split"), ways, chain("join", "z", "end")
    )


def test_a_join_that_would_wait_for_a_branch_that_never_comes() -> None:
    run = Run(parallel("a", "b"))
    assert codes(run.migrate(parallel("a", "b", "c"))) == [("join", "join")]
    run.do("a")
    assert codes(run.migrate(parallel("a", "b", "c"))) == [("waiting", "join")]
    assert codes(run.migrate(parallel("a", "b", join="exclusiveGateway"))) == [("waiting", "join")]
    assert run.migrate(diagram_with_step_after_b()) == ()
    assert run.do("b").do("b2").do("z").done


def diagram_with_step_after_b() -> bytes:
    return diagram(
        start(),
        node("parallelGateway", "split"),
        *(user(each) for each in ("a", "b", "b2", "z")),
        node("parallelGateway", "join"),
        end(),
        chain("start", "split", "a", "join", "z", "end"),
        chain("split", "b", "b2", "join"),
    )


def test_two_tokens_need_a_join_again() -> None:
    run = Run(parallel("a", "b"))
    assert codes(run.migrate(parallel("a", "b", join="exclusiveGateway"))) == [("join", "join")]


def test_a_single_step_that_becomes_a_branch_would_wait_for_ever() -> None:
    run = Run(LINE)
    assert codes(run.migrate(parallel("a", "b"))) == [("join", "join")]


def test_a_sub_process_and_its_iterations_move() -> None:
    def version(*steps: str) -> bytes:
        loop = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
        inner = (start("s2"), *(user(each) for each in steps), end("e2"), chain("s2", *steps, "e2"))
        return diagram(start(), node("subProcess", "sub", loop, *inner), end(), chain("start", "sub", "end"))

    run = Run(version("a"))
    assert run.open == ["a", "a"]
    assert run.migrate(version("a", "b")) == ()
    assert run.do("a").do("a").open == ["b", "b"]
    assert run.do("b").do("b").done
    assert codes(Run(version("a")).migrate(version("b"))) == [("gone", "a")]


def test_what_was_done_can_still_be_undone() -> None:
    def version(handler: str) -> bytes:
        steps = (user("a"), boundary("undo", "a", "<compensateEventDefinition/>"), user(handler, isForCompensation="true"))
        tie = f'<association id="as" sourceRef="undo" targetRef="{handler}"/>'
        throw = node("intermediateThrowEvent", "t", "<compensateEventDefinition/>")
        return diagram(start(), *steps, user("b"), throw, end(), chain("start", "a", "b", "t", "end"), tie)

    run = Run(version("h")).do("a")
    assert run.migrate(version("h2")) == ()
    assert run.do("b").open == ["h2"]
    bare = diagram(start(), user("a"), user("b"), end(), chain("start", "a", "b", "end"))
    assert codes(Run(version("h")).do("a").migrate(bare)) == [("compensation", "a")]


def test_an_incident_is_tried_again_in_the_version_that_mends_it() -> None:
    def version(source: str) -> bytes:
        return diagram(start(), script("s", source), user("b"), end(), chain("start", "s", "b", "end"))

    run = Run(version("1"))
    assert [each.element_id for each in run.incidents.values()] == ["s"]
    assert run.migrate(version("{x: 2}")) == ()
    assert run.retry("s").open == ["b"]


@pytest.mark.parametrize("content", [b"{}", b'{"flows": [{"tokens": [[1]]}, []]}', b"nothing"])
def test_a_state_that_cannot_be_read_is_left_alone(content: bytes) -> None:
    run = Run(LINE)
    run.state = content
    assert codes(run.migrate(LINE)) == [("unreadable", "P")]
