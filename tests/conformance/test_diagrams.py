"""Every executed part of BPMN, drawn small and played over the HTTP API."""

from __future__ import annotations

import pytest

from tests.api.program import Program
from tests.conformance.stories import expected, names, play


@pytest.mark.parametrize("name", names())
def test_diagram_runs_as_the_standard_says(api: Program, name: str) -> None:
    assert play(api, name) == expected(name)
