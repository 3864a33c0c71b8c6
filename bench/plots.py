"""`make plots`: cost against loop passes, instances, open tasks and clients, as SVG in docs/performance/.

Runs the programs that measure these curves, or with `--from FILE` reads what they printed before.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "performance"
PROGRAMS = ("growth", "instances", "tasklist", "over_http")
COLOURS = {"SQLite": "#1a5fb4", "PostgreSQL": "#a51d2d"}


@dataclass(frozen=True, slots=True)
class Plot:
    """`field` is that of a figure in which the place on the horizontal axis stands; `words` are in the figure's name."""

    file: str
    field: str
    words: str
    title: str
    across: str


PLOTS = (
    Plot("passes", "passes", "loop", "A step of a loop, durable, in process", "passes made"),
    Plot("instances", "instances", "beside", "A completion beside other instances, in process", "instances"),
    Plot("tasks", "tasks", "CPU of a page", "First page of my tasks, 20 groups", "open tasks"),
    Plot("clients", "clients", "CPU of a completion", "A completion over HTTP", "clients at once"),
    Plot("rates", "clients", "completions", "Completions over HTTP", "clients at once"),
)


def figures() -> list[dict[str, Any]]:
    """What was measured."""
    if "--from" in sys.argv:
        text = Path(sys.argv[sys.argv.index("--from") + 1]).read_text()
    else:
        said = [subprocess.run([sys.executable, "-m", f"bench.{name}"], check=True, stdout=subprocess.PIPE) for name in PROGRAMS]
        text = "".join(each.stdout.decode() for each in said)
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def draw(plot: Plot, found: Iterable[dict[str, Any]]) -> None:
    """One picture: a line for each database, its bars from the 5th to the 95th percentile."""
    lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in found:
        if plot.field in each and plot.words in each["name"]:
            what = each["name"].split(":")[0]
            lines[what.split(" ")[0] + (", 2 processes" if "2 processes" in what else "")].append(each)
    figure, axes = plt.subplots(figsize=(6, 3.4), layout="constrained")
    for name, points in lines.items():
        points.sort(key=lambda each: each[plot.field])
        middles = [each["median"] for each in points]
        errors = [[abs(each["median"] - each["spread"][side]) for each in points] for side in (0, 1)]
        look = {"color": COLOURS[name.split(",")[0]], "linestyle": ":" if "," in name else "-"}
        axes.errorbar([each[plot.field] for each in points], middles, errors, label=name, marker="o", capsize=3, **look)
        unit = points[0]["unit"]
    axes.set(title=plot.title, xlabel=plot.across, ylabel="per second" if unit == "1/s" else f"CPU, {unit}", ylim=(0, None))
    axes.set_xscale("log", base=2 if plot.field == "clients" else 10)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(FOLDER / f"{plot.file}.svg", metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """All pictures."""
    mpl.rcParams |= {"svg.hashsalt": "tikub", "svg.fonttype": "none"}
    FOLDER.mkdir(exist_ok=True)
    found = figures()
    for plot in PLOTS:
        draw(plot, found)


if __name__ == "__main__":
    main()
