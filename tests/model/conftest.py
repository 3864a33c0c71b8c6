"""How many diagrams the model is asked about."""

from __future__ import annotations

import pytest


@pytest.fixture
def model_diagrams(request: pytest.FixtureRequest) -> int:
    """The option `--model-diagrams`."""
    number: int = request.config.getoption("--model-diagrams")
    return number


@pytest.fixture
def model_seed(request: pytest.FixtureRequest) -> int:
    """The option `--model-seed`."""
    number: int = request.config.getoption("--model-seed")
    return number
