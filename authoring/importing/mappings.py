"""Input and output mappings: `camunda:inputOutput` and `zeebe:ioMapping` as FEEL contexts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from lxml import etree

from authoring.importing.expressions import NOTHING, as_feel, context, from_juel, from_zeebe, is_variable, names
from authoring.importing.juel import Untranslatable
from authoring.importing.sheet import Element, Sheet
from engine.checking.findings import is_looped
from engine.diagram import local_name
from engine.spiff.mapping import MAPPED
from feel.text import text

Tree: TypeAlias = dict[str, "str | Tree"]
"""FEEL by name, at any depth."""


@dataclass(slots=True)
class Mappings:
    """What a task reads and gives, by variable: FEEL. `adds`: outputs are added to the rest of the result, as in Camunda 7."""

    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    adds: bool = False

    @property
    def uses_inputs(self) -> bool:
        """Whether an output reads an input."""
        return any(names(value) & set(self.inputs) for value in self.outputs.values())


def take(sheet: Sheet, element: Element, renamed: Mapping[str, str] = NOTHING) -> Mappings:
    """The mappings of an element, which it then no longer has in the other tool's words. What has no equivalent is left to do."""
    found = Mappings()
    for box in sheet.take_all(element, "inputOutput"):
        found.adds = True
        for parameter in box.iterchildren(etree.Element):
            target = found.inputs if local_name(parameter) == "inputParameter" else found.outputs
            _parameter(sheet, element, parameter, target, renamed)
    for box in sheet.take_all(element, "ioMapping"):
        _lines(sheet, element, box, found)
    return found


def apply(sheet: Sheet, element: Element, found: Mappings, results: Mapping[str, str] | None = None) -> None:
    """Give a task its mappings in our words. `results`: what else leaves the task, known by name; None when that is not known."""
    if not found.inputs and not found.outputs:
        return
    if local_name(element) not in MAPPED or is_looped(element):
        written = context({**found.inputs, **found.outputs})
        sheet.todo(element, "mapping-unsupported", text("Les entrées et sorties de cet élément ne sont pas reprises."), written)
        return
    if found.inputs:
        sheet.set(element, "input", context(found.inputs))
        sheet.translated(element, "inputs", text("Les entrées sont lues dans un contexte FEEL, visible de cette tâche seule."),
                         ", ".join(found.inputs), context(found.inputs))  # fmt: skip
    if found.outputs:
        _outputs(sheet, element, found, results)


def without_identities(sheet: Sheet, element: Element, found: Mappings) -> None:
    """An output that only names again what a start event brings changes nothing: its variables are those of the process."""
    same = {name for name, value in found.outputs.items() if name == value}
    for name in sorted(same):
        del found.outputs[name]
    if same:
        sheet.dropped(element, "output-same", text("Ces variables sont déjà celles du processus."), ", ".join(sorted(same)))


def _outputs(sheet: Sheet, element: Element, found: Mappings, results: Mapping[str, str] | None) -> None:
    kept = {**(results or {}), **found.outputs} if found.adds else found.outputs
    written = context(kept)
    sheet.set(element, "output", written)
    said = ", ".join(found.outputs)
    if found.adds and results is None:
        message = text(
            "Ici, seules les sorties nommées quittent la tâche ; avant, tout ce qu’elle rendait la quittait aussi. Complétez la liste."
        )
        sheet.todo(element, "outputs-only", message, said, written)
    else:
        sheet.translated(element, "outputs", text("Les sorties sont un contexte FEEL : elles seules quittent la tâche."), said, written)


def _parameter(sheet: Sheet, element: Element, parameter: Element, target: dict[str, str], renamed: Mapping[str, str]) -> None:
    name = parameter.get("name") or ""
    try:
        value = _value(parameter, renamed)
        if not is_variable(name):
            raise Untranslatable(text("« %(name)s » n’est pas un nom de variable en FEEL.", name=name))
    except Untranslatable as error:
        original = etree.tostring(parameter, encoding="unicode") if len(parameter) else parameter.text or ""
        sheet.refused(element, text("Paramètre « %(name)s »", name=name), original, error)
    else:
        target[name] = value


def _value(parameter: Element, renamed: Mapping[str, str]) -> str:
    """A parameter: text, `list`, `map` or `script`."""
    inner = next(parameter.iterchildren(etree.Element), None)
    if inner is None:
        return from_juel((parameter.text or "").strip(), renamed) if (parameter.text or "").strip() else "null"
    kind = local_name(inner)
    if kind == "list":
        return "[" + ", ".join(_item(each, renamed) for each in inner.iterchildren(etree.Element)) + "]"
    if kind == "map":
        entries = [(each.get("key") or "", _item(each, renamed)) for each in inner.iterchildren(etree.Element)]
        # Entries of a map do not see each other, those of a context do.
        if any(names(value) & {key for key, _ in entries} for _, value in entries):
            raise Untranslatable(text("Une valeur porte le nom d’une autre clé."))
        return context(dict(entries))
    if kind == "script" and (inner.get("scriptFormat") or "").lower() in ("feel", "juel"):
        source = (inner.text or "").strip()
        return as_feel(source) if inner.get("scriptFormat") == "feel" else from_juel(source, renamed)
    raise Untranslatable(text("Le langage « %(name)s » n’est pas pris en charge.", name=inner.get("scriptFormat") or kind))


def _item(element: Element, renamed: Mapping[str, str]) -> str:
    if len(element) or local_name(element) in ("list", "map", "script"):
        raise Untranslatable(text("Les listes et dictionnaires imbriqués ne sont pas repris."))
    return from_juel((element.text or "").strip(), renamed)


def _lines(sheet: Sheet, element: Element, box: Element, found: Mappings) -> None:
    """`zeebe:ioMapping`. Several targets such as `a.b` and `a.c` make one context `a`."""
    trees: dict[str, Tree] = {}
    for line in box.iterchildren(etree.Element):
        source, target = line.get("source"), (line.get("target") or "").strip()
        is_input = local_name(line) == "input"
        try:
            value = "null" if source is None else from_zeebe(source)
            first, *path = target.split(".")
            if not is_variable(first) or not all(path):
                raise Untranslatable(text("« %(name)s » n’est pas un nom de variable en FEEL.", name=target))
            if path and not is_input:
                raise Untranslatable(text("« %(name)s » ne change qu’une partie d’une variable.", name=target))
            if path:
                _put(trees.setdefault(first, {}), path, value, target)
                found.inputs[first] = _written(trees[first])
            else:
                (found.inputs if is_input else found.outputs)[first] = value
        except Untranslatable as error:
            sheet.refused(element, text("Variable « %(name)s »", name=target), source or "", error)


def _put(tree: Tree, path: list[str], value: str, target: str) -> None:
    """Set a value at a path. Entries of a context see those before them, those of the other engine do not."""
    for name in path[:-1]:
        below = tree.setdefault(name, {})
        if not isinstance(below, dict):
            raise Untranslatable(text("« %(name)s » ne change qu’une partie d’une variable.", name=target))
        if names(value) & set(tree):
            raise Untranslatable(text("Une valeur porte le nom d’une autre clé."))
        tree = below
    if names(value) & set(tree):
        raise Untranslatable(text("Une valeur porte le nom d’une autre clé."))
    tree[path[-1]] = value


def _written(tree: Tree) -> str:
    return context({name: value if isinstance(value, str) else _written(value) for name, value in tree.items()})
