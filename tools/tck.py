"""Runs the DMN TCK and prints how many result nodes are as expected: `python tools/tck.py [-v] [-f FOLDER]`.

Leaves with 1 when a node differs that calls no external function (Java, PMML), which are refused by design, or when
an expected error is not reported. Where the test data is absent it says so and leaves with 0.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.feel.tck import Level, run_level  # noqa: E402  the project is not installed where this runs

CORPORA = Path(os.environ.get("TIKUB_CORPORA", ROOT.parent / "shared" / "corpora"))


def main() -> int:
    """Print a line for each level, and what failed; the exit status."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("-v", "--verbose", action="store_true", help="every failing node")
    arguments.add_argument("-f", "--folder", default="", help="only folders with this in their name")
    options = arguments.parse_args()
    folder = CORPORA / "dmn-tck"
    if not folder.is_dir():
        print(f"DMN TCK skipped: no {folder} (set TIKUB_CORPORA)")
        return 0
    levels = {number: run_level(folder / f"level-{number}", options.folder) for number in (2, 3)}
    for number, level in levels.items():
        show(number, level, verbose=options.verbose)
    return 0 if all(level.is_as_expected for level in levels.values()) else 1


def show(number: int, level: Level, *, verbose: bool) -> None:
    """One level's counts: all nodes, those that do not expect null, external functions, errors that went unsaid."""
    print(
        f"level {number}: {level.passed} of {level.total} nodes, {level.passed_values} of {level.total_values} that expect a value; "
        f"external functions {len(level.external)}, wrong {len(level.failures)}, errors unsaid {len(level.silent_nulls)}"
    )
    for line in [*level.failures, *level.silent_nulls, *(level.external if verbose else ())]:
        print("   ", line[:300])


if __name__ == "__main__":
    sys.exit(main())
