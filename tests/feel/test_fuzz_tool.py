"""A short run of the fuzzer, in a process of its own: its audit hook and its memory limit stay for the life of one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_but_values_and_errors_of_feel_comes_out() -> None:
    command = [sys.executable, "tools/fuzz_feel.py", "--count", "3000", "--processes", "1", "--seed", "20"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert '"wrong": 0' in ended.stdout
