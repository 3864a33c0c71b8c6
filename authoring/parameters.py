"""The settings of a draft: constants of decision tables, expressions, timers, due dates and conditions, and where they are used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice

from lxml import etree

from authoring import constants, usage, xml_edits
from authoring.constants import Constant
from authoring.usage import Use
from authoring.xml_edits import Spot
from engine.bundle import Bundle, File
from engine.diagram import BPMN
from feel.dmn.errors import DmnError
from feel.dmn.reading import attribute, child, children, local_name, parse, text_in
from feel.lexer import is_plain

Node = etree._Element

TAG = re.compile(r"\[([A-Z][A-Za-z0-9]{0,7})\]\s*")
TIMERS = frozenset({"timeDuration", "timeDate", "timeCycle"})
CONDITIONS = frozenset({"conditionExpression", "condition", "completionCondition", "loopCardinality"})
MOST = 2_000


@dataclass(frozen=True, slots=True)
class Parameter:
    """A constant that an owner may change. `number`: its file in the draft, from 1; `group`: the decision or element that holds it.

    `name` is what it is called there, `note` what its author said of it, `tag` what stands in brackets in that (« [A] »). `row`: the
    row of a table, from 1, or 0. `uses`: the steps that it decides about, and the decisions that read it.
    """

    number: int
    spot: Spot
    constant: Constant
    text: str
    group: str
    name: str
    note: str = ""
    tag: str = ""
    row: int = 0
    uses: tuple[Use, ...] = ()

    @property
    def key(self) -> str:
        """Its address in the draft, which stays while its file does."""
        return f"{self.number}-{self.spot.element}-{self.spot.attribute}-{self.constant.start}"

    @property
    def value(self) -> str:
        """What it says."""
        return self.constant.value


def find(files: Iterable[File]) -> tuple[Parameter, ...]:
    """The parameters of the files, in their order."""
    kept = tuple(files)
    readers: Mapping[str, Callable[[int, File], Iterator[Parameter]]] = {"decision": _of_decisions, "diagram": _of_diagram}
    found = chain.from_iterable(readers[file.kind](number, file) for number, file in enumerate(kept, 1) if file.kind in readers)
    readings = _Readings(kept)
    return tuple(replace(each, uses=each.uses or readings.of(each)) for each in islice(found, MOST))


def change(files: Iterable[File], values: Mapping[str, str]) -> dict[int, bytes]:
    """The contents of the files that change, by their number, when parameters (by `key`) get other values. All values must fit."""
    kept = tuple(files)
    texts: dict[tuple[int, Spot], list[tuple[Constant, str]]] = {}
    sources: dict[tuple[int, Spot], str] = {}
    for each in find(kept):
        if values.get(each.key, each.value) != each.value:
            texts.setdefault((each.number, each.spot), []).append((each.constant, values[each.key]))
            sources[each.number, each.spot] = each.text
    edits: dict[int, dict[Spot, str]] = {}
    for (number, spot), changes in texts.items():
        edits.setdefault(number, {})[spot] = constants.write(sources[number, spot], changes)
    return {number: xml_edits.replace(kept[number - 1].content, found) for number, found in edits.items()}


def _of_decisions(number: int, file: File) -> Iterator[Parameter]:
    try:
        root = parse(file.content)
    except DmnError:
        return
    places = {each: place for place, each in enumerate(root.iter("*"))}
    for expression in root.iter("{*}decisionTable", "{*}literalExpression"):
        if local_name(expression) == "decisionTable":
            yield from _of_table(number, expression, places)
        elif (said := child(expression, "text")) is not None:
            yield from _each(
                number, Spot(places[said]), said.text or "", constants.in_expression, _home(expression), _variable(expression), ""
            )


def _of_table(number: int, table: Node, places: Mapping[Node, int]) -> Iterator[Parameter]:
    inputs = [attribute(each, "label") or text_in(child(each, "inputExpression")) for each in children(table, "input")]
    outputs = [attribute(each, "label") or attribute(each, "name") for each in children(table, "output")]
    home = _home(table)
    for row, rule in enumerate(children(table, "rule"), 1):
        note = " ".join(text_in(each) for each in children(rule, "annotationEntry")) or text_in(rule, "description")
        called = _called(rule) if not inputs and len(outputs) > 1 else ""
        for column, cell in zip(inputs, children(rule, "inputEntry"), strict=False):
            yield from _cell(number, cell, places, constants.in_tests, home, column, note, row)
        for place, (column, cell) in enumerate(zip(outputs, children(rule, "outputEntry"), strict=False)):
            reads = constants.in_expression if called else _without_texts
            if not (called and place == 0):
                name = f"{called}, {column}" if called and len(outputs) > 2 else called or column or home
                yield from _cell(number, cell, places, reads, home, name, note, row)


def _cell(
    number: int,
    cell: Node,
    places: Mapping[Node, int],
    reads: Callable[[str], tuple[Constant, ...]],
    home: str,
    name: str,
    note: str,
    row: int,
) -> Iterator[Parameter]:
    said = child(cell, "text")
    if said is not None:
        for each in _each(number, Spot(places[said]), said.text or "", reads, home, name, note):
            yield replace(each, row=row)


def _without_texts(text: str) -> tuple[Constant, ...]:
    """Texts that a rule answers are names of cases, or sentences: those belong to the page of the table."""
    return tuple(each for each in constants.in_expression(text) if each.kind != "text")


def _called(rule: Node) -> str:
    """The name that the first cell gives to a row of settings."""
    first = next(children(rule, "outputEntry"), None)
    found = constants.in_expression(text_in(first)) if first is not None else ()
    return found[0].value if len(found) == 1 and found[0].kind == "text" else ""


def _of_diagram(number: int, file: File) -> Iterator[Parameter]:
    for diagram in Bundle([file]).diagrams.values():
        for place, element in enumerate(diagram.root.iter("*")):
            name = local_name(element)
            if name == "property" and element.get("name") == "dueIn":
                reads, spot, said = constants.in_timer, Spot(place, "value"), element.get("value") or ""
            elif name in TIMERS | CONDITIONS:
                reads = constants.in_timer if name in TIMERS else constants.in_expression
                spot, said = Spot(place), element.text or ""
            else:
                continue
            owner = _owner(element)
            if owner is not None:
                use = usage.use_of(number, owner)
                for each in _each(
                    number, spot, said, reads, use.element_name or use.element_id, name if name != "property" else "dueIn", ""
                ):
                    yield replace(each, note=" ".join((owner.findtext(f"{{{BPMN}}}documentation") or "").split()), uses=(use,))


def _owner(element: Node) -> Node | None:
    """The step or flow around a timer, a condition or a property."""
    around = (each for each in element.iterancestors() if etree.QName(each).namespace == BPMN)
    return next((each for each in around if not local_name(each).endswith(("EventDefinition", "Elements", "Characteristics"))), None)


def _each(
    number: int, spot: Spot, said: str, reads: Callable[[str], tuple[Constant, ...]], home: str, name: str, note: str
) -> Iterator[Parameter]:
    tag = TAG.search(note)
    for constant in reads(said):
        yield Parameter(number, spot, constant, said, home, name, TAG.sub("", note).strip(), tag[1] if tag else "")


def _home(expression: Node) -> str:
    """The name of the decision, or of the function, around an expression."""
    homes = ("decision", "businessKnowledgeModel", "inputData")
    return next((attribute(each, "name") for each in expression.iterancestors() if local_name(each) in homes), "")


def _variable(expression: Node) -> str:
    """The entry of the context that an expression gives, else its decision."""
    around = next((each for each in expression.iterancestors() if local_name(each) == "contextEntry"), None)
    return attribute(child(around, "variable"), "name") or _home(expression)


class _Readings:
    """Who reads what: the expressions of a draft by the elements that hold them, and the steps that call its decisions."""

    def __init__(self, files: tuple[File, ...]) -> None:
        self._texts = list(_expressions(files))
        self._steps: dict[str, list[Use]] = {}
        self._needed: dict[str, set[str]] = {}
        for use, name, value in usage.properties(files):
            if name == "decisionKey":
                self._steps.setdefault(value, []).append(use)
        for file in files:
            if file.kind == "decision":
                self._need(file)

    def of(self, parameter: Parameter) -> tuple[Use, ...]:
        """Those that name a setting; for other constants the steps that call its decision, or one that needs it."""
        named = parameter.name.split(",")[0]
        word = re.compile(rf"\.{re.escape(named)}\b") if is_plain(named) and named != parameter.group else None
        by_name = [use for use, said in self._texts if word is not None and word.search(said)]
        return tuple(dict.fromkeys(by_name or self._callers(parameter.group)))

    def _callers(self, home: str) -> list[Use]:
        seen, waiting = {home}, [home]
        while waiting:
            for each in self._needed.get(waiting.pop(), ()):
                if each not in seen:
                    seen.add(each)
                    waiting.append(each)
        return [use for each in sorted(seen) for use in self._steps.get(each, ())]

    def _need(self, file: File) -> None:
        """Which decisions need which, by their names; steps call them by id or name."""
        try:
            root = parse(file.content)
        except DmnError:
            return
        names = {attribute(each, "id"): attribute(each, "name") for each in root if attribute(each, "id")}
        for key, name in names.items():
            if key in self._steps:
                self._steps.setdefault(name, []).extend(self._steps[key])
        for element in root:
            for required in element.iter("{*}requiredDecision", "{*}requiredKnowledge"):
                needed = names.get(attribute(required, "href").removeprefix("#"))
                if needed:
                    self._needed.setdefault(needed, set()).add(attribute(element, "name"))


def _expressions(files: tuple[File, ...]) -> Iterator[tuple[Use, str]]:
    """Every text of the diagrams and decisions that may be FEEL, with the element that holds it."""
    for use, _, value in usage.properties(files):
        yield use, value
    for number, file in enumerate(files, 1):
        for diagram in Bundle([file]).diagrams.values() if file.kind == "diagram" else ():
            for element in diagram.root.iter(*(f"{{{BPMN}}}{name}" for name in (*TIMERS, *CONDITIONS, "script", "transformation", "from"))):
                owner = _owner(element)
                if owner is not None:
                    yield usage.use_of(number, owner), element.text or ""
        if file.kind == "decision":
            yield from _texts_of(number, file)


def _texts_of(number: int, file: File) -> Iterator[tuple[Use, str]]:
    try:
        root = parse(file.content)
    except DmnError:
        return
    for element in root:
        if local_name(element) in ("decision", "businessKnowledgeModel"):
            for said in element.iter("{*}text"):
                yield Use(number, attribute(element, "id"), "decision", attribute(element, "name")), said.text or ""
