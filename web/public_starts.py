"""What anybody may start without an account: start events of published processes that have a `publicPath`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine import versions
from engine.spiff.definition import Definition, Start
from forms.components import Form
from web.typography import french

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


@dataclass(frozen=True)
class PublicStart:
    """A public form and the start event that it leads to."""

    slug: str
    title: str
    documentation: str
    process: str
    process_name: str
    element_id: str
    form: Form


def opened(session: Session) -> list[PublicStart]:
    """All of them, in the order of the processes' names."""
    found: list[PublicStart] = []
    for row in versions.processes(session, limit=200).items:
        definition = versions.definition(session, row.version_id)
        found += [start for start in _public(definition) if start.slug not in {each.slug for each in found}]
    return found


def find(session: Session, slug: str) -> PublicStart | None:
    """The public form at this path."""
    return next((start for start in opened(session) if start.slug == slug), None)


def _public(definition: Definition) -> Iterator[PublicStart]:
    for start in definition.starts:
        path = start.properties.get("publicPath", "").strip("/")
        form = definition.forms.get(start.form_key or "")
        if SLUG.fullmatch(path) and isinstance(form, Form):
            yield _start(definition, start, path, form)


def _start(definition: Definition, start: Start, path: str, form: Form) -> PublicStart:
    element = definition.elements[start.element_id]
    title = start.properties.get("publicTitle") or element.name or definition.name
    return PublicStart(
        path, french(title), french(element.documentation), definition.key, french(definition.name), element.id, form
    )
