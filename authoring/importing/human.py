"""Work of people: user tasks and start events with their people, dates and forms."""

from __future__ import annotations

import re
from collections.abc import Mapping

from authoring.importing import forms, mappings
from authoring.importing.expressions import from_juel, from_zeebe, is_juel
from authoring.importing.juel import Untranslatable
from authoring.importing.loops import renamed
from authoring.importing.sheet import Element, Sheet
from engine.diagram import BPMN, child_text, local_name, reference
from engine.spiff.timers import ISO
from feel.text import Text, text

AHEAD = re.compile(
    r"\s*[$#]\{\s*dateTime\(\)\.plus(Years|Months|Weeks|Days|Hours|Minutes|Seconds)\(\s*(\d{1,5})\s*\)(?:\.toDate\(\))?\s*\}\s*"
)
"""The usual way to say « in three days » in Camunda 7: days of the calendar, as an ISO 8601 duration counts them here too."""

WHOLE = re.compile(r"-?\d{1,6}", re.ASCII)
ORGANISED = re.compile(r"(user|group)\(([^()]*)\)")


def translate(sheet: Sheet, embedded: Mapping[str, str]) -> None:
    """All user tasks and start events of the diagram. `embedded`: ids of forms written in it."""
    roles = {each.get("id") or "": each.get("name") or "" for each in sheet.nodes("resource")}
    for process in sheet.nodes("process"):
        _starters(sheet, process)
    for start in sheet.nodes("startEvent"):
        forms.attach(sheet, start, embedded)
        _initiator(sheet, start)
    for task in sheet.nodes("userTask"):
        _resources(sheet, task, roles)
        _task(sheet, task, embedded)
    for resource in sheet.nodes("resource"):
        sheet.dropped(resource, "resource", text("Les rôles sont des groupes, nommés par les tâches."), resource.get("name") or "")
        sheet.root.remove(resource)


def _task(sheet: Sheet, task: Element, embedded: Mapping[str, str]) -> None:
    counters = renamed(task)
    _people(sheet, task, counters)
    for box in sheet.take_all(task, "assignmentDefinition"):
        _assignment(sheet, task, box)
    due, follow = sheet.take(task, "dueDate"), sheet.take(task, "followUpDate")
    for box in sheet.take_all(task, "taskSchedule"):
        due, follow = box.get("dueDate") or due, box.get("followUpDate") or follow
    if due:
        _due(sheet, task, due, counters)
    if follow:
        message = text("La date de relance ne change que l’affichage des listes de l’autre moteur.")
        sheet.dropped(task, "follow-up", message, follow)
    _priority(sheet, task)
    _title(sheet, task, counters)
    answers = forms.attach(sheet, task, embedded)
    found = mappings.take(sheet, task, counters)
    mappings.apply(sheet, task, found, None if answers is None else {name: name for name in answers})


def _people(sheet: Sheet, task: Element, counters: Mapping[str, str]) -> None:
    assignee, groups, users = (sheet.take(task, name) for name in ("assignee", "candidateGroups", "candidateUsers"))
    if assignee:
        _assignee(sheet, task, assignee, counters)
    if groups:
        _groups(sheet, task, groups, counters)
    if users:
        _users(sheet, task, users)


def _assignee(sheet: Sheet, task: Element, source: str, counters: Mapping[str, str]) -> None:
    try:
        _assign(sheet, task, source, from_juel(source, counters))
    except Untranslatable as error:
        sheet.refused(task, text("Personne chargée de la tâche"), source, error)


def _assign(sheet: Sheet, task: Element, source: str, written: str) -> None:
    sheet.set(task, "assignee", written)
    if written.startswith('"') and "@" not in written:
        message = text("Ici, une personne est désignée par son adresse e-mail : remplacez « %(name)s ».", name=written.strip('"'))
        sheet.todo(task, "assignee-address", message, source, written)
    else:
        sheet.translated(task, "assignee", text("La personne chargée de la tâche est désignée par son adresse e-mail."), source, written)


def _groups(sheet: Sheet, task: Element, source: str, counters: Mapping[str, str]) -> None:
    """A fixed list, or an expression that gives a list or names separated by commas."""
    try:
        if not is_juel(source):
            written = ", ".join(each.strip() for each in source.split(",") if each.strip())
        elif re.search(r"\}\s*,|,\s*[$#]\{", source):
            written = "=[" + ", ".join(from_juel(each.strip(), counters) for each in source.split(",")) + "]"
        else:
            value = from_juel(source, counters)
            written = f'=if {value} instance of string then split({value}, ",\\s*") else {value}'
    except Untranslatable as error:
        sheet.refused(task, text("Groupes qui peuvent faire la tâche"), source, error)
    else:
        before = sheet.get(task, "candidateGroups")
        if before and not before.startswith("=") and not written.startswith("="):
            written = ", ".join(dict.fromkeys([*before.split(", "), *written.split(", ")]))
        sheet.set(task, "candidateGroups", written)
        sheet.translated(task, "groups", text("Les groupes qui peuvent faire la tâche. Vérifiez qu’ils existent ici."), source, written)


def _users(sheet: Sheet, task: Element, source: str) -> None:
    message = text("Une tâche se propose ici à des groupes, pas à une liste de personnes : faites-en un groupe.")
    sheet.todo(task, "candidate-users", message, source)


