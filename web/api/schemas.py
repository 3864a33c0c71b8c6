"""The JSON of the API: what calls take (checked) and answer (documented; tests hold real answers against it)."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from web.api.fields import MOST, Limit, Moment

NAME = validate.Length(min=1, max=255)
LIMIT = f"Most items to answer, up to {MOST}"
STATES = ("running", "completed", "failed", "cancelled")


def _object(meaning: str, **options: Any) -> fields.Dict:
    return fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), metadata={"description": meaning}, **options)


class Strict(Schema):
    """A body in which every key must be known."""

    class Meta:
        unknown = RAISE


class Problem(Schema):
    """One problem of a file to publish."""

    code = fields.String(required=True, metadata={"description": "Stable, for programs"})
    message = fields.String(required=True, metadata={"description": "In the caller's language"})
    element_id = fields.String(required=True)
    element_type = fields.String(required=True, metadata={"description": "Local name of the element in its file"})
    element_name = fields.String(required=True)
    remedy = fields.String(allow_none=True)
    severity = fields.String(validate=validate.OneOf(("error", "warning")))


class ProblemDetails(Schema):
    """An error, by RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    request_id = fields.String(allow_none=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), metadata={"description": "Messages by path of field"})
    problems = fields.List(fields.Nested(Problem), metadata={"description": "Every problem of the files to publish"})


class Nothing(Strict):
    """No body, or an empty object."""


class Paging(Schema):
    """Where a list starts and how long it is."""

    cursor = fields.String(validate=validate.Length(max=500), metadata={"description": "`next_cursor` of the page before"})
    limit = Limit(load_default=50, metadata={"minimum": 1, "description": LIMIT})


class Page(Schema):
    next_cursor = fields.String(required=True, allow_none=True, metadata={"description": "null on the last page"})


# Processes


class Start(Schema):
    element_id = fields.String(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    form_key = fields.String(allow_none=True)


class Process(Schema):
    """The newest published version of a process."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)
    published_at = fields.DateTime(required=True)
    published_by = fields.String(allow_none=True)


class ProcessDetails(Process):
    starts = fields.List(fields.Nested(Start))
    documentation = fields.String()


class ProcessPage(Page):
    items = fields.List(fields.Nested(Process), required=True)


class PublishedProcess(Schema):
    key = fields.String(required=True, metadata={"description": "BPMN id of the process"})
    version = fields.Integer(required=True)
    name = fields.String()


class Publication(Schema):
    processes = fields.List(fields.Nested(PublishedProcess), required=True)
    warnings = fields.List(
        fields.Nested(Problem), required=True, metadata={"description": "What runs as drawn but deserves a look; severity `warning`"}
    )


class VersionPage(Page):
    items = fields.List(fields.Nested(Process), required=True)


# Imports and drafts


class ReportRow(Schema):
    """What became of one thing that a file of another tool says."""

    code = fields.String(required=True, metadata={"description": "Stable, for programs"})
    severity = fields.String(
        required=True,
        validate=validate.OneOf(("translated", "dropped", "todo")),
        metadata={"description": "Says the same as before; changes nothing; its author must decide"},
    )
    element_id = fields.String(required=True)
    element_type = fields.String(required=True)
    element_name = fields.String(required=True)
    message = fields.String(required=True, metadata={"description": "In the caller's language"})
    original = fields.String(required=True, metadata={"description": "What the file said"})
    result = fields.String(required=True, metadata={"description": "What it says now"})


class DraftFile(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(("diagram", "form", "decision", "scenario")))
    name = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "Bytes"})


class DraftRow(Schema):
    """Files on their way to publication."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    revision = fields.Integer(required=True, metadata={"description": "Named by who saves the next one"})
    created_at = fields.DateTime(required=True)
    created_by = fields.String(required=True)
    saved_at = fields.DateTime(required=True)
    saved_by = fields.String(required=True)
    published_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "When this revision was published"})


class Draft(DraftRow):
    files = fields.List(fields.Nested(DraftFile), required=True)
    report = fields.List(fields.Nested(ReportRow), required=True)
    problems = fields.List(fields.Nested(Problem), required=True, metadata={"description": "What publication would say now"})


class Import(Draft):
    """The draft that an import made; `draft` is its id."""

    draft = fields.String(required=True)


class DraftPage(Page):
    items = fields.List(fields.Nested(DraftRow), required=True)


class PublicationOrder(Strict):
    revision = fields.Integer(allow_none=True, load_default=None, metadata={"description": "Refused with 409 when the draft has another"})


# Tasks


class Task(Schema):
    """Something that somebody must do, or did."""

    id = fields.String(required=True)
    element_id = fields.String(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("open", "completed", "cancelled")))
    assignee = fields.String(
        required=True, allow_none=True, metadata={"description": "Who has it: e-mail address of a person, or name of a program"}
    )
    groups = fields.List(fields.String(), required=True, metadata={"description": "Who may take it"})
    due_at = fields.DateTime(required=True, allow_none=True)
    priority = fields.Integer(required=True)
    form_key = fields.String(required=True, allow_none=True)
    instance_id = fields.String()
    process = fields.String()
    version = fields.Integer()
    created_at = fields.DateTime()
    completed_at = fields.DateTime(allow_none=True)
    completed_by = fields.String(allow_none=True)
    instance_title = fields.String(allow_none=True)
    business_key = fields.String(allow_none=True)


