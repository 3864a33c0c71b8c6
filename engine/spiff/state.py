"""The stored state of an instance: compact JSON, values that JSON lacks in tagged form, a format number so that it can evolve.

Specs are not stored: they belong to the definition. Only what is alive is, and large variables lie beside it (`large.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from engine.spiff.data import Local
from engine.spiff.definitions import ConditionalEvent
from engine.spiff.failures import StateUnreadable, Unstorable
from engine.spiff.hindsight import hindsight, is_needed
from engine.spiff.instance import Instance, inner_of
from engine.spiff.large import LARGE, Beside, Kept, Read, Variables
from engine.spiff.scope import Scope, layer, own
from engine.spiff.tokens import READY, WAITING, Token
from engine.spiff.workflow import Inner, TokenFlow
from feel.temporal import Date, DateTime, DaysTime, Time, YearsMonths
from feel.text import text

if TYPE_CHECKING:
    from engine.spiff.definition import Definition

FORMAT = 1
FORMAT_WITH_LARGE = 2
"""That of a state with variables kept beside it: a program that knows the first alone refuses it rather than lose them."""
MAXIMUM_BYTES = 20_000_000
FLOW_FIELDS = frozenset(("waiting_tokens", "activated", "pending", "compensable", "interrupted", "ended", "ad_hoc", "conversation"))
TAG = "$"
_OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
_TEMPORAL: dict[str, type] = {each.__name__: each for each in (Date, DateTime, Time, DaysTime, YearsMonths)}


def dump(instance: Instance, *, beside: bool = False) -> bytes:
    """The state of an instance that waits; `beside`: without its large variables, which `instance.beside` then keeps.

    Raises Unstorable when it is too large.
    """
    variables, typed, large = _dump_variables(instance, beside=beside)
    inners = [[key, _dump_flow(inner)] for key, inner in instance.subprocesses.items()]
    past = instance.past.changes if instance.past.changes and is_needed(instance.flows()) else []
    flows, flows_are_typed = _packed([_dump_flow(instance), inners, past] if past else [_dump_flow(instance), inners])
    content = orjson.dumps(
        {
            "format": FORMAT_WITH_LARGE if large else FORMAT,
            "key": instance.definition.key,
            "last": instance.openings.last_id,
            "state": instance.state,
            "error": instance.error_code,
            **({"called": True} if instance.is_called else {}),
            "variables": variables,
            "typed": typed,
            **({"large": {name: list(each) for name, each in large.items()}} if large else {}),
            "flows": orjson.Fragment(flows),
            "flows_typed": flows_are_typed,
        }
    )
    if len(content) + sum(each.size for each in large.values()) > MAXIMUM_BYTES:
        raise Unstorable(text("L’instance dépasse %(size)s Mo.", size=MAXIMUM_BYTES // 1_000_000))
    return content


def _dump_variables(instance: Instance, *, beside: bool) -> tuple[dict[str, object], list[str], dict[str, Kept]]:
    """The variables in JSON, the names of those that hold tags, and what is kept beside; that has null in its place."""
    variables: dict[str, object] = {}
    typed: list[str] = []
    large: dict[str, Kept] = {}
    scope, kept = instance.scope, instance.beside.kept
    for name in scope:
        if beside and isinstance(scope, Variables) and scope.is_unread(name):
            variables[name], large[name] = None, kept[name]
            continue
        packed, is_typed = _packed(scope[name])
        if beside and len(packed) >= LARGE:
            variables[name], large[name] = None, instance.beside.keep(name, packed, typed=is_typed)
            continue
        variables[name] = orjson.Fragment(packed)
        if is_typed:
            typed.append(name)
    if beside:
        instance.beside.kept = large
    return variables, typed, large


def restore(definition: Definition, content: bytes, now: datetime, read: Read | None = None) -> Instance:
    """The instance that `dump` stored; `read` gives what it kept beside. Raises StateUnreadable."""
    try:
        state = orjson.loads(content)
        if state["format"] not in (FORMAT, FORMAT_WITH_LARGE) or state["key"] != definition.key:
            raise StateUnreadable
        return _restore(definition, state, now, read)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise StateUnreadable from error


def _dump_flow(flow: TokenFlow) -> dict[str, object]:
    root = flow.task_tree
    found: dict[str, object] = {"tokens": [_dump_token(token, root) for token in flow.tasks.values() if token is not root]}
    if isinstance(flow, Inner) and flow.spec.declared and isinstance(flow.scope, Local):
        found["data"] = dict(flow.scope.maps[0])
    for name in sorted(FLOW_FIELDS):
        value = getattr(flow, name)
        if value or (name == "ad_hoc" and value is not None):
            found[name] = value
    return found


def _dump_token(token: Token, root: Token) -> list[object]:
    parent = "" if token._parent == root.id else token._parent
    scope = token.data.around if isinstance(token.data, Local) and "io" in token.internal_data else token.data
    local = dict(own(scope)) if token.internal_data.keys() & {"iteration", "snapshot"} else None
    return [token.id, token.task_spec.name, int(token._state), parent, token.internal_data, local]


def _restore(definition: Definition, state: dict[str, Any], now: datetime, read: Read | None) -> Instance:
    variables: Scope = state["variables"]
    for name in state["typed"]:
        variables[name] = _untagged(variables[name])
    flows: Any = _untagged(state["flows"]) if state["flows_typed"] else state["flows"]
    flow, inners, *past = flows
    beside = Beside({name: Kept(*fields) for name, fields in state.get("large", {}).items()})
    if beside.kept:
        if read is None:
            raise StateUnreadable
        beside.stored = {each.ref for each in beside.kept.values()}
        variables = Variables(state["variables"], beside.kept, read, _unpacked)
    instance = Instance(definition, definition.spec, variables, now)
    instance.beside = beside
    instance.openings.last_id = state["last"]
    instance.state, instance.error_code = state["state"], state["error"]
    instance.is_called = state.get("called", False)
    instance.past.restore(past[0] if past else [])
    _restore_flow(instance, flow)
    for key, saved in inners:
        parent = instance.token(key)
        if parent is None:
            raise StateUnreadable
        inner = instance.subprocesses[key] = inner_of(parent)
        _restore_flow(inner, saved)
    return instance


def _restore_flow(flow: TokenFlow, saved: dict[str, Any]) -> None:
    for name in FLOW_FIELDS & saved.keys():
        setattr(flow, name, saved[name])
    if isinstance(flow.scope, Local) and "data" in saved:
        flow.scope.maps[0].update(saved["data"])
    for row in saved["tokens"]:
        _restore_token(flow, row)


def _restore_token(flow: TokenFlow, row: list[Any]) -> None:
    token_id, name, state, parent_id, internal, local = row
    parent = flow.tasks[parent_id] if parent_id else flow.task_tree
    token = Token(flow, flow.spec.task_specs[name], parent, state, id=token_id)
    token.internal_data = internal
    scope = parent.data if parent_id else flow.scope
    if "snapshot" in internal:
        scope = hindsight(flow, internal["snapshot"], local)
    if "io" in internal:
        scope = Local(internal["io"], scope, token.task_spec.data.names)
    token.data = layer(scope, local) if "iteration" in internal else scope
    top = token.top
    for slot, ref in internal.get("open", {}).items():
        top.openings.refs[ref] = (token, slot)
    if state == READY and "task" not in internal.get("open", {}):
        top.enqueue(token)
    if state == WAITING:
        top.event_manager.tasks[token_id] = token
        top.conditions += any(isinstance(event, ConditionalEvent) for event in token.task_spec.events)


def _packed(value: object) -> tuple[bytes, bool]:
    """The value in JSON, and whether it holds tags. Only values that look as if they had tags of their own take the slow way."""
    tags = 0

    def tagged(part: object) -> object:
        nonlocal tags
        tags += 1
        return _tag(part)

    try:
        content = orjson.dumps(value, default=tagged, option=_OPTIONS)
    except TypeError:
        return orjson.dumps(_tagged(value), option=_OPTIONS), True
    if content.count(b'"$') != tags:
        return orjson.dumps(_tagged(value), option=_OPTIONS), True
    return content, tags > 0


def _unpacked(content: bytes, typed: bool) -> object:  # noqa: FBT001  the signature of `large.Unpack`
    value = orjson.loads(content)
    return _untagged(value) if typed else value


def _tag(value: object) -> object:
    """`{"$": kind, "v": …}` for what JSON lacks, its parts still as they are."""
    if isinstance(value, Decimal):
        return {TAG: "decimal", "v": str(value)}
    if type(value).__name__ in _TEMPORAL:
        return {TAG: type(value).__name__, "v": [getattr(value, field.name) for field in fields(value)]}  # type: ignore[arg-type]
    raise TypeError(type(value).__name__)


def _tagged(value: object) -> object:
    """The value with all tags written out, also for contexts whose own keys begin with the tag and for integers beyond 64 bits."""
    if isinstance(value, dict):
        pairs = {key: _tagged(each) for key, each in value.items()}
        return {TAG: "context", "v": list(pairs.items())} if any(key.startswith(TAG) for key in pairs) else pairs
    if isinstance(value, list | tuple):
        return [_tagged(each) for each in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return {TAG: "int", "v": str(value)}
    if isinstance(value, Decimal) or type(value).__name__ in _TEMPORAL:
        return _tagged_parts(_tag(value))
    return value


def _tagged_parts(tag: object) -> object:
    return {name: _tagged(part) for name, part in tag.items()} if isinstance(tag, dict) else tag


def _untagged(value: object) -> object:
    if isinstance(value, list):
        return [_untagged(each) for each in value]
    if not isinstance(value, dict):
        return value
    if TAG not in value:
        return {key: _untagged(each) for key, each in value.items()}
    return _READERS[value[TAG]](value["v"])


def _temporal(kind: type) -> Callable[[Any], object]:
    """Reads a temporal value by its fields, nested ones included."""
    return lambda values: kind(*(_untagged(each) for each in values))


_READERS: dict[str, Callable[[Any], object]] = {
    "decimal": Decimal,
    "int": int,
    "context": lambda pairs: {key: _untagged(each) for key, each in pairs},
    **{name: _temporal(kind) for name, kind in _TEMPORAL.items()},
}
