"""The public conformance tests of DMN: all of level 2, and of level 3 all but external Java functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.feel.tck import run_level

pytestmark = pytest.mark.corpora

EXTERNAL = 14
"""Nodes of level 3 that call Java: external functions are refused."""


def test_level_2_is_complete(corpora: Path) -> None:
    level = run_level(corpora / "dmn-tck" / "level-2")

    assert level.failures == []
    assert (level.passed, level.total) == (126, 126)


def test_level_3_is_complete_but_for_java(corpora: Path) -> None:
    level = run_level(corpora / "dmn-tck" / "level-3")

    assert level.failures == []
    assert len(level.external) == level.total - level.passed == EXTERNAL
    assert level.total_values - level.passed_values == EXTERNAL
    assert level.total > 1_400


def test_expected_errors_are_reported(corpora: Path) -> None:
    level = run_level(corpora / "dmn-tck" / "level-3")

    assert level.silent_nulls == []
