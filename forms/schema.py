"""The truth about answers: a form's marshmallow schema, built once, and the one function that checks against it.

The hidden is dropped, the unknown refused, the computed computed here. Every problem is named at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from weakref import WeakKeyDictionary

from marshmallow import RAISE, Schema, ValidationError, fields, missing
from marshmallow.exceptions import SCHEMA

from feel.text import Text, text
from forms import limits
from forms.answers.base import Loading, loading
from forms.answers.rows import RowsAnswer
from forms.answers.types import answer
from forms.components import Form, Leaf, Level, author_text
from forms.errors import InvalidAnswers as InvalidAnswers
from forms.errors import TooCostly
from forms.scope import Scope, at
from forms.settling import Settled, settle

Messages = dict[str, list[Text]]

UNKNOWN = text("Ce champ n’existe pas dans ce formulaire\u00a0: retirez-le")
NOT_OBJECT = text("Donnez un objet avec une réponse par champ")
TOO_COSTLY = text("Ce formulaire demande un calcul trop long\u00a0: prévenez la personne qui l’a dessiné")
TOO_MUCH = text("Donnez des réponses plus courtes\u00a0: ensemble, elles dépassent %(max)s caractères", max=limits.ANSWERS_TOTAL)


class AnswersSchema(Schema):
    """The answers of one level. Keys that no field has are refused."""

    class Meta:
        unknown = RAISE
        register = False

    error_messages = {"unknown": UNKNOWN, "type": NOT_OBJECT}  # type: ignore[dict-item]  # noqa: RUF012


_schemas: WeakKeyDictionary[Form, Schema] = WeakKeyDictionary()


def schema(form: Form) -> Schema:
    """The form's schema; built at the first use and kept as long as the form."""
    if (known := _schemas.get(form)) is None:
        known = _schemas[form] = _schema(form.level)()
    return known


def check(form: Form, answers: Mapping[str, object], *, variables: Mapping[str, object], now: datetime) -> dict[str, object]:
    """The cleaned answers; raises `InvalidAnswers` with what to do for each field that is wrong.

    `answers` is JSON: dates are ISO text, numbers int, float or Decimal. Cleaned numbers are int or Decimal, fields
    that were left empty are None (a list: [], a box: False), optional fields that were not sent stay absent.
    """
    cleaned, messages = examine(form, answers, variables=variables, now=now)
    if messages:
        raise InvalidAnswers(messages)
    return cleaned


def examine(
    form: Form, answers: Mapping[str, object], *, variables: Mapping[str, object], now: datetime
) -> tuple[dict[str, object], Messages]:
    """The cleaned answers, or {} with the messages per field path: for pages that look at a part of a form."""
    if not isinstance(answers, Mapping):
        return {}, {"": [NOT_OBJECT]}
    if _weight(answers) > limits.ANSWERS_TOTAL:
        return {}, {"": [TOO_MUCH]}
    try:
        return _examine(form, settle(form, answers, variables, now), variables)
    except TooCostly:
        return {}, {"": [TOO_COSTLY]}


def _examine(form: Form, settled: Settled, variables: Mapping[str, object]) -> tuple[dict[str, object], Messages]:
    token = loading.set(Loading(settled.scope, settled.hidden, variables))
    try:
        cleaned, messages = _load(schema(form), settled.answers)
    finally:
        loading.reset(token)
    for path, message in _broken(form.level, settled.answers, settled.scope, settled.hidden):
        if path not in messages:
            messages[path] = [message]
    return ({} if messages else cleaned), dict(list(messages.items())[: limits.MESSAGES])


def _load(compiled: Schema, answers: Mapping[str, object]) -> tuple[dict[str, object], Messages]:
    try:
        return compiled.load(answers), {}
    except ValidationError as error:
        return {}, dict(_flat(error.messages, ""))


def _schema(level: Level) -> type[Schema]:
    """The schema class of a level: nested where names are dotted or groups have a path."""
    tree: dict[str, object] = {}
    for leaf in level.leaves:
        inner = tree
        for key in leaf.where[:-1]:
            inner = inner.setdefault(key, {})  # type: ignore[assignment]
        inner[leaf.where[-1]] = leaf
    return _class(tree)


def _class(tree: Mapping[str, object]) -> type[Schema]:
    made: dict[str, fields.Field[object]] = {}
    for number, (name, node) in enumerate(tree.items()):
        field = _field(node)
        field.data_key, field.attribute = name, name
        made[f"field_{number}"] = field
    return AnswersSchema.from_dict(made, name="Answers")


def _field(node: object) -> fields.Field[object]:
    if isinstance(node, Leaf):
        return RowsAnswer(node, _schema(node.rows)) if node.rows else answer(node)
    assert isinstance(node, dict)  # noqa: S101  what _schema built
    return GroupAnswers(_class(node))


class GroupAnswers(fields.Field[object]):
    """The answers under one key: those of a group with a path, or of dotted names."""

    def __init__(self, inner: type[Schema]) -> None:
        super().__init__()
        self.inner = inner()

    def deserialize(
        self,
        value: object,
        attr: str | None = None,  # noqa: ARG002
        data: Mapping[str, object] | None = None,  # noqa: ARG002
        **kwargs: object,  # noqa: ARG002  marshmallow's
    ) -> object:
        """The cleaned answers of the group. One that was not sent is checked as empty: it may have required fields."""
        given = value if value is not missing and value is not None else {}
        loaded: object = self.inner.load(given)  # type: ignore[arg-type]  # the schema refuses what is no object
        return missing if loaded == {} else loaded


def _broken(level: Level, answers: object, scope: Scope, hidden: frozenset[str]) -> Iterator[tuple[str, Text]]:
    """The checks between fields that fail, each with the path at which to say so."""
    for path, check_ in level.checks:
        target = scope.prefix + ".".join(part for part in (path, check_.field) if part)
        if target not in hidden and scope.evaluate(check_.when) is True:
            yield target.rstrip("."), author_text(check_.message.render(scope))
    for leaf in level.leaves:
        rows = at(answers, leaf.where) if leaf.rows else None
        for index, row in enumerate(rows if isinstance(rows, list) else []):
            assert leaf.rows  # noqa: S101  rows are only read for lists
            yield from _broken(leaf.rows, row, scope.row(leaf.name, row, index), hidden)


def _flat(messages: object, path: str) -> Iterator[tuple[str, list[Text]]]:
    """Marshmallow's nested messages as one list per path."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _flat(inner, path if key == SCHEMA else f"{path}.{str(key)[: limits.KEY]}".lstrip("."))
    elif isinstance(messages, Sequence):
        yield path, list(messages)


def _weight(value: object, depth: int = 0) -> int:
    """Roughly how many characters JSON would need; too deep counts as too much."""
    if depth > 2 * limits.DEPTH + 4:
        return limits.ANSWERS_TOTAL + 1
    if isinstance(value, str):
        return len(value) + 2
    if isinstance(value, Mapping):
        return sum(len(str(key)) + 3 + _weight(inner, depth + 1) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return sum(1 + _weight(inner, depth + 1) for inner in value)
    return 8
