"""What outside systems are told: the types of events, and the body of each as a CloudEvent (CloudEvents 1.0, JSON format, structured).

A body is thin: which process, instance and step, and when. Whatever may be personal is in it only where a subscription names the field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.history import Written
from feel import wire
from feel.host import to_json

PREFIX = "tikub."
TEST = "test"
TYPES: Mapping[str, str] = {
    "instance.started": "instance.started",
    "instance.completed": "instance.completed",
    "instance.failed": "instance.failed",
    "instance.cancelled": "instance.cancelled",
    "element.entered": "step.entered",
    "element.completed": "step.completed",
    "task.created": "task.created",
    "task.claimed": "task.assigned",
    "task.assigned": "task.assigned",
    "task.completed": "task.completed",
    "message.sent": "message.sent",
    "incident.opened": "incident.opened",
    "incident.resolved": "incident.resolved",
    "version.published": "version.published",
}
"""What the history calls it, and what it is called outside. The rest of the history is of no use there."""
NAMES = tuple(dict.fromkeys(TYPES.values()))
PLAIN = {"instance.failed": ("code",), "message.sent": ("name",), "incident.opened": ("code",), "version.published": ("version", "name")}
"""Data of the history that name things of the diagram and nobody, so that every body has them."""
FIELD = re.compile(r"actor|business_key|title|(?:data|variables)\.[^\s.\x00]{1,100}")
LARGEST = 65_536
"""Bytes of a body; one that chosen fields make larger goes without them and says so."""
MEDIA_TYPE = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the history as the outside knows it: `type` is one of NAMES."""

    type: str
    entry: Mapping[str, Any]
    of: Written

    @property
    def at(self) -> datetime:
        moment: datetime = self.entry["at"]
        return moment

    @property
    def step(self) -> str | None:
        """The id of the element; None when it is about the whole instance."""
        return self.entry["element"] or None

    def context(self) -> dict[str, object]:
        """What the filter of a subscription sees."""
        return {
            "type": self.type,
            "process": self.of.process,
            "step": self.step,
            "step_type": self.entry["element_type"] or None,
            "actor": self.entry["actor"],
            "business_key": self.of.business_key,
            "title": self.of.title,
            "data": dict(self.entry["data"]),
            "variables": dict(self.of.variables()),
        }

    def field(self, path: str) -> object:
        """The value of a field that a subscription names (FIELD); None when there is none."""
        place, _, name = path.partition(".")
        if place == "variables":
            return to_json(self.of.variables().get(name))
        if place == "data":
            return self.entry["data"].get(name)
        return {"actor": self.entry["actor"], "business_key": self.of.business_key, "title": self.of.title}[place]


def happenings(written: Sequence[Written]) -> list[Happening]:
    """What of a transaction's entries concerns the outside, in order."""
    return [Happening(TYPES[entry["type"]], entry, each) for each in written for entry in each.entries if entry["type"] in TYPES]


def body(happening: Happening, identifier: str, fields: Sequence[str], *, source: str) -> bytes:
    """The CloudEvent of a happening, with the fields chosen. `source`: address of this server, may be empty."""
    entry, of = happening.entry, happening.of
    data: dict[str, object] = {"process": of.process}
    if of.instance_id is not None:
        data |= {"instance": str(of.instance_id), "sequence": entry["seq"]}
    if happening.step:
        data |= {"step": happening.step, "step_type": entry["element_type"]}
    data |= {name: entry["data"][name] for name in PLAIN.get(happening.type, ()) if name in entry["data"]}
    thin = _event(happening.type, identifier, f"{source}/processes/{of.process}", happening.at, data, of.instance_id)
    if not fields:
        return wire.dump(thin)
    full = wire.dump(thin | {"data": data | {"fields": {path: happening.field(path) for path in fields}}})
    return full if len(full) <= LARGEST else wire.dump(thin | {"data": data | {"fields_omitted": "too-large"}})


def test_body(identifier: str, subscription: str, at: datetime, *, source: str) -> bytes:
    """The CloudEvent that tries a subscription."""
    return wire.dump(_event(TEST, identifier, f"{source}/subscriptions", at, {"subscription": subscription}, None))


def _event(kind: str, identifier: str, source: str, at: datetime, data: Mapping[str, object], instance_id: int | None) -> dict[str, object]:
    made: dict[str, object] = {
        "specversion": "1.0",
        "id": identifier,
        "source": source,
        "type": PREFIX + kind,
        "time": at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": data,
    }
    return made if instance_id is None else made | {"subject": str(instance_id)}
