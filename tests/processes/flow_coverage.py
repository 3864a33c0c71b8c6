"""Which sequence flows of the programmes no story takes: `TIKUB_FLOWS=folder pytest tests/processes`, then this with the folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from tests.processes.stories import PROCESSES

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def taken(folder: Path) -> set[str]:
    """`process flow` of each flow that a token took."""
    return {line for file in folder.iterdir() for line in file.read_text(encoding="utf-8").splitlines()}


def drawn() -> Iterator[tuple[set[str], str]]:
    """Each sequence flow of the programmes: the ways to note it as taken, each `process flow`, and how a person would name it.

    No token goes along a flow out of an event-based gateway: the event waits at once, and was reached when a token leaves it.
    """
    for path in sorted(PROCESSES.glob("*/*.bpmn")):
        for process in etree.parse(path).getroot().iter(f"{BPMN}process"):
            gateways = {each.get("id") for each in process.iter(f"{BPMN}eventBasedGateway")}
            names = {each.get("id"): each.get("name") or each.get("id") for each in process.iter(f"{BPMN}*")}
            for flow in process.iter(f"{BPMN}sequenceFlow"):
                way = f"{names[flow.get('sourceRef')]} → {names[flow.get('targetRef')]}"
                behind = process.iterfind(f".//{BPMN}sequenceFlow[@sourceRef='{flow.get('targetRef')}']")
                taken_by = behind if flow.get("sourceRef") in gateways else [flow]
                label = f"{process.get('id')}: {way} ({flow.get('name')})" if flow.get("name") else f"{process.get('id')}: {way}"
                yield {f"{process.get('id')} {each.get('id')}" for each in taken_by}, label


def main() -> None:
    """Print what is missing."""
    seen = taken(Path(sys.argv[1]))
    flows = list(drawn())
    missing = [label for ways, label in flows if not ways & seen]
    sys.stdout.write("".join(f"{label}\n" for label in missing))
    sys.stdout.write(f"{len(flows) - len(missing)} of {len(flows)} flows are taken.\n")


if __name__ == "__main__":
    main()
