"""The JSON of the calls about migrations."""

from __future__ import annotations

from marshmallow import fields, validate

from web.api.schemas import NAME, Page, Paging, Strict

OUTCOMES = ("same", "moves", "mapping", "cannot")
STATES = ("pending", "done", "refused", "over", "undoing", "undone", "kept")
CODES = ("gone", "other-kind", "other-place", "other-event", "other-loop", "other-data", "waiting", "join", "compensation", "unreadable")
MOST_CHOSEN = 20_000
MOST_MAPPED = 1_000


class AssessmentOrder(Strict):
    """Which version, and which elements take the place of which."""

    version = fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(min=1), metadata={"description": "The newest unless given"}
    )
    mapping = fields.Dict(
        keys=fields.String(validate=NAME),
        values=fields.String(validate=NAME),
        load_default=dict,
        validate=validate.Length(max=MOST_MAPPED),
        metadata={"description": "Ids of elements that are gone, each with the id of the element that takes its place"},
    )


class MigrationOrder(AssessmentOrder):
    """Which instances go on in which version."""

    instances = fields.List(
        fields.String(validate=NAME),
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=MOST_CHOSEN),
        metadata={"description": "All that run in another version unless given"},
    )
    called = fields.Boolean(
        load_default=False, metadata={"description": "Also what they called, each in the newest version of its process"}
    )


class Hurdle(Strict):
    """Why an instance cannot go on in the other version."""

    code = fields.String(required=True, validate=validate.OneOf(CODES))
    element = fields.String(required=True)
    detail = fields.String(required=True)


class Fate(Strict):
    """What would become of an instance; `elements`: where it stands."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    version = fields.Integer(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    elements = fields.List(fields.String(), required=True)
    hurdles = fields.List(fields.Nested(Hurdle), required=True)


class Assessment(Strict):
    """What would become of all; `instances` names the first thousand."""

    version = fields.Integer(required=True)
    counts = fields.Dict(keys=fields.String(validate=validate.OneOf(OUTCOMES)), values=fields.Integer(), required=True)
    instances = fields.List(fields.Nested(Fate), required=True)


class Migration(Strict):
    """A migration; `counts`: its instances by state."""

    id = fields.String(required=True)
    process = fields.String(required=True)
    version = fields.Integer(required=True)
    mapping = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    created_at = fields.DateTime(required=True)
    created_by = fields.String(required=True)
    undone_by = fields.String(required=True, allow_none=True)
    counts = fields.Dict(keys=fields.String(validate=validate.OneOf(STATES)), values=fields.Integer(), required=True)


class MigrationPage(Page):
    items = fields.List(fields.Nested(Migration), required=True)


class MigrationStepQuery(Paging):
    state = fields.String(validate=validate.OneOf(STATES))


class MigrationStep(Strict):
    """One instance of a migration."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    process = fields.String(required=True)
    from_version = fields.Integer(required=True)
    to_version = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    hurdles = fields.List(fields.Nested(Hurdle), required=True)


class MigrationStepPage(Page):
    items = fields.List(fields.Nested(MigrationStep), required=True)


class Undone(Strict):
    """How many instances are tried to be taken back."""

    instances = fields.Integer(required=True)
