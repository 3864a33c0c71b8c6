"""Rules on data inputs, outputs and their associations: sets that hold them, types that agree (BPMN 2.0.2, 10.4)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.checking.findings import Examination, child, is_true
from engine.checking.targets import ITEMS
from engine.checking.wording import title
from engine.diagram import BPMN, local_name, reference
from engine.spiff.canonical import ACTIVITIES, SUB_PROCESSES
from feel.text import text

SIDES = (("dataInput", "inputSet", "Input", "outputSet"), ("dataOutput", "outputSet", "Output", "inputSet"))


def check(examination: Examination) -> None:
    """All rules of this module."""
    for process in examination.processes:
        for specification in process.iter(f"{{{BPMN}}}ioSpecification"):
            _specification(examination, specification)
        for item in process.iter(*(f"{{{BPMN}}}{name}" for name in ITEMS)):
            _collection(examination, item)
        for name in ("dataInputAssociation", "dataOutputAssociation"):
            for association in process.iter(f"{{{BPMN}}}{name}"):
                _association(examination, association)
    for _, node in examination.nodes("serviceTask", "sendTask", "receiveTask"):
        _operation(examination, node)
    for _, node in examination.nodes(*ACTIVITIES):
        _repeated_item(examination, node)


def _specification(examination: Examination, specification: etree._Element) -> None:
    owner = specification.getparent()
    if owner is None:
        return
    if local_name(owner) in SUB_PROCESSES:
        message = text("Un sous-processus n’a pas de données d’entrée ni de sortie à lui.")
        examination.refuse("data-of-sub-process", owner, message, text("Donnez-les aux activités qu’il contient."))
    for item_tag, set_tag, word, other_tag in SIDES:
        items = {each.get("id") for each in specification.findall(f"{{{BPMN}}}{item_tag}")}
        sets = specification.findall(f"{{{BPMN}}}{set_tag}")
        held = {name for each in sets for name in _names(each, f"data{word}Refs")}
        for item in sorted(each for each in items - held if each):
            message = text("La donnée « %(item)s » n’est dans aucun jeu de données.", item=item)
            examination.refuse("data-outside-sets", specification, message, text("Ajoutez-la à un jeu, ou supprimez-la."))
        for each in sets:
            _set(examination, specification, each, items, word)
        _mirrored(examination, specification, set_tag, other_tag)


def _set(examination: Examination, around: etree._Element, each: etree._Element, items: set[str | None], word: str) -> None:
    own = set(_names(each, f"data{word}Refs"))
    special = {*_names(each, f"optional{word}Refs"), *_names(each, f"whileExecuting{word}Refs")}
    for name in sorted(own - items | (special - own)):
        if name in examination.ids:
            message = text("Un jeu de données cite « %(name)s », qui n’en fait pas partie.", name=name)
            examination.refuse("data-set-mistaken", around, message, text("Corrigez le jeu de données."))


def _mirrored(examination: Examination, specification: etree._Element, set_tag: str, other_tag: str) -> None:
    """Input and output sets refer to each other, or not at all."""
    for each in specification.findall(f"{{{BPMN}}}{set_tag}"):
        for name in _names(each, f"{other_tag}Refs"):
            other = examination.ids.get(name)
            if other is not None and each.get("id") not in _names(other, f"{set_tag}Refs"):
                message = text("Deux jeux de données ne se citent pas l’un l’autre.")
                examination.refuse("data-sets-one-sided", specification, message, text("Faites-les se citer tous deux."))


def _names(element: etree._Element, tag: str) -> list[str]:
    return [reference(each.text) or "" for each in element.findall(f"{{{BPMN}}}{tag}") if (each.text or "").strip()]


def _collection(examination: Examination, item: etree._Element) -> None:
    """Whether it is a list is said twice where it has a type."""
    definition = examination.ids.get(reference(item.get("itemSubjectRef")) or "")
    if definition is None or local_name(definition) != "itemDefinition" or "isCollection" not in item.attrib:
        return
    if is_true(item.get("isCollection")) != is_true(definition.get("isCollection")):
        message = text("La donnée « %(item)s » et son type ne disent pas tous deux si c’est une liste.", item=item.get("id") or "")
        examination.refuse("data-collection-unclear", item, message, text("Donnez la même valeur aux deux."))


def _association(examination: Examination, association: etree._Element) -> None:
    owner = association.getparent()
    if owner is None:
        return
    sources, targets = _names(association, "sourceRef"), _names(association, "targetRef")
    transformed = child(association, "transformation") is not None
    if len(targets) != 1:
        message = text("Une association de données ne mène pas à une donnée.")
        examination.refuse("data-association-loose", owner, message, text("Choisissez une cible."))
        return
    is_input = local_name(association) == "dataInputAssociation"
    near = targets if is_input else sources
    for name in near:
        item = examination.ids.get(name)
        if item is not None and not _belongs(item, owner, is_input=is_input):
            message = text("Une association de données touche une donnée qui n’est pas à cet élément.")
            examination.refuse("data-association-mistaken", owner, message, text("Reliez-la à une donnée de cet élément."))
    if not transformed and sources:
        _same_type(examination, owner, examination.ids.get(sources[0]), examination.ids.get(targets[0]))


def _belongs(item: etree._Element, owner: etree._Element, *, is_input: bool) -> bool:
    """Whether the near end of an association is an input or output of its owner, or a property in it."""
    name, holder = local_name(item), item.getparent()
    if name not in ITEMS:
        return True  # refused as a reference
    while holder is not None and holder is not owner and local_name(holder) in ("ioSpecification", "multiInstanceLoopCharacteristics"):
        holder = holder.getparent()
    expected = ("dataInput", "inputDataItem") if is_input else ("dataOutput", "outputDataItem")
    return holder is owner and name in (*expected, "property")


def _same_type(examination: Examination, owner: etree._Element, source: etree._Element | None, target: etree._Element | None) -> None:
    one, other = _structure(examination, source), _structure(examination, target)
    if one is not None and other is not None and one != other:
        message = text("Les données reliées ici n’ont pas le même type.")
        examination.refuse("data-type-mismatch", owner, message, text("Donnez le même type aux deux."))


def _structure(examination: Examination, item: etree._Element | None) -> str | None:
    """The structure of an item's type: the text of the type, else its id. None when it has no type."""
    if item is None:
        return None
    pointer = reference(item.get("itemSubjectRef") or item.get("itemRef"))
    if pointer is None and item.get("dataObjectRef"):
        return _structure(examination, examination.ids.get(reference(item.get("dataObjectRef")) or ""))
    definition = examination.ids.get(pointer or "")
    if definition is None or local_name(definition) != "itemDefinition":
        return None
    return definition.get("structureRef") or f"#{pointer}"


