"""`python -m chaos`: break Ti Kub in every way that docs/faults.md tells of, and judge what is left. One line of JSON for each program.

Exits with 1 when anything acknowledged was lost, anything happened twice, or anything is stuck.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chaos import disk, letters, outage, races, storm


def _storm(kind: str, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    found = storm.run(kind, folder, seed=given.seed, kills=given.kills, completions=given.completions, seconds=given.seconds, pause=given.pause)
    return found | {"holds": not any(found[name] for name in storm.WRONG)}


def _races(kind: str, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    return races.run(kind, folder, seed=given.seed, races=given.races)


def _letters(kind: str, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    return letters.run(kind, folder, seed=given.seed, cases=given.messages)


def _outage(kind: str, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    return outage.run(kind, folder, seed=given.seed)


def _disk(kind: str, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    return disk.run(kind, folder, seed=given.seed)


PROGRAMS: dict[str, Callable[[str, Path, argparse.Namespace], dict[str, Any]]] = {
    "storm": _storm,
    "races": _races,
    "letters": _letters,
    "disk": _disk,
    "outage": _outage,
}


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("programs", nargs="*", help=f"of {', '.join(PROGRAMS)}; all when none is named")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append", help="both when none is named")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="that of an earlier run, to have its storm again")
    parser.add_argument("--kills", type=int, default=25, help="storm: kills at least")
    parser.add_argument("--completions", type=int, default=1500, help="storm: acknowledged completions at least")
    parser.add_argument("--seconds", type=float, default=120, help="storm: no longer than this")
    parser.add_argument("--pause", type=float, default=2.0, help="storm: seconds between two blows, on average")
    parser.add_argument("--races", type=int, default=500, help="races: tasks that eight clients complete at once")
    parser.add_argument("--messages", type=int, default=100, help="letters: cases, nine deliveries each")
    parser.add_argument("--keep", action="store_true", help="leave databases and logs behind")
    given = parser.parse_args()
    unknown = set(given.programs) - set(PROGRAMS)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    return given


def main() -> int:
    """Run them one after the other; how many did not hold."""
    given = arguments()
    broken = 0
    for name in given.programs or PROGRAMS:
        for kind in given.database or ("sqlite", "postgresql"):
            folder = Path(tempfile.mkdtemp(prefix=f"tikub-chaos-{name}-"))
            print(json.dumps({"program": name, "database": kind, "seed": given.seed, "folder": str(folder)}), file=sys.stderr, flush=True)
            begun = time.monotonic()
            found = PROGRAMS[name](kind, folder, given)
            line = {"program": name, "database": kind, "seed": given.seed, "took": round(time.monotonic() - begun), **found}
            print(json.dumps(line, ensure_ascii=False), flush=True)
            broken += not found["holds"]
            if not given.keep and found["holds"]:
                _remove(folder)
    return broken


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
