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


def drawn() -> Iterator[tuple[str, str]]:
    """Each sequence flow of the programmes: `process flow`, and how a person would name it."""
    for path in sorted(PROCESSES.glob("*/*.bpmn")):
        for process in etree.parse(path).getroot().iter(f"{BPMN}process"):
            names = {each.get("id"): each.get("name") or each.get("id") for each in process.iter(f"{BPMN}*")}
            for flow in process.iter(f"{BPMN}sequenceFlow"):
                way = f"{names[flow.get('sourceRef')]} → {names[flow.get('targetRef')]}"
                yield f"{process.get('id')} {flow.get('id')}", f"{way} ({flow.get('name')})" if flow.get("name") else way


def main() -> None:
    """Print what is missing."""
    seen = taken(Path(sys.argv[1]))
    flows = dict(drawn())
    missing = [key for key in flows if key not in seen]
    sys.stdout.write("".join(f"{key.split()[0]}: {flows[key]}\n" for key in missing))
    sys.stdout.write(f"{len(flows) - len(missing)} of {len(flows)} flows are taken.\n")


if __name__ == "__main__":
    main()
