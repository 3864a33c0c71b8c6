"""Built-ins on contexts (DMN 1.5, 10.3.4.9)."""

from __future__ import annotations

from feel.builtins.signatures import builtin
from feel.errors import EvaluationError
from feel.limits import check_size, spend
from feel.text import text

MAX_KEYS = 60

Context = dict[str, object]


@builtin("get value", "m: context, key: string")
def get_value(context: Context, key: str) -> object:
    """The entry of a key; null without one."""
    if key not in context:
        raise EvaluationError(text("le contexte n’a pas d’entrée « %(name)s »", name=key[:60]))
    return context[key]


@builtin("get entries", "m: context")
def get_entries(context: Context) -> list[object]:
    """The entries as a list of contexts with `key` and `value`."""
    spend(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "entries: list")
def make_context(entries: list[object]) -> Context:
    """A context from a list of contexts with `key` and `value`."""
    spend(len(entries))
    result: Context = {}
    for entry in entries:
        if not isinstance(entry, dict) or "value" not in entry or not isinstance(entry.get("key"), str):
            raise EvaluationError(text("chaque entrée a une clé (key) et une valeur (value)"))
        if entry["key"] in result:
            raise EvaluationError(text("la clé « %(key)s » est en double", key=entry["key"]))
        result[entry["key"]] = entry["value"]
    return result


@builtin("context put", "context: context, key: string, value: any")
def context_put(context: Context, key: str, value: object) -> Context:
    """The context with an entry set."""
    spend(len(context))
    check_size(len(context))
    return {**context, key: value}


@builtin("context put", "context: context, keys: real list, value: any")
def context_put_path(context: Context, keys: list[object], value: object) -> Context:
    """The context with an entry of an entry set."""
    if not 0 < len(keys) < MAX_KEYS:
        raise EvaluationError(text("une liste de clés est attendue"))
    key, rest = keys[0], keys[1:]
    if not isinstance(key, str):
        raise EvaluationError(text("une clé est un texte"))
    if not rest:
        return context_put(context, key, value)
    inner = context.get(key)
    if not isinstance(inner, dict):
        raise EvaluationError(text("le contexte n’a pas d’entrée « %(name)s »", name=key))
    return context_put(context, key, context_put_path(inner, rest, value))


@builtin("context merge", "contexts: list")
def context_merge(contexts: list[object]) -> Context:
    """One context of all entries; the last one of a key counts."""
    result: Context = {}
    for context in contexts:
        if not isinstance(context, dict):
            raise EvaluationError(text("une liste de contextes est attendue"))
        spend(len(context) + 1)
        result.update(context)
        check_size(len(result))
    return result
