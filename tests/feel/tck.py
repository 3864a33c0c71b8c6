"""Reads and runs the cases of the DMN TCK (github.com/dmn-tck/tck): models, inputs and expected results."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from lxml import etree

from feel import iso
from feel.dmn.model import DecisionResult, Model, read
from feel.errors import EvaluationError, FeelError
from feel.operators import equal
from feel.temporal import DateTime, Time

NS = "{http://www.omg.org/spec/DMN/20160719/testcase}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
TOLERANCE = Decimal("1e-8")
NOW = datetime(2024, 1, 15, 12, tzinfo=UTC)
NUMBERS = ("decimal", "double", "float", "integer", "int", "long")
PARSERS = {
    "date": iso.parse_date,
    "time": iso.parse_time,
    "dateTime": iso.parse_date_time,
    "duration": iso.parse_duration,
}

Node = etree._Element


@dataclass
class Level:
    """The counts of a level; `values` are the nodes that do not expect null."""

    total: int = 0
    passed: int = 0
    total_values: int = 0
    passed_values: int = 0
    failures: list[str] = field(default_factory=list)
    external: list[str] = field(default_factory=list)
    """Nodes that differ because they call an external function (Java, PMML), which is refused."""
    silent_nulls: list[str] = field(default_factory=list)
    """Nodes where an error is expected and none was reported."""

    @property
    def is_as_expected(self) -> bool:
        """Whether nothing differs but external functions, and every expected error is reported."""
        return not self.failures and not self.silent_nulls

    def add(self, name: str, result: DecisionResult | FeelError, expected: object) -> None:
        """Count one result node."""
        value = None if isinstance(result, FeelError) else result.value
        passed = not isinstance(result, FeelError) and same(value, expected)
        self.total += 1
        self.passed += passed
        self.total_values += expected is not None
        self.passed_values += passed and expected is not None
        if not passed:
            where = self.external if calls_external(result) else self.failures
            where.append(f"{name}: {result if isinstance(result, FeelError) else value!r}, not {expected!r}")


def calls_external(result: DecisionResult | FeelError) -> bool:
    """Whether a result lacks an external function."""
    reasons = () if isinstance(result, FeelError) else result.diagnostics
    return any(reason.message.template == "les fonctions externes sont refusées" for reason in reasons)


def run_level(folder: Path, only: str = "") -> Level:
    """Run all cases below a folder."""
    level = Level()
    for cases in sorted(folder.glob("*/*-test*.xml")):
        if only in str(cases):
            run_file(cases, level)
    return level


def run_file(cases: Path, level: Level) -> None:
    """Run the cases of a file."""
    root = etree.parse(cases).getroot()
    model = model_of(cases.parent / str(root.findtext(f"{NS}modelName")))
    for case in root.findall(f"{NS}testCase"):
        inputs = {str(node.get("name")): value_of(node) for node in case.findall(f"{NS}inputNode")}
        for node in case.findall(f"{NS}resultNode"):
            expected = node.find(f"{NS}expected")
            wanted = value_of(expected) if expected is not None else None
            name = f"{cases.parent.name} {case.get('id')} {node.get('name')}"
            result = run_case(model, case, node, inputs, wanted)
            level.add(name, result, wanted)
            if node.get("errorResult") == "true" and isinstance(result, DecisionResult) and not result.diagnostics:
                level.silent_nulls.append(name)


def run_case(
    model: Model, case: Node, node: Node, inputs: dict[str, object], wanted: object
) -> DecisionResult | FeelError:
    """The result of one node, or the error that ended it."""
    name = str(node.get("name"))
    try:
        if case.get("type") != "decisionService":
            return model.evaluate(name, inputs, now=NOW)
        result = model.evaluate_service(str(case.get("invocableName")), inputs, now=NOW)
    except FeelError as error:
        return error
    value = result.value
    if isinstance(value, dict) and name in value and not (isinstance(wanted, dict) and name in wanted):
        return DecisionResult(value[name], result.matched, result.diagnostics)
    return result


def model_of(path: Path) -> Model:
    """The model at a path with what lies beside it for imports, however they import each other."""
    others: list[Model] = []
    waiting = [other for other in sorted(path.parent.glob("*.dmn")) if other != path]
    while waiting:
        ready = [other for other in waiting if not imports_of(other) & {namespace_of(one) for one in waiting}]
        for other in ready or waiting:
            others.append(read(other.read_bytes(), others, strict=False))
        waiting = [other for other in waiting if other not in ready] if ready else []
    return read(path.read_bytes(), others, strict=False)


def imports_of(path: Path) -> set[str]:
    """The namespaces that a model imports."""
    return {str(node.get("namespace")) for node in etree.parse(path).getroot().iter("{*}import")}


def namespace_of(path: Path) -> str:
    """The namespace of a model."""
    return str(etree.parse(path).getroot().get("namespace"))


def value_of(node: Node) -> object:
    """The FEEL value that a test file writes."""
    components = node.findall(f"{NS}component")
    if components:
        return {str(component.get("name")): value_of(component) for component in components}
    items = node.find(f"{NS}list")
    if items is not None:
        return None if items.get(f"{XSI}nil") == "true" else [value_of(item) for item in items.findall(f"{NS}item")]
    value = node.find(f"{NS}value")
    if value is None or value.get(f"{XSI}nil") == "true":
        return None
    return scalar_of(value.text or "", str(value.get(f"{XSI}type") or "string").rpartition(":")[2])


def scalar_of(text: str, kind: str) -> object:
    """The value of a text by its XML Schema type."""
    if kind in NUMBERS:
        return None if text.strip() in ("NaN", "INF", "-INF") else Decimal(text)
    if kind == "boolean":
        return text.strip() in ("true", "1")
    try:
        return PARSERS[kind](text) if kind in PARSERS else text
    except EvaluationError:
        return ("unreadable", kind, text)


def same(value: object, expected: object) -> bool:
    """Whether a result is as expected; numbers within the tolerance."""
    if isinstance(value, Decimal) and isinstance(expected, Decimal):
        return abs(value - expected) <= TOLERANCE * max(Decimal(1), abs(value))
    if isinstance(value, list) and isinstance(expected, list):
        return len(value) == len(expected) and all(map(same, value, expected))
    if isinstance(value, dict) and isinstance(expected, dict):
        return value.keys() == expected.keys() and all(same(value[key], expected[key]) for key in value)
    if isinstance(value, Time | DateTime) and type(value) is type(expected):
        return equal(value, expected) is True
    return type(value) is type(expected) and value == expected
