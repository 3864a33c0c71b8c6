"""The JSON of the calls about subscriptions, deliveries and events to fetch."""

from __future__ import annotations

from marshmallow import fields, validate

from web.api.fields import Limit, Moment
from web.api.schemas import LIMIT, NAME, Page, Paging, Strict
from webhooks.events import FIELD, NAMES
from webhooks.subscriptions import LONGEST_URL, MOST_FIELDS

STATES = ("active", "paused", "disabled")
DELIVERIES = ("pending", "delivered", "dead", "fresh", "kept")
REPLAYABLE = ("delivered", "dead")
MOST_IDS = 1_000


class SubscriptionOrder(Strict):
    """What to be told of. What is left out means anything."""

    name = fields.String(required=True, validate=NAME)
    url = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=LONGEST_URL),
        metadata={"description": "Where to send, https; null: events are kept to be fetched from `/events`"},
    )
    process = fields.String(load_default=None, allow_none=True, validate=NAME)
    step = fields.String(load_default=None, allow_none=True, validate=NAME, metadata={"description": "Id of the element"})
    types = fields.List(fields.String(validate=validate.OneOf(NAMES)), load_default=list)
    filter = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=5_000),
        metadata={
            "description": "FEEL over `type`, `process`, `step`, `step_type`, `actor`, `business_key`, `title`, `data`, `variables`: "
            "only what makes it true is told"
        },
    )
    fields_ = fields.List(
        fields.String(validate=validate.Regexp(rf"^(?:{FIELD.pattern})\Z")),
        load_default=list,
        validate=validate.Length(max=MOST_FIELDS),
        data_key="fields",
        metadata={"description": "Added to the thin body: `variables.NAME`, `data.NAME`, `actor`, `business_key`, `title`"},
    )
    ordered = fields.Boolean(load_default=False, metadata={"description": "Events of one instance one after the other"})


class SubscriptionEntry(Strict):
    at = fields.DateTime(required=True)
    actor = fields.String(required=True)
    type = fields.String(required=True)
    data = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), required=True)


class Subscription(SubscriptionOrder):
    """A subscription and how it fares."""

    id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    reason = fields.String(allow_none=True, metadata={"description": "Why it is disabled: `gone` (410) or `failing` (for five days)"})
    created_by = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    failures = fields.Integer(required=True, metadata={"description": "Failed attempts in a row"})
    failing_since = fields.DateTime(allow_none=True)
    rests_until = fields.DateTime(allow_none=True, metadata={"description": "Nothing is sent until then"})


class SubscriptionDetails(Subscription):
    deliveries = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True, metadata={"description": "How many in each state"}
    )
    history = fields.List(fields.Nested(SubscriptionEntry), required=True)


class SubscriptionMade(Subscription):
    secret = fields.String(allow_none=True, metadata={"description": "`whsec_…`, in this answer alone; null where nothing is sent"})


class SubscriptionPage(Page):
    items = fields.List(fields.Nested(Subscription), required=True)


class Secret(Strict):
    secret = fields.String(allow_none=True, required=True, metadata={"description": "`whsec_…`, in this answer alone"})


class DeliveryQuery(Paging):
    subscription = fields.String(required=True, validate=NAME)
    state = fields.String(validate=validate.OneOf(DELIVERIES))
    since = Moment()
    until = Moment()


class Delivery(Strict):
    """An event for a subscription."""

    id = fields.String(required=True)
    event_id = fields.String(required=True, metadata={"description": "`webhook-id` of every attempt, and `id` of the CloudEvent"})
    subscription = fields.String(required=True)
    instance_id = fields.String(allow_none=True)
    type = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(DELIVERIES))
    reason = fields.String(allow_none=True, metadata={"description": "Of a dead one: `exhausted`, `gone`, `failing`, `disabled`, `filter`"})
    attempts = fields.Integer(required=True)
    due = fields.DateTime(allow_none=True, metadata={"description": "When it is sent next"})
    created_at = fields.DateTime(required=True)
    ended_at = fields.DateTime(allow_none=True)


class DeliveryPage(Page):
    items = fields.List(fields.Nested(Delivery), required=True)


class DeliveryAttempt(Strict):
    number = fields.Integer(required=True)
    at = fields.DateTime(required=True)
    milliseconds = fields.Integer(required=True)
    status = fields.Integer(allow_none=True)
    error = fields.String(allow_none=True, metadata={"description": "`timeout`, `unreachable` or `address-refused`"})
    answer = fields.String(allow_none=True, metadata={"description": "Beginning of the body of a refusal"})


class DeliveryDetails(Delivery):
    body = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), required=True)
    log = fields.List(fields.Nested(DeliveryAttempt), required=True)


class DeliveryMade(Strict):
    delivery = fields.String(required=True)


class ReplayOrder(Strict):
    """Which deliveries of a subscription to send again: these, or all that were made in a time, of these states."""

    subscription = fields.String(required=True, validate=NAME)
    deliveries = fields.List(fields.String(validate=NAME), load_default=list, validate=validate.Length(max=MOST_IDS))
    since = Moment(load_default=None, allow_none=True)
    until = Moment(load_default=None, allow_none=True)
    states = fields.List(fields.String(validate=validate.OneOf(REPLAYABLE)), load_default=lambda: ["dead"])


class Replayed(Strict):
    replayed = fields.Integer(required=True)


class EventQuery(Strict):
    subscription = fields.String(required=True, validate=NAME)
    after = fields.Integer(
        load_default=0, validate=validate.Range(min=0, max=(1 << 63) - 1), metadata={"description": "`last` of the answer before"}
    )
    limit = Limit(load_default=50, metadata={"minimum": 1, "description": LIMIT})


class Events(Strict):
    items = fields.List(
        fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True)), required=True, metadata={"description": "CloudEvents 1.0"}
    )
    last = fields.Integer(required=True, metadata={"description": "Keep it once these are dealt with; ask `after` it next"})
