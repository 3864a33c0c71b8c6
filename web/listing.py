"""Lists as pages: filters from the address, chips that take one away, links that keep the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request, url_for

LONGEST = 200
PER_PAGE = 50


def chosen(*names: str) -> dict[str, str]:
    """The filters in the address, blank ones included."""
    return {name: request.args.get(name, "").strip()[:LONGEST] for name in names}


def link(endpoint: str, filters: Mapping[str, str], **changed: str | None) -> str:
    """This list with some filters changed; blank ones leave the address."""
    values = {**filters, **changed}
    kept: dict[str, Any] = {name: value for name, value in values.items() if value}
    return url_for(endpoint, **kept)


def chips(endpoint: str, filters: Mapping[str, str], said: Mapping[str, str], **kept: str) -> list[tuple[str, str]]:
    """What is filtered, each with the address of the list without it."""
    return [
        (said[name], link(endpoint, {**filters, **kept, name: ""})) for name in filters if filters[name] and name in said
    ]


def pages(endpoint: str, filters: Mapping[str, str], cursor: str | None) -> tuple[str | None, str | None]:
    """Links to the start of the list, when this is not it, and to what follows."""
    first = link(endpoint, filters) if request.args.get("suite") else None
    return first, link(endpoint, filters, suite=cursor) if cursor else None
