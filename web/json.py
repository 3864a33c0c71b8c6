"""JSON at the border: what a body may hold, and how answers are written."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import chain
from typing import Any, NoReturn

from flask import Response, request
from flask.json.provider import JSONProvider

from feel import wire
from feel.host import to_json
from feel.text import text
from web.errors import RequestRefused
from web.runtime import settings


class Provider(JSONProvider):
    """Flask's JSON: decimals and FEEL temporal values as plain JSON."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return dump(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return wire.load(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        return answer(self._prepare_response_obj(args, kwargs))


def dump(value: object) -> bytes:
    """A value as JSON bytes."""
    return wire.dump(value, _plain)


def answer(value: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(dump(value), status=status, content_type="application/json")


def body(*, required: bool = True, maximum: int | None = None) -> Any:
    """The JSON value of this request. Without a body: `{}` when not `required`.

    Raises RequestRefused: 413 too large, 415 not JSON by its content type, 400 broken, too deep, duplicate keys, or NUL characters.
    """
    raw = read(settings().json_bytes if maximum is None else maximum)
    if not raw and not required:
        return {}
    if not (request.is_json or not raw):
        raise RequestRefused(415, text("Le contenu doit être du JSON, annoncé par « Content-Type: application/json »."))
    return parse(raw, settings().json_depth)


def read(maximum: int) -> bytes:
    """The raw body of this request. Raises RequestRefused 413."""
    if request.content_length is not None and request.content_length > maximum:
        raise RequestRefused(413)
    request.max_content_length = maximum
    return request.get_data()


def parse(raw: bytes, depth: int) -> Any:
    """A JSON value; refused besides: nesting deeper than `depth`, a key twice in one object, NUL characters."""
    try:
        value = wire.load(raw)
        if b"{" in raw and wire.dump(value) != raw:  # what is written again as it came has no key twice
            json.loads(raw, object_pairs_hook=_pairs)
    except (ValueError, RecursionError) as error:
        raise _broken(error, raw) from error
    if raw.count(b"[") + raw.count(b"{") > depth or b"\\u0000" in raw:
        _check(value, depth)
    return value


def _pairs(pairs: list[tuple[str, object]]) -> None:
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise RequestRefused(400, text("La clé « %(key)s » figure deux fois dans le même objet JSON.", key=twice[:100]))


def _check(value: object, depth: int) -> None:
    """Walk level by level: the loop is as deep as the value, its memory as large as one level."""
    level = [value]
    for _ in range(depth + 1):
        if any(isinstance(each, str) and "\x00" in each for each in level):
            raise RequestRefused(400, text("Le JSON contient un caractère nul, qui ne peut pas être enregistré."))
        children = (_children(each) for each in level if isinstance(each, dict | list))
        level = list(chain.from_iterable(children))
        if not level:
            return
    raise RequestRefused(400, text("Le JSON imbrique trop de niveaux (%(depth)s au plus).", depth=depth))


def _children(value: dict[str, object] | list[object]) -> list[object]:
    return [*value.keys(), *value.values()] if isinstance(value, dict) else value


def _broken(error: Exception, raw: bytes) -> RequestRefused:
    if not _is_utf8(raw):
        return RequestRefused(400, text("Le JSON doit être écrit en UTF-8, sans marque d’ordre des octets."))
    line, column = getattr(error, "lineno", None), getattr(error, "colno", None)
    if line and column:
        message = text("Le JSON est mal formé (ligne %(line)s, colonne %(column)s).", line=line, column=column)
        return RequestRefused(400, message)
    return RequestRefused(400, text("Le JSON est mal formé."))


def _is_utf8(raw: bytes) -> bool:
    """RFC 8259, section 8.1."""
    try:
        return not raw.decode().startswith("\ufeff")
    except UnicodeDecodeError:
        return False


def _plain(value: object) -> object:
    plain = to_json(value)
    if plain is value or isinstance(plain, Decimal):
        _unwritable(value)
    return plain


def _unwritable(value: object) -> NoReturn:
    raise TypeError(f"{type(value).__name__} has no JSON form")
