"""What the API shows of the engine's values: dicts that become JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from authoring.drafts import Draft, DraftRow
from authoring.importing import report as reports
from engine.history import Event
from engine.incidents import IncidentRow
from engine.instances import InstanceRow, InstanceView
from engine.pages import Page
from engine.spiff.definition import Definition
from engine.tasks import TaskRow, TaskView
from engine.versions import Publication, Published
from feel.problems import Problem
from web.errors import problem_item
from web.languages import render

Item = TypeVar("Item")
Json = dict[str, Any]


def page(found: Page[Item], shape: Callable[[Item], Json]) -> Json:
    """A page of a list."""
    return {"items": [shape(each) for each in found.items], "next_cursor": found.cursor}


def process(published: Published) -> Json:
    """A version of a process."""
    return {
        "key": published.key,
        "name": published.name,
        "version": published.version,
        "published_at": published.published_at,
        "published_by": published.published_by,
    }


def publication(made: Publication) -> Json:
    """What a publication made, and what its author should look at."""
    return {
        "processes": [{"key": each.key, "version": each.version, "name": each.name} for each in made.processes],
        "warnings": [problem_item(each) for each in made.warnings],
    }


def process_details(published: Published, definition: Definition) -> Json:
    """The newest version of a process and how it starts."""
    starts = [
        {"element_id": each.element_id, "kind": each.kind, "name": each.name, "form_key": each.form_key} for each in definition.starts
    ]
    return process(published) | {"starts": starts, "documentation": definition.documentation}


def draft_row(row: DraftRow) -> Json:
    """A draft in a list."""
    return {
        "id": str(row.id),
        "name": row.name,
        "revision": row.revision,
        "created_at": row.created_at,
        "created_by": row.created_by,
        "saved_at": row.saved_at,
        "saved_by": row.saved_by,
        "published_at": row.published_at,
    }


def draft(found: Draft, problems: Sequence[Problem]) -> Json:
    """A draft with its files' names, the report of its import and what publication would say."""
    files = [{"kind": each.kind, "name": each.name, "size": len(each.content)} for each in found.files]
    report = [reports.to_json(each) | {"message": render(each.message)} for each in found.row.report]
    return draft_row(found.row) | {"files": files, "report": report, "problems": [problem_item(each) for each in problems]}


def task(row: TaskRow) -> Json:
    """A task."""
    return {
        "id": row.id,
        "instance_id": row.instance_id,
        "instance_title": row.title,
        "business_key": row.business_key,
        "process": row.process,
        "version": row.version,
        "element_id": row.element_id,
        "name": row.name,
        "state": row.state,
        "assignee": row.assignee,
        "groups": list(row.groups),
        "due_at": row.due,
        "priority": row.priority,
        "form_key": row.form_key,
        "created_at": row.created_at,
        "completed_at": row.closed_at,
        "completed_by": row.closed_by,
    }


def task_details(view: TaskView, form: object) -> Json:
    """A task with its form and what it sees."""
    return task(view.task) | {"form": form, "variables": view.variables}


def incident(row: IncidentRow) -> Json:
    """A failed step."""
    return {"id": row.id, "element_id": row.element_id, "code": row.code, "message": render(row.message)}


def instance_row(row: InstanceRow) -> Json:
    """An instance without what is inside it."""
    return {
        "id": row.id,
        "process": row.process,
        "version": row.version,
        "state": row.state,
        "title": row.title,
        "business_key": row.business_key,
        "parent_id": row.parent_id,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "ended_at": row.ended_at,
    }


def instance(view: InstanceView) -> Json:
    """An instance with its variables, open tasks and incidents."""
    return listed_instance(view, view.variables, view.tasks, view.incidents)


def listed_instance(row: InstanceRow, variables: Mapping[str, object], tasks: Sequence[TaskRow], incidents: Sequence[IncidentRow]) -> Json:
    """The same from its parts."""
    return instance_row(row) | {
        "variables": variables,
        "tasks": [task(each) for each in tasks],
        "incidents": [incident(each) for each in incidents],
    }


def event(happened: Event) -> Json:
    """An entry of the history."""
    return {
        "seq": happened.seq,
        "type": happened.type,
        "element_id": happened.element_id or None,
        "element_type": happened.element_type or None,
        "at": happened.at,
        "actor": happened.actor or None,
        "data": happened.data,
        "instance_id": happened.instance_id,
    }
