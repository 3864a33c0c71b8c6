"""Forms of other tools: keys that lead to files, JSON inside the diagram, and fields listed on the element."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from lxml import etree

from authoring.importing.expressions import is_juel, is_variable
from authoring.importing.sheet import Element, Material, Sheet
from engine.diagram import local_name
from feel.text import text
from forms.errors import FormError
from forms.form import read as read_form

EMBEDDED = "camunda-forms:bpmn:"
PAGE = re.compile(r"\.(html?|xhtml|jsf|jsp|js|ftl)$", re.IGNORECASE)
"""Names of pages that another application draws."""

TYPES: Mapping[str, dict[str, Any]] = {
    "string": {"type": "textfield"},
    "long": {"type": "number", "decimalDigits": 0},
    "int": {"type": "number", "decimalDigits": 0},
    "double": {"type": "number"},
    "boolean": {"type": "checkbox"},
    "date": {"type": "datetime", "subtype": "date"},
    "enum": {"type": "select"},
}
RULES: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "required": ("required", lambda value: value != "false"),
    "min": ("min", float),
    "max": ("max", float),
    "minlength": ("minLength", int),
    "maxlength": ("maxLength", int),
}


def gather(sheet: Sheet) -> dict[str, str]:
    """Forms that the diagram holds as JSON become files; the id that tasks use → id of the form."""
    found: dict[str, str] = {}
    for process in sheet.nodes("process"):
        for box in sheet.take_all(process, "userTaskForm"):
            own = box.get("id") or ""
            try:
                value = orjson.loads(box.text or "")
                if not isinstance(value, dict):
                    raise ValueError(own)
            except ValueError:
                sheet.todo(
                    process, "form-broken", text("Le formulaire « %(key)s » du diagramme n’est pas du JSON.", key=own), box.text or ""
                )
                continue
            key = _new(sheet.material, value, str(value.get("id") or own))
            found[own] = key
            sheet.translated(
                process, "form-embedded", text("Le formulaire écrit dans le diagramme devient un fichier."), own, f"{key}.form"
            )
    return found


def attach(sheet: Sheet, element: Element, embedded: Mapping[str, str]) -> list[str] | None:
    """Give a task or start event its form; the names that it asks, None when that is not known."""
    fields = _fields(sheet, element)
    if fields is not None:
        return fields
    for key in _keys(sheet, element):
        form = _find(sheet.material, embedded, key)
        if form is not None:
            sheet.set(element, "formKey", form)
            sheet.translated(element, "form", text("Le formulaire est celui qui porte cet identifiant."), key, form)
            return _names(sheet.material, form)
        if key.startswith(("embedded:", "=")) or is_juel(key) or PAGE.search(key):
            message = text("Ce formulaire n’est pas un fichier « .form » : dessinez-en un, puis renseignez « formKey ».")
            sheet.todo(element, "form-foreign", message, key)
        else:
            wanted = _bare(key)
            sheet.set(element, "formKey", wanted)
            message = text("Ajoutez le formulaire « %(key)s » aux fichiers importés.", key=wanted)
            sheet.todo(element, "form-missing", message, key, wanted)
    return None


def _keys(sheet: Sheet, element: Element) -> list[str]:
    """What names a form, in all ways of the other tools."""
    found = [sheet.take(element, "formKey"), sheet.take(element, "formRef")]
    binding = sheet.take(element, "formRefBinding")
    sheet.take(element, "formRefVersion")
    for definition in sheet.take_all(element, "formDefinition"):
        found += [definition.get("formId") or definition.get("formKey")]
        binding = definition.get("bindingType") or binding
        if definition.get("externalReference"):
            sheet.todo(
                element,
                "form-foreign",
                text("Le formulaire d’une autre application n’est pas repris."),
                definition.get("externalReference") or "",
            )
    if binding not in (None, "deployment"):
        sheet.dropped(element, "form-binding", text("Ici, un formulaire est figé avec la version du processus."), binding or "")
    return [each.strip() for each in found if each and each.strip()]


def _bare(key: str) -> str:
    return re.sub(r"\.form$", "", re.split(r"[:/]", key)[-1])


def _find(material: Material, embedded: Mapping[str, str], key: str) -> str | None:
    if key.startswith(EMBEDDED):
        return embedded.get(key.removeprefix(EMBEDDED))
    file = re.split(r"[:/]", key)[-1]
    candidates = (key, _bare(key), material.form_files.get(file, ""), material.form_files.get(f"{file}.form", ""))
    return next((each for each in candidates if each in material.forms), None)


def _names(material: Material, key: str) -> list[str] | None:
    try:
        return list(read_form(material.forms[key]).keys)
    except FormError:
        return None


def _fields(sheet: Sheet, element: Element) -> list[str] | None:
    """`camunda:formData` and `activiti:formProperty` become a form."""
    box = sheet.take_one(element, "formData")
    fields = list(box.iterchildren(etree.Element)) if box is not None else sheet.take_all(element, "formProperty")
    if not fields:
        return None
    components = [made for number, each in enumerate(fields, 1) if (made := _component(sheet, element, each, number))]
    form = {"type": "default", "schemaVersion": 19, "components": components}
    name = " ".join((element.get("name") or "").split())
    key = _new(sheet.material, {**form, "title": name} if name else form, f"formulaire_{element.get('id')}")
    sheet.set(element, "formKey", key)
    sheet.translated(element, "form-fields", text("Les champs listés sur l’élément deviennent un formulaire."),
                     ", ".join(each.get("id") or "" for each in fields), f"{key}.form")  # fmt: skip
    business_key = box.get("businessKey") if box is not None else None
    process = next((each for each in element.iterancestors() if local_name(each) == "process"), None)
    if business_key and process is not None and is_variable(business_key):
        sheet.set(process, "businessKey", business_key)
        sheet.translated(process, "business-key", text("Le numéro du dossier est cette réponse."), business_key, business_key)
    return [str(each["key"]) for each in components]


def _component(sheet: Sheet, element: Element, given: Element, number: int) -> dict[str, Any] | None:
    key = given.get("id") or ""
    kind = TYPES.get(given.get("type") or "string")
    if kind is None or not is_variable(key):
        message = text("Le champ « %(key)s » n’est pas repris : ajoutez-le au formulaire.", key=key)
        sheet.todo(element, "form-field", message, f"{key}: {given.get('type')}")
        return None
    made: dict[str, Any] = {**kind, "id": f"champ{number}", "key": key, "label": given.get("label") or given.get("name") or key}
    if kind["type"] == "datetime":
        made["dateLabel"] = made.pop("label")
    options = [each for each in given.iterchildren(etree.Element) if local_name(each) == "value"]
    if kind["type"] == "select":
        made["values"] = [{"label": each.get("name") or each.get("id") or "", "value": each.get("id") or ""} for each in options]
    validate = _rules(sheet, element, given, made)
    if validate:
        made["validate"] = validate
    default = given.get("defaultValue") or given.get("default")
    if default:
        _default(sheet, element, made, default)
    return made


def _rules(sheet: Sheet, element: Element, given: Element, made: dict[str, Any]) -> dict[str, object]:
    constraints = {
        each.get("name") or "": each.get("config") or "true" for each in given.iter(etree.Element) if local_name(each) == "constraint"
    }
    constraints |= {name: given.get(name) or "" for name in ("required",) if given.get(name)}
    if constraints.pop("readonly", None) or given.get("writable") == "false":
        made["readonly"] = True
    found: dict[str, object] = {}
    for name, config in constraints.items():
        if name == "required" and made["type"] == "checkbox":
            continue  # a required box must be ticked here; there, it had to have a value
        try:
            rule, read = RULES[name]
            found[rule] = read(config)
        except (KeyError, ValueError):
            message = text("La règle « %(name)s » du champ « %(key)s » n’est pas reprise.", name=name, key=made["key"])
            sheet.todo(element, "form-rule", message, f"{name}: {config}")
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in found.items()
        if value is not False
    }


def _default(sheet: Sheet, element: Element, made: dict[str, Any], default: str) -> None:
    try:
        if is_juel(default):
            raise ValueError(default)
        kinds: dict[str, Callable[[str], object]] = {"number": lambda value: json.loads(value), "checkbox": lambda value: value == "true"}
        made["defaultValue"] = kinds.get(made["type"], str)(default)
    except ValueError:
        message = text("La valeur par défaut du champ « %(key)s » n’est pas reprise.", key=made["key"])
        sheet.todo(element, "form-default", message, default)


def _new(material: Material, form: dict[str, Any], wanted: str) -> str:
    """Keep a new form under an id that no other has."""
    key = re.sub(r"[^\w.-]", "_", wanted) or "formulaire"
    while key in material.forms:
        key += "_"
    material.forms[key] = material.new_forms[key] = json.dumps({**form, "id": key}, ensure_ascii=False, indent=2).encode()
    return key
