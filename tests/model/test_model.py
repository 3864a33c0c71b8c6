"""Random diagrams on random paths, against a model of tokens, scopes and variables of its own.

Most diagrams come from seeds, which gives about as many different ones as it says; a tenth as many come from Hypothesis, which likes borders.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from tests.model import drawing, printing
from tests.model.coverage import Coverage
from tests.model.graph import Body
from tests.model.shrinking import Choices, shrink
from tests.model.walking import definition_of, walk

PATHS, ACTS = 10, 14
ENOUGH = 1_000
"""So many diagrams must show every kind of element."""


@pytest.mark.timeout(3_600)
def test_engine_does_what_the_model_says(model_diagrams: int, model_seed: int) -> None:
    """A seed that fails is made smaller, and its diagram and path are told."""
    outcomes: Counter[str] = Counter()
    coverage = Coverage()
    for seed in range(model_seed, model_seed + model_diagrams):
        judge(seed, outcomes, coverage)
    print(f"{model_diagrams} diagrams from seed {model_seed}; how the paths ended: {dict(outcomes)}")  # noqa: T201  read with -rP
    print(coverage)  # noqa: T201
    assert model_diagrams < ENOUGH or coverage.missing() == []


def judge(seed: int, outcomes: Counter[str], coverage: Coverage) -> None:
    """Walk all paths through the diagram of a seed."""
    choices = Choices.random(seed)
    body = drawing.draw(choices.number_to)
    path: list[int] = []
    reached: set[str] = set()
    try:
        definition = definition_of(printing.diagram(body))
        for path in paths_of(seed):
            outcomes[walk(body, definition, path, reached)] += 1
    except Exception as error:  # noqa: BLE001  whatever it is, it is told with a smaller diagram
        pytest.fail(f"seed {seed}: {error}\n\nsmaller: {shrink(choices.made, path)}")
    coverage.count(body, reached)


def paths_of(seed: int) -> list[list[int]]:
    source = random.Random(f"paths {seed}")  # noqa: S311  nothing here is secret
    return [[source.randrange(2**20) for _ in range(ACTS)] for _ in range(PATHS)]


@pytest.mark.timeout(1_200)  # a failure takes minutes to shrink
def test_engine_does_what_the_model_says_at_the_borders(model_diagrams: int) -> None:
    @settings(
        max_examples=max(model_diagrams // 10, 1), deadline=None, database=None, print_blob=True,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    @given(drawing.diagrams(), st.lists(drawing.PATH, min_size=PATHS, max_size=PATHS))
    def agree(body: Body, paths: list[list[int]]) -> None:
        content = printing.diagram(body)
        note(content.decode())
        definition = definition_of(content)
        for path in paths:
            note(f"path {path}")
            walk(body, definition, path, set())

    agree()
