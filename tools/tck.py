"""Runs the DMN TCK and prints how many result nodes are as expected: `python tools/tck.py [-v] [-f FOLDER]`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.feel.tck import Level, run_level  # noqa: E402  the project is not installed where this runs

CORPORA = Path(os.environ.get("TIKUB_CORPORA", ROOT.parent / "shared" / "corpora"))


def main() -> None:
    """Print a line for each level, and what failed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("-v", "--verbose", action="store_true", help="every failing node")
    arguments.add_argument("-f", "--folder", default="", help="only folders with this in their name")
    options = arguments.parse_args()
    for number in (2, 3):
        show(number, run_level(CORPORA / "dmn-tck" / f"level-{number}", options.folder), verbose=options.verbose)


def show(number: int, level: Level, *, verbose: bool) -> None:
    """One level's counts: all nodes, and those that do not expect null."""
    print(f"level {number}: {level.passed} of {level.total}, not null {level.passed_values} of {level.total_values}")
    for failure in level.failures if verbose else level.failures[:10]:
        print("   ", failure[:300])


if __name__ == "__main__":
    main()
