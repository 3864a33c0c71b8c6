"""Connectors `instances.find` and `instances.count`: what other cases of a process are like, for a step that decides among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from engine import instances
from engine.actors import SYSTEM
from engine.connectors import Inputs
from engine.instances import InstanceRow
from engine.pages import MOST
from feel.errors import FeelError
from feel.expression import compile as compile_expression
from feel.text import text
from webhooks.connectors.connector import Context, invalid_input, text_of

MAXIMUM = 1_000
QUESTION = Inputs(frozenset({"process"}), frozenset({"state", "business_key", "where", "fields", "limit"}))
STATES = frozenset({"running", "completed", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: cases of `process`, whose variables `where` accepts, with the variables of `fields` (None: all)."""

    process: str
    state: str | None
    business_key: str | None
    where: Mapping[str, object] | str | None
    fields: tuple[str, ...] | None
    limit: int


@dataclass(frozen=True, slots=True)
class Found:
    """A case and its variables."""

    row: InstanceRow
    variables: Mapping[str, object]


def find_instances(given: Mapping[str, object], context: Context) -> object:
    """`{process, state?, business_key?, where?, fields?, limit?}` → `{self, total, items: [{id, business_key, title,
    state, started_at, variables}]}`.

    `where`: values by variable, or a FEEL condition over the variables of each case. The asking case, and the one at the root of its
    call tree, are never among the items; `total` counts also those beyond `limit`.
    """
    question = _question(given)
    found = _matching(question, context)
    items = [_item(each, question.fields) for each in found[: question.limit]]
    return {"self": str(context.instance_id), "total": len(found), "items": items}


def count_instances(given: Mapping[str, object], context: Context) -> object:
    """The same question → `{self, total}`."""
    return {"self": str(context.instance_id), "total": len(_matching(_question(given), context))}


def _matching(question: Question, context: Context) -> list[Found]:
    with context.sessions.reading() as session:
        own = instances.find(session, context.instance_id, SYSTEM)
        rows = [row for row in _rows(session, question) if row.id not in (own.id, own.root_id)]
        variables = instances.variables(session, [int(row.id) for row in rows])
    found = [Found(row, variables[int(row.id)]) for row in rows]
    return [each for each in found if _accepts(question.where, each, context)]


def _rows(session: Session, question: Question) -> Iterator[InstanceRow]:
    cursor: str | None = None
    seen = 0
    while seen < MAXIMUM:
        page = instances.page(
            session,
            SYSTEM,
            process=question.process,
            state=question.state,
            business_key=question.business_key,
            cursor=cursor,
            limit=MOST,
        )
        yield from page.items
        seen += len(page.items)
        cursor = page.cursor
        if cursor is None:
            return
    raise invalid_input(text("Plus de %(most)s dossiers répondent : précisez la question.", most=MAXIMUM))


def _accepts(where: Mapping[str, object] | str | None, found: Found, context: Context) -> bool:
    if where is None:
        return True
    if isinstance(where, str):
        return compile_expression(where, found.variables).evaluate(found.variables, now=context.now) is True
    return all(found.variables.get(key) == value for key, value in where.items())


def _item(found: Found, fields: tuple[str, ...] | None) -> dict[str, object]:
    row = found.row
    names = found.variables if fields is None else fields
    return {
        "id": row.id,
        "business_key": row.business_key,
        "title": row.title,
        "state": row.state,
        "started_at": row.created_at.isoformat(),
        "variables": {name: found.variables.get(name) for name in names},
    }


def _question(given: Mapping[str, object]) -> Question:
    state = given.get("state")
    if state is not None and state not in STATES:
        raise invalid_input(text("« state » vaut running, completed, failed ou cancelled."))
    return Question(
        text_of(given, "process"),
        state if isinstance(state, str) else None,
        text_of(given, "business_key") if given.get("business_key") is not None else None,
        _where(given.get("where")),
        _fields(given.get("fields")),
        _limit(given.get("limit", MOST)),
    )


def _where(value: object) -> Mapping[str, object] | str | None:
    if isinstance(value, str):
        try:
            compile_expression(value)
        except FeelError as error:
            raise invalid_input(text("« where » n’est pas une expression FEEL.")) from error
    elif value is not None and not isinstance(value, Mapping):
        raise invalid_input(text("« where » est un contexte de valeurs par variable, ou une expression FEEL."))
    return value


def _fields(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise invalid_input(text("« fields » est une liste de noms de variables."))
    return tuple(value)


def _limit(value: object) -> int:
    if not isinstance(value, int | Decimal) or not 1 <= value <= MAXIMUM:
        raise invalid_input(text("« limit » doit être un nombre entre 1 et %(most)s.", most=MAXIMUM))
    return int(value)
