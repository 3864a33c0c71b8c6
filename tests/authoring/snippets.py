"""Small diagrams of other tools: one element each, in the words of Camunda 7, Camunda 8 or a relative."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from authoring.importing.translation import Imported, translate
from engine.bundle import File
from engine.diagram import BPMN, local_name, properties

SPACES = {
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "activiti": "http://activiti.org/bpmn",
    "flowable": "http://flowable.org/bpmn",
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
    "modeler": "http://camunda.org/schema/modeler/1.0",
    "signavio": "http://www.signavio.com",
    "bizagi": "http://www.bizagi.com/bpmn20",
    "vp": "http://www.visual-paradigm.com/x",
    "aris": "http://www.ids-scheer.com/aris",
    "bioc": "http://bpmn.io/schema/bpmn/biocolor/1.0",
    "spiffworkflow": "http://spiffworkflow.org/bpmn/schema/1.0/core",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}


def wrap(content: str, extra: str = "", process: str = "") -> bytes:
    """A file with the namespaces that its content uses; `process`: attributes of the process."""
    used = {prefix: uri for prefix, uri in SPACES.items() if f"{prefix}:" in content + extra + process}
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in used.items())
    return (
        f'<definitions xmlns="{BPMN}"{declared} id="d" targetNamespace="t">{extra}'
        f'<process id="P" name="P" isExecutable="true"{process and " " + process}>{content}</process></definitions>'
    ).encode()


class Result:
    """What an import made of a diagram."""

    def __init__(self, content: bytes, files: Sequence[File] = ()) -> None:
        self.imported: Imported = translate([File("diagram", "d.bpmn", content), *files])
        self.content = next(each.content for each in self.imported.files if each.kind == "diagram")
        self.root = etree.fromstring(self.content)

    def element(self, ident: str) -> etree._Element:
        found = self.root.xpath(f"//*[@id='{ident}']")
        assert isinstance(found, list)
        assert len(found) == 1, ident
        return found[0]  # type: ignore[return-value]

    def type(self, ident: str) -> str:
        return local_name(self.element(ident))

    def properties(self, ident: str) -> dict[str, str]:
        return properties(self.element(ident))

    def rows(self) -> list[tuple[str, str, str]]:
        """Severity, code and element of every row."""
        return [(each.severity, each.code, each.element_id) for each in self.imported.report]

    def codes(self, ident: str) -> dict[str, str]:
        """Code → severity of the rows about an element."""
        return {each.code: each.severity for each in self.imported.report if each.element_id == ident}

    def child(self, ident: str, tag: str) -> str:
        found = self.element(ident).find(f".//{{{BPMN}}}{tag}")
        return (found.text or "") if found is not None else ""

    def form(self, key: str) -> bytes:
        return next(each.content for each in self.imported.files if each.kind == "form" and each.name == f"{key}.form")


def imported(content: str, extra: str = "", *, process: str = "", files: Sequence[File] = ()) -> Result:
    return Result(wrap(content, extra, process), files)