def _operation(examination: Examination, node: etree._Element) -> None:
    """The message and the data of a task are those of the operation that it calls."""
    operation = examination.ids.get(reference(node.get("operationRef")) or "")
    own = examination.ids.get(reference(node.get("messageRef")) or "")
    incoming = _message(examination, operation, "inMessageRef")
    if incoming is not None and own is not None and own is not incoming:
        message = text("Le message de la tâche n’est pas celui de son opération.")
        examination.refuse("operation-message", node, message, text("Choisissez le même message."))
    outgoing = _message(examination, operation, "outMessageRef")
    is_receiving = local_name(node) == "receiveTask"
    exchanged = incoming if own is None else own
    messages = (None, exchanged) if is_receiving else (exchanged, outgoing)
    for tag, message_of in zip(("dataInput", "dataOutput"), messages, strict=True):
        items = list(_items(node, tag))
        if (len(items) > 1 and local_name(node) != "serviceTask") or (operation is not None and len(items) > 1):
            message = text("Une tâche qui échange un message n’a qu’une donnée de chaque côté.")
            examination.refuse("data-of-message", node, message, text("Gardez une seule donnée."))
        for item in items:
            _same_type(examination, node, item, message_of)


def _items(node: etree._Element, tag: str) -> Iterator[etree._Element]:
    specification = child(node, "ioSpecification")
    if specification is not None:
        yield from specification.findall(f"{{{BPMN}}}{tag}")


def _message(examination: Examination, operation: etree._Element | None, tag: str) -> etree._Element | None:
    if operation is None or local_name(operation) != "operation":
        return None
    pointer = child(operation, tag)
    return examination.ids.get(reference(pointer.text) or "") if pointer is not None else None


def _repeated_item(examination: Examination, node: etree._Element) -> None:
    """What one instance of a repeated activity works on has the type of the list's items."""
    loop = child(node, "multiInstanceLoopCharacteristics")
    if loop is None:
        return
    for list_tag, item_tag in (("loopDataInputRef", "inputDataItem"), ("loopDataOutputRef", "outputDataItem")):
        pointer, item = child(loop, list_tag), child(loop, item_tag)
        whole = examination.ids.get(reference(pointer.text) or "") if pointer is not None else None
        if whole is not None and local_name(whole) not in ITEMS:
            message = text("L’activité se répète pour chaque élément de « %(target)s », qui n’est pas une liste.", target=title(whole))
            examination.refuse("reference-mistaken", node, message, text("Choisissez une liste de données."))
        elif item is not None:
            _same_type(examination, node, whole, item)