class TaskDetails(Task):
    form = fields.Raw(allow_none=True, metadata={"description": "The form-js JSON of its form"})
    variables = _object("What the task sees")


class TaskPage(Page):
    items = fields.List(fields.Nested(Task), required=True)


class TaskFilter(Paging):
    state = fields.String(load_default="open", validate=validate.OneOf(("open", "completed", "cancelled")))
    group = fields.String(validate=NAME)
    assignee = fields.String(validate=NAME, metadata={"description": "E-mail address, name of a program, or `me`"})
    process = fields.String(validate=NAME)
    instance = fields.String(validate=NAME)
    due_before = Moment(metadata={"description": "ISO 8601; without an offset on the clocks of Paris, a date alone being its beginning"})
    q = fields.String(validate=validate.Length(max=200), metadata={"description": "Text in the name or in the title of the case"})


class Assignment(Strict):
    assignee = fields.String(required=True, validate=NAME, metadata={"description": "E-mail address of a user"})


class Completion(Strict):
    data = _object("The answers; without a form, any object", load_default=dict)


# Instances


class Incident(Schema):
    """A step that failed and waits for somebody."""

    id = fields.String(required=True)
    element_id = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class InstanceRow(Schema):
    """A running or ended process."""

    id = fields.String(required=True)
    process = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    title = fields.String(required=True, allow_none=True)
    business_key = fields.String(required=True, allow_none=True)
    parent_id = fields.String(required=True, allow_none=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    ended_at = fields.DateTime(required=True, allow_none=True)


class Instance(InstanceRow):
    variables = _object("The variables of its own scope", required=True)
    tasks = fields.List(fields.Nested(Task), required=True, metadata={"description": "The open ones"})
    incidents = fields.List(fields.Nested(Incident), required=True, metadata={"description": "The open ones"})


class InstancePage(Page):
    items = fields.List(fields.Nested(Instance), required=True)


class InstanceFilter(Paging):
    process = fields.String(validate=NAME)
    business_key = fields.String(validate=NAME)
    state = fields.String(validate=validate.OneOf(STATES))
    q = fields.String(validate=validate.Length(max=200))


class StartOrder(Strict):
    variables = _object("Set in the new instance", load_default=dict)
    business_key = fields.String(allow_none=True, load_default=None, validate=NAME)
    start_event = fields.String(
        allow_none=True, load_default=None, validate=NAME, metadata={"description": "Needed when there are several"}
    )


class CompletedTask(Schema):
    task = fields.Nested(Task, required=True)
    instance = fields.Nested(Instance, required=True)


class Reason(Strict):
    reason = fields.String(load_default="", validate=validate.Length(max=2000))


class Event(Schema):
    """One thing that happened."""

    seq = fields.Integer(required=True)
    type = fields.String(required=True)
    element_id = fields.String(required=True, allow_none=True)
    element_type = fields.String(required=True, allow_none=True)
    at = fields.DateTime(required=True)
    actor = fields.String(required=True, allow_none=True)
    data = _object("Depends on the type", required=True)
    instance_id = fields.String(required=True)


class EventPage(Page):
    items = fields.List(fields.Nested(Event), required=True)


class EventFilter(Paging):
    limit = Limit(load_default=MOST, metadata={"minimum": 1, "description": LIMIT})
    children = fields.Boolean(load_default=False, metadata={"description": "1: with those of called processes"})
    type = fields.String(validate=NAME)


# Messages, signals, webhooks


class MessageOrder(Strict):
    name = fields.String(required=True, validate=NAME)
    correlation = _object("What finds the one instance that waits", load_default=dict)
    payload = _object("Merged into its variables", load_default=dict)
    id = fields.String(allow_none=True, load_default=None, validate=NAME, metadata={"description": "Received once"})


class MessageReceipt(Schema):
    id = fields.String(required=True)
    matched = fields.Integer(required=True, metadata={"description": "Instances reached; 0: kept until it is awaited or too old"})
    duplicate = fields.Boolean(required=True)


class SignalOrder(Strict):
    name = fields.String(required=True, validate=NAME)
    payload = _object("Merged into the variables of each", load_default=dict)


class SignalReceipt(Schema):
    matched = fields.Integer(required=True)


# Decisions and the clock


class Inputs(Strict):
    inputs = _object("By name of input data", load_default=dict)


class Evaluation(Schema):
    result = fields.Raw(required=True, allow_none=True)
    matched = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Rules that matched, by decision"},
    )
    diagnostics = fields.List(fields.String())


class Advance(Strict):
    advance = fields.Float(required=True, validate=validate.Range(0, 3_200_000_000), metadata={"description": "Seconds"})


class Clock(Schema):
    now = fields.DateTime(required=True)
