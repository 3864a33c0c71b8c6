"""Work of programs: service, send, script and business rule tasks."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from authoring.importing import decisions, mappings
from authoring.importing.expressions import as_feel, context, from_juel, from_zeebe, is_context, is_juel, is_variable
from authoring.importing.juel import Untranslatable
from authoring.importing.juel_feel import quoted
from authoring.importing.loops import renamed
from authoring.importing.mappings import Mappings
from authoring.importing.sheet import Element, Sheet, expression_child
from authoring.importing.vendors import HARMLESS
from engine.checking.findings import is_looped
from engine.diagram import local_name
from feel.text import Text, text

CODE = ("class", "delegateExpression", "expression")
WORKS = ("serviceTask", "sendTask", "businessRuleTask", "scriptTask")


def translate(sheet: Sheet) -> None:
    """All tasks of the diagram that programs do."""
    for task in sheet.nodes(*WORKS):
        found = mappings.take(sheet, task, renamed(task))
        if not (_script(sheet, task, found) or _decision(sheet, task, found) or _outside(sheet, task, found)):
            mappings.apply(sheet, task, found)


def _script(sheet: Sheet, task: Element, found: Mappings) -> bool:
    """A script in FEEL or JUEL; another language stays, and the check before publication names it."""
    if local_name(task) != "scriptTask" or sheet.peek(task, "taskDefinition"):
        return False
    result = sheet.take(task, "resultVariable") or ""
    language = (task.get("scriptFormat") or "").strip().lower()
    source = expression_child(task, "script")
    boxes = sheet.take_all(task, "script")
    for box in boxes:
        language, source, result = "zeebe", box.get("expression") or "", box.get("resultVariable") or ""
    resource = sheet.take(task, "resource")
    if resource:
        sheet.todo(task, "script-resource", text("Le script est dans un fichier à part : récrivez-le ici en FEEL."), resource)
    elif language in ("zeebe", "juel", "feel") or (not language and source):
        _rewrite(sheet, task, language, source, result)
    elif language:
        message = text("Le script est écrit en « %(language)s » : récrivez-le en FEEL, { variable: expression }.", language=language)
        sheet.todo(task, "script-language", message, source)
    mappings.apply(sheet, task, found, {result: result} if result else None)
    return True


def _rewrite(sheet: Sheet, task: Element, language: str, source: str, result: str) -> None:
    try:
        if language in ("", "feel") and not result:
            if not is_context(source):
                raise Untranslatable(text("Un script est ici un contexte FEEL, { variable: expression }."))
            written = as_feel(source)
        else:
            value = from_juel(source, renamed(task)) if language == "juel" else as_feel(source.strip().removeprefix("="))
            if not is_variable(result):
                raise Untranslatable(text("La variable du résultat n’est pas dite."))
            written = context({result: value})
    except Untranslatable as error:
        task.set("scriptFormat", language or "inconnu")
        sheet.refused(task, text("Script"), source, error)
        return
    if language in ("", "feel") and not result:
        return  # it is in our words already
    task.set("scriptFormat", "feel")
    sheet.put_child(task, "script", written)
    sheet.translated(task, "script", text("Le script est un contexte FEEL : chaque entrée devient une variable."), source, written)


def _decision(sheet: Sheet, task: Element, found: Mappings) -> bool:
    if local_name(task) != "businessRuleTask":
        return False
    key, result = sheet.take(task, "decisionRef"), sheet.take(task, "resultVariable")
    kind = sheet.take(task, "mapDecisionResult")
    binding = sheet.take(task, "decisionRefBinding")
    for name in ("decisionRefVersion", "decisionRefVersionTag", "decisionRefTenantId"):
        sheet.take(task, name)
    boxes = sheet.take_all(task, "calledDecision")
    if not key and not boxes:
        if result:
            sheet.set(task, "resultVariable", result)
        return False
    for box in boxes:
        key, result, kind, binding = box.get("decisionId") or "", box.get("resultVariable"), "zeebe", box.get("bindingType")
    if binding not in (None, "deployment"):
        message = text("Ici, une décision est figée avec la version du processus.")
        sheet.dropped(task, "decision-binding", message, binding or "")
    decisions.attach(sheet, task, key or "", result or "", kind or "resultList", found)
    return True


def _outside(sheet: Sheet, task: Element, found: Mappings) -> bool:
    """Code of the other engine, an external task or a job: an outside program does it here."""
    calculated = _calculated(sheet, task, found)
    if calculated:
        return True
    told = _told(sheet, task)
    if told is None:
        return False
    code, what, original = told
    kind = local_name(task)
    if kind != "serviceTask":
        for name in ("scriptFormat", "messageRef", "implementation", "operationRef"):
            task.attrib.pop(name, "")
        sheet.drop_children(task, "script")
        sheet.retype(task, "serviceTask")
    sheet.set(task, "connector", "external")
    _given(sheet, task, found)
    _note_outside(sheet, task, code, what, original)
    return True


def _calculated(sheet: Sheet, task: Element, found: Mappings) -> bool:
    """`camunda:expression` that only calculates is a script: the same value under the same name."""
    source = sheet.take(task, "expression")
    if source is None:
        return False
    result = sheet.take(task, "resultVariable") or sheet.take(task, "resultVariableName") or ""
    try:
        if not is_variable(result):
            raise Untranslatable(text("La variable du résultat n’est pas dite."))
        written = context({result: from_juel(source, renamed(task))})
    except Untranslatable as error:
        sheet.refused(task, text("Expression"), source, error)
        sheet.retype(task, "serviceTask")
        sheet.set(task, "connector", "external")
        if result:
            sheet.set(task, "resultVariable", result)
        _given(sheet, task, found)
        _note_outside(sheet, task, "delegate", text("du code de l’autre moteur"), source)
        return True
    for name in ("implementation", "operationRef", "messageRef"):
        task.attrib.pop(name, "")
    sheet.retype(task, "scriptTask")
    task.set("scriptFormat", "feel")
    sheet.put_child(task, "script", written)
    sheet.translated(task, "calculation", text("Une expression qui ne fait que calculer devient une tâche de script."), source, written)
    mappings.apply(sheet, task, found, {result: result})
    return True


def _told(sheet: Sheet, task: Element) -> tuple[str, Text, str] | None:
    """What does the work: code of the report, words for it, and what the file said."""
    topic, kind = sheet.take(task, "topic"), sheet.take(task, "type")
    result = sheet.take(task, "resultVariable") or sheet.take(task, "resultVariableName")
    code = {name: value for name in CODE if (value := sheet.take(task, name))}
    fields = [f"{each.get('name')}={_field(each)}" for each in sheet.take_all(task, "field")]
    connector = sheet.take_one(task, "connector")
    jobs = sheet.take_all(task, "taskDefinition")
    if result:
        sheet.set(task, "resultVariable", result)
    for job in jobs:
        _retries(sheet, task, job.get("retries"))
        name = job.get("type") or ""
        if name.startswith("io.camunda"):
            return "connector", text("le connecteur « %(name)s »", name=name), name
        return "external", text("le programme qui prend les travaux « %(name)s »", name=name), name
    if kind == "external" or topic:
        return "external", text("le programme qui prend les travaux « %(name)s »", name=topic or ""), topic or ""
    if connector is not None:
        name = "".join(each.text or "" for each in connector.iter(etree.Element) if local_name(each) == "connectorId").strip()
        return "connector", text("le connecteur « %(name)s »", name=name), etree.tostring(connector, encoding="unicode")
    if code or kind:
        said = "; ".join([*code.values(), *([kind] if kind else []), *fields])
        return "delegate", text("du code de l’autre moteur"), said
    return None


def _field(injected: Element) -> str:
    """The value of `camunda:field`: an attribute or a child."""
    return injected.get("stringValue") or injected.get("expression") or " ".join("".join(map(str, injected.itertext())).split())


def _retries(sheet: Sheet, task: Element, source: str | None) -> None:
    value = (source or "").strip().removeprefix("=").strip()
    if value.isascii() and value.isdigit():
        sheet.set(task, "retries", value)
    elif value:
        sheet.todo(task, "retries", text("Ici, le nombre de reprises est un nombre fixe."), source or "")


def _given(sheet: Sheet, task: Element, found: Mappings) -> None:
    """What the outside program is given, and what of its answer is kept."""
    headers = _headers(sheet, task)
    entries: dict[str, str] = dict(found.inputs)
    if found.inputs and not is_looped(task):
        sheet.set(task, "input", context(found.inputs))
        entries = {name: name for name in found.inputs}
    if headers:
        entries["taskHeaders"] = context(headers)
    if entries:
        written = context(entries)
        sheet.set(task, "connectorInput", written)
        message = text("Ce qui est donné au programme extérieur.")
        sheet.translated(task, "connector-input", message, ", ".join((*found.inputs, *headers)), context({**found.inputs, **headers}))
    mappings.apply(sheet, task, Mappings({}, found.outputs, found.adds))


def _headers(sheet: Sheet, task: Element) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for box in sheet.take_all(task, "taskHeaders"):
        for header in box.iterchildren(etree.Element):
            found[header.get("key") or ""] = quoted(header.get("value") or "")
    for name in ("elementTemplateId", "elementTemplateVersion", "retryBackoff"):
        if name in found:
            sheet.dropped(task, f"setting-{name.lower()}", HARMLESS[name], f"{name}: {found.pop(name)}")
    for name in ("resultExpression", "errorExpression"):
        if name in found:
            sheet.todo(
                task, "connector-header", text("« %(name)s » était lu par le connecteur de l’autre moteur.", name=name), found.pop(name)
            )
    variable = found.pop("resultVariable", "").strip('"')
    if is_variable(variable):
        sheet.set(task, "resultVariable", variable)
    return found


def _note_outside(sheet: Sheet, task: Element, code: str, what: Text, original: str) -> None:
    process = next((each.get("id") for each in task.iterancestors() if local_name(each) == "process"), "")
    address = f"/hooks/{process}/{task.get('id')}"
    if code == "external":
        message = text("Ici, %(what)s dit par le webhook %(address)s que le travail est fait.", what=what, address=address)
        sheet.translated(task, "external", message, original, "connector: external")
    else:
        message = text("Avant, %(what)s faisait ce travail. Un programme à écrire doit le faire et le dire par le webhook %(address)s.",
                       what=what, address=address)  # fmt: skip
        sheet.todo(task, code, message, original, "connector: external")


def expression(sheet: Sheet, element: Element, what: Text, source: str) -> str | None:
    """An attribute of either Camunda as FEEL; None, and a line of the report, when it cannot be."""
    try:
        return from_zeebe(source) if source.strip().startswith("=") or not is_juel(source) else from_juel(source, renamed(element))
    except Untranslatable as error:
        sheet.refused(element, what, source, error)
        return None
