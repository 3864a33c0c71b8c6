"""The options that a choice offers: written in the form, found in a variable, or computed.

A browser posts texts, so each option also has a token; the value that the process gets keeps its type.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

from feel.host import to_json
from forms import limits
from forms.components import Component, Option
from forms.french import shown
from forms.scope import Scope, at
from forms.templates import Template


def options(component: Component, scope: Scope) -> tuple[Option, ...]:
    """What may be chosen now. A source that gives no list gives no options."""
    if "valuesExpression" in component.settings:
        return _found(scope.setting(component.settings["valuesExpression"]))
    if key := component.settings.get("valuesKey"):
        return _found(at(scope.names, [str(key)]))
    return component.options


def token(value: object) -> str:
    """The text that stands for an option in a browser: a text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(to_json(value), sort_keys=True, ensure_ascii=False, default=str)


def same(one: object, other: object) -> bool:
    """Equality as JSON has it: 1 and 1.0 are equal, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


def find(offered: Sequence[Option], value: object) -> Option | None:
    """The option with this value."""
    return next((option for option in offered if same(option.value, value)), None)


def _found(source: object) -> tuple[Option, ...]:
    if not isinstance(source, list | tuple):
        return ()
    read = (_option(item) for item in source[: limits.OPTIONS])
    return tuple(option for option in read if option is not None)


def _option(item: object) -> Option | None:
    if isinstance(item, Mapping):
        value, label, hint = item.get("value"), item.get("label"), item.get("hint")
        if value in (None, "", {}):
            return None
        note = Template(hint, (hint,)) if isinstance(hint, str) else Template()
        return Option(_plain(value), label if isinstance(label, str) and label else shown(value), note)
    if isinstance(item, str | int | float | Decimal) and item != "":
        return Option(_plain(item), shown(item))
    return None


def _plain(value: object) -> object:
    return value if isinstance(value, str | bool | int) else to_json(value)
