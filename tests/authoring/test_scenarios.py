"""Scenarios are read with limits, and what is wrong is told."""

from __future__ import annotations

import pytest

from authoring.scenarios import Scenario, ScenarioInvalid, answers, chain, read
from authoring.stories import holds

GOOD = """name: Une histoire
clock: 2019-04-01T09:00:00+02:00
outside: {entreprises: {actif: true}}
given:
  - start: P
    answers: {jour: 2019-04-01}
then:
  - state: completed
"""


def test_a_scenario_keeps_dates_as_text() -> None:
    found = read("a.yaml", GOOD.encode())
    assert (found.name, found.outside, [step.verb for step in found.steps]) == ("Une histoire", {"entreprises": {"actif": True}}, ["start", "state"])
    assert found.steps[0].options == {"answers": {"jour": "2019-04-01"}}
    assert found.clock is not None
    assert found.clock.isoformat() == "2019-04-01T09:00:00+02:00"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"- a", "commence par"),
        (b"nom: x", "nom"),
        (b"name: [", "ligne"),
        (b"\xff", "UTF-8"),
        (b"clock: demain", "date et une heure"),
        (b"clock: 2019-04-01T09:00:00", "horaire"),
        (b"given: 3", "liste"),
        (b"given: [3]", "ne se lit pas"),
        (b"given: [{danser: vite}]", "danser"),
        (b"given: [{state: completed, vite: 1}]", "vite"),
        (b"outside: 3", "connecteur"),
        (b"name: &a [*a]", "profond"),
        (b"a: &a [1,1,1,1,1,1,1,1,1]\n" + b"".join(b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 9)) for c in b"bcdefghi"), "long"),
        (b"name: " + b"[" * 100 + b"]" * 100, "profond"),
        (b"name: " + b"x" * 300_000, "ko"),
        (b"name: !!python/object/apply:os.system ['true']", "bien formé"),
    ],
)
def test_what_is_no_scenario_says_why(source: bytes, said: str) -> None:
    with pytest.raises(ScenarioInvalid, match=said):
        read("a.yaml", source)


def test_scenarios_follow_each_other_and_never_in_a_circle() -> None:
    def told(name: str, after: str | None) -> Scenario:
        steps = f"given: [{{after: {after}}}]" if after else "given: []"
        return read(name, f"name: {name}\noutside: {{a: {name}, {name[0]}: 1}}\n{steps}".encode())

    first, second = told("x.yaml", None), told("y.yaml", "../dossier/x.yaml")
    found = chain(second, {"x.yaml": first, "y.yaml": second})
    assert [each.name for each in found] == ["x.yaml", "y.yaml"]
    assert answers(found) == {"a": "y.yaml", "x": 1, "y": 1}
    with pytest.raises(ScenarioInvalid, match="n’est pas là"):
        chain(second, {})
    with pytest.raises(ScenarioInvalid, match="rond"):
        chain(told("x.yaml", "y.yaml"), {"x.yaml": told("x.yaml", "y.yaml"), "y.yaml": told("y.yaml", "x.yaml")})


def test_of_a_mapping_only_the_expected_keys_count() -> None:
    assert holds({"a": 1, "b": [{"c": 2, "d": 3}]}, {"b": [{"c": 2}]})
    assert not holds({"a": 1}, {"b": 1})
    assert not holds([1, 2], [1])
