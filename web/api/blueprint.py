"""The shape of every call of the API: who may call, what it takes and answers, one transaction. The OpenAPI document reads the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeAlias

import marshmallow
from flask import Response
from flask_smorest import Blueprint

from web import json
from web.access import require_scope
from web.api.arguments import StrictParser
from web.api.idempotency import HEADER, attempt
from web.api.schemas import ProblemDetails
from web.errors import PROBLEM_JSON
from web.transactions import reading, transaction

View: TypeAlias = Callable[..., Any]
Decorator: TypeAlias = Callable[[View], View]
SchemaClass: TypeAlias = type[marshmallow.Schema]
Document: TypeAlias = Mapping[str, Any]

PARSER = StrictParser()
IDEMPOTENCY = {
    "in": "header",
    "name": HEADER,
    "description": "A repeated request with the same key happens once and gets the same answer",
    "schema": {"type": "string", "maxLength": 255},
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `takes` by its schema, or, for what its function reads itself, `body` as an OpenAPI request body. `file`: the
    media type of an answer that is no JSON."""

    path: str
    method: str
    scope: str
    answers: SchemaClass | None
    takes: SchemaClass | None = None
    status: int = 200
    errors: tuple[int, ...] = ()
    body: Document | None = None
    file: str = ""

    @property
    def location(self) -> str:
        """Where what it takes is found."""
        return "query" if self.method == "GET" else "json"


class ApiBlueprint(Blueprint):  # type: ignore[misc]
    """A part of the API. Its functions take a session, then what came with the request, then the parts of the path."""

    ARGUMENTS_PARSER = PARSER

    def query(self, path: str, *, scope: str, answers: SchemaClass | None, **more: Any) -> Decorator:
        """A GET, or a POST that only asks, in a reading transaction; the result is the JSON answer, or a Response as it is."""
        call = Call(path, more.pop("method", "GET"), scope, answers, **more)

        def register(view: View) -> View:
            @wraps(view)
            def run(*args: Any, **kwargs: Any) -> Response:
                with reading() as session:
                    result = view(session, *args, **kwargs)
                return result if isinstance(result, Response) else json.answer(result)

            return self._register(call, run)

        return register

    def command(self, path: str, *, scope: str, answers: SchemaClass | None, **more: Any) -> Decorator:
        """A POST, PUT or DELETE in one transaction; a POST with an `Idempotency-Key` happens once. The result is the JSON answer.

        `once`: members that only the first answer has, since they must not be kept; a repeated one has null there.

        409 is always possible for a POST: another request with the same key is under way.
        """
        method, errors, once = more.pop("method", "POST"), more.pop("errors", ()), more.pop("once", ())
        call = Call(path, method, scope, answers, errors=(*errors, 409) if method == "POST" else errors, **more)

        def register(view: View) -> View:
            @wraps(view)
            def run(*args: Any, **kwargs: Any) -> Response:
                with attempt() as this, transaction() as session:
                    made = this.answer(session)
                    if made is None:
                        result = view(session, *args, **kwargs)
                        made = json.answer(result, call.status) if call.answers else Response(status=call.status)
                        this.keep(session, json.answer(result | dict.fromkeys(once), call.status) if once else made)
                return made

            return self._register(call, run, *([IDEMPOTENCY] if call.method == "POST" else ()))

        return register

    def action(self, path: str, *, scope: str, answers: SchemaClass, **more: Any) -> Decorator:
        """A POST that changes no row of its own request, so its function takes no session."""
        call = Call(path, "POST", scope, answers, **more)

        def register(view: View) -> View:
            @wraps(view)
            def run(*args: Any, **kwargs: Any) -> Response:
                return json.answer(view(*args, **kwargs), call.status)

            return self._register(call, run)

        return register

    def _register(self, call: Call, run: View, *headers: Document) -> View:
        documented = self.response(call.status, call.answers)(run) if call.answers else run
        if call.takes:
            required = any(field.required for field in call.takes().fields.values())
            documented = self.arguments(call.takes, location=call.location, required=required)(documented)
        described: dict[str, Any] = {"responses": _problems(call)} | ({"requestBody": call.body} if call.body else {})
        if headers:
            described["parameters"] = list(headers)
        answering = _answering(self.doc(**described)(documented), run, call)
        return self.route(call.path, methods=[call.method])(answering)  # type: ignore[no-any-return]


def _problems(call: Call) -> dict[str, Any]:
    """The problem details that a call may answer, for the OpenAPI document."""
    refused = (400, 413, 415, 422) if call.method in ("POST", "PUT") else (400, 422) if call.takes else (400,)
    codes = sorted({401, 403, *call.errors, *refused})
    content = {PROBLEM_JSON: {"schema": ProblemDetails}}
    found: dict[str, Any] = {str(code): {"description": HTTPStatus(code).phrase, "content": content} for code in codes}
    if not call.answers and not call.file:
        found[str(call.status)] = {"description": HTTPStatus(call.status).phrase}
    if call.file:
        found[str(call.status)] = {"description": "The file", "content": {call.file: {"schema": {"type": "string"}}}}
    return found


def _answering(documented: View, run: View, call: Call) -> View:
    """What answers a call. Who calls is asked before the body is read. Whoever may read everything may make every GET.

    `documented`: flask-smorest's view of it, which is read for the OpenAPI document and not run, since each of its layers takes time.
    """
    scopes = (call.scope, "read") if call.method == "GET" else (call.scope,)
    schema = call.takes() if call.takes else None

    @wraps(documented)
    def answer(**path: Any) -> Any:
        require_scope(*scopes)
        return run(**path) if schema is None else run(PARSER.parse(schema, location=call.location), **path)

    return answer
