"""Fail points: read strictly, counted in each process, and nothing at all unless armed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from engine import faults
from engine.faults import Fault


def test_faults_are_read_from_text() -> None:
    assert faults.parse("") == {}
    assert faults.parse("before-commit=kill@137, timer-claimed=stop@1") == {
        "before-commit": Fault("kill", 137),
        "timer-claimed": Fault("stop", 1),
    }


@pytest.mark.parametrize("text", ["before-commit", "nowhere=kill@1", "before-commit=sing@1", "before-commit=kill@0", "before-commit=kill@x"])
def test_what_names_no_fault_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="place=action@count"):
        faults.parse(text)


def test_a_process_dies_at_the_place_and_at_the_count_that_were_named() -> None:
    program = (
        "from engine import faults\n"
        "faults.arm(faults.parse('before-commit=kill@3'))\n"
        "for each in range(9):\n"
        "    print(each, flush=True)\n"
        "    faults.reach('after-commit')\n"
        "    faults.reach('before-commit')\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.split()) == (-9, ["0", "1", "2"])
