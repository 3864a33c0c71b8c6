"""Compiles all elements of a model: their types and requirements first, then their logic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feel.dmn.boxes import box, function_definition
from feel.dmn.graph import Box, DrgElement, circles
from feel.dmn.reading import Element, attribute, boxed, child, children
from feel.dmn.scope import Scope
from feel.dmn.source import Source
from feel.lexer import is_plain
from feel.names import Names
from feel.text import text
from feel.types import ANY, Type

if TYPE_CHECKING:
    from feel.dmn.model import Model

_REQUIRED = ("requiredInput", "requiredDecision", "requiredKnowledge")


def compile_elements(model: Model, root: Element) -> None:
    """Fill in the elements of a model; what is wrong goes to its problems."""
    members = _members(model, root)
    sources = {element: _source(model, element, members) for element in model.elements.values()}
    for name in model.types.names():
        model.types.find(name)
    for element, item in model.sources.items():
        element.type = sources[element].type_of(child(item, "variable"))
        _resolve(model, element, item, sources[element])
    for element, item in model.sources.items():
        sources[element].refuse_languages([root, *item.iter("{*}*")])
        element.run = _logic(element, item, sources[element])
        element.free = frozenset(sources[element].free - {"?"} - _bound_names(element))
        element.required = element.free & sources[element].required
    for element in circles(model.elements.values()):
        message = text("la décision dépend d’elle-même")
        sources[element].problem("dmn.cycle", message)
        element.run = sources[element].null(message)


def _source(model: Model, element: DrgElement, members: Names) -> Source:
    return Source(
        element.id,
        element.kind,
        element.name,
        model.types.referenced,
        model.types.find,
        model.types.spellings(),
        members,
        model.limits,
        model.problems,
    )


def _members(model: Model, root: Element) -> Names:
    """Names of several words that a path or filter over a value of unknown type may mean."""
    tags = ("itemComponent", "column", "output", "variable")
    names = {attribute(item, "name") for item in root.iter(*(f"{{*}}{tag}" for tag in tags))}
    for _, imported in model.imports:
        names.update(element.variable for element in imported.elements.values())
    return Names(sorted(name for name in names if name and not is_plain(name)))


def _resolve(model: Model, element: DrgElement, item: Element, source: Source) -> None:
    """Find what the element requires, and the parts of a service."""
    references = [
        attribute(required, "href")
        for requirement in children(item, "informationRequirement", "knowledgeRequirement")
        for required in children(requirement, *_REQUIRED)
    ]
    element.requirements = _found(model, references, source)
    if element.kind == "decisionService":
        inputs = [*children(item, "inputData"), *children(item, "inputDecision")]
        outputs = children(item, "outputDecision")
        element.service_inputs = _found(model, [attribute(part, "href") for part in inputs], source)
        element.service_outputs = _found(model, [attribute(part, "href") for part in outputs], source)


def _found(model: Model, references: list[str], source: Source) -> list[DrgElement]:
    found: list[DrgElement] = []
    for reference in references:
        namespace, _, key = reference.rpartition("#")
        other = model.models.get(namespace) if namespace else model
        required = other.elements.get(key) if other else None
        if required is None:
            message = text("l’élément requis « %(reference)s » n’existe pas", reference=reference[:120])
            source.problem("dmn.reference", message)
        elif required not in found:
            found.append(required)
    return found


def _logic(element: DrgElement, item: Element, source: Source) -> Box:
    scope = Scope(_visible(element))
    if element.kind == "businessKnowledgeModel":
        logic = child(item, "encapsulatedLogic")
        if logic is not None:
            scope.declare(element.variable)
            return source.guarded(function_definition(source, logic, scope))
    elif element.kind == "decision":
        expression = boxed(item)
        if expression is None:
            message = text("la décision n’a pas d’expression")
            source.problem("dmn.no-logic", message)
            return source.null(message)
        return box(source, expression, scope)
    return element.run


def _visible(element: DrgElement) -> dict[str, Type | None]:
    """The names that the requirements give: a model's own by their variable, another model's by the import."""
    types: dict[str, Type | None] = {}
    for required in element.requirements:
        path = element.model.import_path(required.model) if required.model is not element.model else None
        if path:
            types[path[0]] = None
        else:
            types[required.variable] = _visible_type(required)
    return types


def _visible_type(element: DrgElement) -> Type | None:
    """The type of what stands in scope: of a business knowledge model, the function that gives its type."""
    if element.kind == "businessKnowledgeModel" and element.type is not None and element.type.kind != "function":
        return Type("function", params=None, result=element.type or ANY)
    return element.type


def _bound_names(element: DrgElement) -> frozenset[str]:
    return frozenset({*_visible(element), element.variable if element.kind == "businessKnowledgeModel" else ""})