def _assignment(sheet: Sheet, task: Element, box: Element) -> None:
    """`zeebe:assignmentDefinition`: each attribute is FEEL after `=`, else a fixed text."""
    assignee, groups, users = (box.get(name) for name in ("assignee", "candidateGroups", "candidateUsers"))
    try:
        if assignee:
            _assign(sheet, task, assignee, from_zeebe(assignee))
        if groups:
            written = f"={from_zeebe(groups)}" if groups.strip().startswith("=") else groups.strip()
            sheet.set(task, "candidateGroups", written)
            sheet.translated(task, "groups", text("Les groupes qui peuvent faire la tâche. Vérifiez qu’ils existent ici."), groups, written)
    except Untranslatable as error:
        sheet.refused(task, text("Affectation de la tâche"), f"{assignee or ''} {groups or ''}", error)
    if users:
        _users(sheet, task, users)


def _resources(sheet: Sheet, task: Element, roles: Mapping[str, str]) -> None:
    """BPMN's own `humanPerformer` and `potentialOwner`, read as Camunda 7 reads them: `user(…)`, `group(…)`, a bare name is a group.

    `roles`: names of the diagram's resources by id.
    """
    counters = renamed(task)
    for tag in ("humanPerformer", "potentialOwner", "performer", "resourceRole"):
        for role in task.findall(f"{{{BPMN}}}{tag}"):
            pointer = reference(child_text(role, "resourceRef"))
            source = roles.get(pointer, "") if pointer else " ".join("".join(map(str, role.itertext())).split())
            task.remove(role)
            if not source:
                sheet.dropped(task, "resource-role", text("Ce rôle ne désigne personne."), role.get("name") or tag)
            elif tag == "humanPerformer":
                _assignee(sheet, task, source, counters)
            else:
                _owners(sheet, task, source, counters)


def _owners(sheet: Sheet, task: Element, source: str, counters: Mapping[str, str]) -> None:
    users = [name.strip() for kind, name in ORGANISED.findall(source) if kind == "user"]
    groups = [name.strip() for kind, name in ORGANISED.findall(source) if kind == "group"]
    groups += [each.strip() for each in ORGANISED.sub("", source).split(",") if each.strip()]
    if groups:
        _groups(sheet, task, ", ".join(groups), counters)
    if users:
        _users(sheet, task, ", ".join(users))


def _due(sheet: Sheet, task: Element, source: str, counters: Mapping[str, str]) -> None:
    try:
        written = when(source, counters)
    except Untranslatable as error:
        sheet.refused(task, text("Échéance"), source, error)
    else:
        sheet.set(task, "dueIn", written)
        sheet.translated(task, "due", text("L’échéance de la tâche."), source, written)


def when(source: str, counters: Mapping[str, str]) -> str:
    """A date or duration of another tool: ISO 8601, `${…}` or `=…`. Raises Untranslatable."""
    ahead = AHEAD.fullmatch(source)
    if ahead:
        unit = ahead[1][0]
        return f"P{'T' if ahead[1] in ('Hours', 'Minutes', 'Seconds') else ''}{ahead[2]}{unit}"
    if ISO.fullmatch(source.strip()):
        return source.strip()
    if source.strip().startswith("="):
        return from_zeebe(source)
    if not is_juel(source):
        raise Untranslatable(text("« %(value)s » n’est ni une date ni une durée ISO 8601.", value=source.strip()[:60]))
    return from_juel(source, counters)


def _priority(sheet: Sheet, task: Element) -> None:
    source = sheet.take(task, "priority")
    for box in sheet.take_all(task, "priorityDefinition"):
        source = box.get("priority") or source
    if not source:
        return
    value = source.strip().removeprefix("=").strip()
    if WHOLE.fullmatch(value):
        sheet.set(task, "priority", value)
        sheet.translated(task, "priority", text("La priorité de la tâche."), source, value)
    else:
        sheet.todo(task, "priority", text("Ici, la priorité d’une tâche est un nombre fixe."), source)


def _title(sheet: Sheet, task: Element, counters: Mapping[str, str]) -> None:
    """Camunda 7 evaluates expressions in the name of a task."""
    name = task.get("name") or ""
    if not is_juel(name):
        return
    try:
        written = from_juel(name, counters)
    except Untranslatable as error:
        sheet.refused(task, text("Nom de la tâche"), name, error)
    else:
        sheet.set(task, "taskTitle", written)
        sheet.translated(task, "title", text("Le nom calculé de la tâche."), name, written)


def _starters(sheet: Sheet, process: Element) -> None:
    groups, users = sheet.take(process, "candidateStarterGroups"), sheet.take(process, "candidateStarterUsers")
    starts = [each for each in process if local_name(each) == "startEvent"]
    if groups and not is_juel(groups):
        for start in starts:
            sheet.set(start, "candidateGroups", groups)
        sheet.translated(process, "starters", text("Les groupes qui peuvent démarrer le processus."), groups, groups)
    elif groups:
        sheet.todo(process, "starters", _FIXED, groups)
    if users:
        sheet.todo(process, "starters", _FIXED, users)


_FIXED: Text = text("Ici, des groupes fixes disent qui peut démarrer le processus (« candidateGroups » du départ).")


def _initiator(sheet: Sheet, start: Element) -> None:
    name = sheet.take(start, "initiator")
    if not name:
        return
    if re.search(rf"[$#]\{{[^}}]*\b{re.escape(name)}\b", sheet.text):
        message = text("La variable « %(name)s » de qui a démarré n’existe pas ici : demandez-la au formulaire de départ.", name=name)
        sheet.todo(start, "initiator", message, name)
    else:
        sheet.dropped(start, "initiator", text("Rien ne lit la variable de qui a démarré ; l’historique le garde."), name)
