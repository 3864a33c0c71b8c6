"""Connector `opendatasoft`: what does the open data portal hold? Asks the Explore API 2.1 (GET only, no key)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import quote

from feel.text import text
from webhooks.connectors.connector import CallFailed, Context, invalid_input, text_of, unreachable
from webhooks.http import Answer, Unreachable, get

SYSTEM = "Portail open data"


def ask_portal(given: Mapping[str, object], context: Context) -> object:
    """One data set by its id, or those that contain some words.

    `{dataset_id}` → `{dataset_id, found, title, records_count, modified, license, publisher, url}`; business error
    `DATASET_NOT_FOUND`: the portal does not know that data set.
    `{search, limit?}` → `{total_count, results: [{dataset_id, title}]}`.
    """
    try:
        return _search(given, context) if "search" in given else _dataset(given, context)
    except Unreachable as error:
        raise unreachable(SYSTEM) from error


def _dataset(given: Mapping[str, object], context: Context) -> dict[str, object]:
    dataset_id = text_of(given, "dataset_id")
    path = f"/catalog/datasets/{quote(dataset_id, safe='')}"
    answer = _get(path, {}, context)
    if answer.status in (400, 404):
        message = text("Le portail ne connaît pas le jeu de données « %(id)s ».", id=dataset_id)
        raise CallFailed("DATASET_NOT_FOUND", message, business=True)
    body = _object(answer)
    if body.get("dataset_id") != dataset_id:
        raise unreachable(SYSTEM)
    return {"dataset_id": dataset_id, "found": True, **_metas(body), "url": context.outside.opendatasoft_url + path}


def _search(given: Mapping[str, object], context: Context) -> dict[str, object]:
    words, limit = text_of(given, "search"), given.get("limit", 10)
    if not isinstance(limit, int | Decimal) or not 1 <= limit <= 100:
        raise invalid_input(text("« limit » doit être un nombre entre 1 et 100."))
    quoted = words.replace("\\", "\\\\").replace('"', '\\"')
    body = _object(_get("/catalog/datasets", {"where": f'search("{quoted}")', "limit": str(int(limit))}, context))
    results = body.get("results")
    if not isinstance(results, list) or not all(isinstance(each, dict) for each in results):
        raise unreachable(SYSTEM)
    found = [{"dataset_id": each.get("dataset_id"), "title": _metas(each)["title"]} for each in results]
    return {"total_count": body.get("total_count"), "results": found}


def _get(path: str, parameters: Mapping[str, str], context: Context) -> Answer:
    return get(context.outside.opendatasoft_url, path, parameters, context.outside.limits, now=context.now)


def _object(answer: Answer) -> Mapping[str, object]:
    body = answer.json() if answer.status == 200 else None
    if not isinstance(body, dict):
        raise unreachable(SYSTEM, retry_after=answer.retry_after)
    return body


def _metas(body: Mapping[str, object]) -> dict[str, object]:
    metas = body.get("metas")
    default = metas.get("default") if isinstance(metas, dict) else None
    values = default if isinstance(default, dict) else {}
    return {key: values.get(key) for key in ("title", "records_count", "modified", "license", "publisher")}
