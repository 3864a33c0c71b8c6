"""Errors as answers: RFC 9457 problem details for programs, pages in plain words for people, nothing internal."""

from __future__ import annotations

import errno
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import sqlalchemy.exc
from flask import Flask, Response, current_app, g, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine.errors import Conflict, EngineError, Forbidden, InvalidAnswers, NotFound, Refused
from feel.errors import FeelError
from feel.problems import Problem
from feel.text import Text, text
from web.languages import language, render

log = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
PROGRAM_PATHS = ("/api/", "/hooks/", "/healthz", "/readyz", "/metrics")

TITLES: Mapping[int, Text] = {
    400: text("La demande n’a pas pu être comprise"),
    401: text("Identification nécessaire"),
    403: text("Accès refusé"),
    404: text("Introuvable"),
    405: text("Méthode non permise"),
    409: text("Quelqu’un ou quelque chose est passé avant"),
    412: text("Quelqu’un ou quelque chose est passé avant"),
    413: text("Envoi trop volumineux"),
    415: text("Format d’envoi non pris en charge"),
    422: text("Données refusées"),
    428: text("Révision attendue"),
    429: text("Trop de demandes"),
    500: text("Erreur interne"),
    503: text("Service momentanément indisponible"),
}
"""A problem's title depends on its status alone (RFC 9457, section 3.1.3)."""

EXPLANATIONS: Mapping[int, Text] = {
    400: text("L’adresse ou le contenu de la demande est mal formé."),
    404: text("Cette adresse ne correspond à rien, ou à rien que vous puissiez voir."),
    405: text("Cette adresse existe, mais pas avec cette méthode."),
    413: text("Le contenu envoyé dépasse la taille permise."),
    415: text("Le type de contenu envoyé n’est pas celui qui est attendu ici."),
    429: text("Attendez un peu avant de recommencer."),
    500: text("La demande n’a pas abouti et rien n’a été changé. L’incident a été enregistré."),
    503: text("La base de données ne répond pas. Réessayez dans un instant."),
}


ENDED = frozenset({"25P03", "25P04"})
"""PostgreSQL ended a transaction that stood still for too long: this process was frozen meanwhile."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Nothing more can be written where documents lie."""


class RequestRefused(Exception):
    """The request itself cannot be accepted; raised by the web layer alone, with the status of its answer."""

    def __init__(self, status: int, detail: Text | None = None, *, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        super().__init__(f"{status} {detail or ''}")
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members


def install(app: Flask) -> None:
    """Answer every error of this application."""
    app.register_error_handler(RequestRefused, _refused_request)
    app.register_error_handler(EngineError, _engine)
    app.register_error_handler(InvalidAnswers, _invalid_answers)
    app.register_error_handler(FeelError, _feel)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(sqlalchemy.exc.DBAPIError, _database)
    app.register_error_handler(sqlalchemy.exc.TimeoutError, _unavailable)
    app.register_error_handler(OSError, _system)
    app.register_error_handler(Exception, _unexpected)


def problem(status: int, detail: Text | None = None, headers: Mapping[str, str] | None = None, **members: Any) -> Response:
    """The answer to a request that failed: problem details under the paths of programs, a page elsewhere.

    `members` are extension members of the problem details, JSON already.
    """
    explained = detail or EXPLANATIONS.get(status)
    answer = _details(status, explained, members) if for_program() else _page(status, explained, members)
    answer.headers.extend(dict(headers or {}))
    return answer


def for_program() -> bool:
    """Whether the caller is a program: it asks under /api or /hooks, or for JSON rather than a page."""
    if request.path.startswith(PROGRAM_PATHS):
        return True
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def problem_item(each: Problem) -> dict[str, str | None]:
    """A problem of a published file as the API shows it."""
    return {
        "code": each.code,
        "message": render(each.message),
        "element_id": each.element_id,
        "element_type": each.element_type,
        "element_name": each.element_name,
        "remedy": render(each.remedy) if each.remedy else None,
        "severity": each.severity,
    }


def field_messages(messages: Mapping[str, Sequence[Text]]) -> dict[str, list[str]]:
    """The messages of each field, in the caller's language."""
    return {path: [render(each) for each in texts] for path, texts in messages.items()}


def _details(status: int, detail: Text | None, members: Mapping[str, Any]) -> Response:
    body: dict[str, Any] = {"type": "about:blank", "title": _title(status), "status": status}
    if detail is not None:
        body["detail"] = render(detail)
    body |= {"request_id": g.get("request_id"), **members}
    headers = {"Content-Language": language()}
    return Response(current_app.json.dumps(body), status=status, headers=headers, content_type=PROBLEM_JSON)


def _title(status: int) -> str:
    return render(TITLES[status]) if status in TITLES else HTTPStatus(status).phrase


def _page(status: int, detail: Text | None, members: Mapping[str, Any]) -> Response:
    from web.pages.errors import page  # the pages import this module's exceptions

    return Response(page(status, detail, members.get("page_problems", ())), status=status, content_type="text/html; charset=utf-8")


def _refused_request(error: RequestRefused) -> Response:
    return problem(error.status, error.detail, error.headers, **error.members)


STATUSES: tuple[tuple[type[EngineError], int], ...] = (
    (NotFound, 404),
    (Conflict, 409),
    (Forbidden, 403),
    (Refused, 422),
)


def _engine(error: EngineError) -> Response:
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 422)
    if isinstance(error, Refused) and for_program():
        return problem(status, error.text, problems=[problem_item(each) for each in error.problems])
    return problem(status, error.text)


def _feel(error: FeelError) -> Response:
    """An expression of what was sent cannot be evaluated within its limits."""
    return problem(422, error.message)


def _invalid_answers(error: InvalidAnswers) -> Response:
    detail = text("Certaines données sont absentes ou incorrectes.")
    return problem(422, detail, errors=field_messages(error.messages))


def _csrf(_: CSRFError) -> Response:
    return problem(400, text("Cette page était ouverte depuis trop longtemps. Revenez en arrière, rechargez-la et recommencez."))


def _http(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()  # type: ignore[return-value]
    passed = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After", "WWW-Authenticate")}
    return problem(error.code or 500, None, passed)


def _database(error: sqlalchemy.exc.DBAPIError) -> Response:
    if isinstance(error, sqlalchemy.exc.DataError):
        log.warning("a value does not fit the database: %s", type(error.orig).__name__)
        return problem(400, text("Une valeur envoyée ne peut pas être enregistrée."))
    ended = getattr(error.orig, "sqlstate", None) in ENDED
    if ended or isinstance(error, sqlalchemy.exc.OperationalError | sqlalchemy.exc.InterfaceError):
        return _unavailable(error)
    return _unexpected(error)


def _system(error: OSError) -> Response:
    """A full disk is a state that passes; anything else is a fault of ours."""
    if error.errno not in FULL:
        return _unexpected(error)
    log.error("the disk is full: %s", error)
    return problem(503, text("Le serveur n’a plus de place pour enregistrer. Réessayez plus tard."), {"Retry-After": "60"})


def _unavailable(error: Exception) -> Response:
    log.error("the database does not answer: %s", error)
    return problem(503, None, {"Retry-After": "5"})


def _unexpected(error: Exception) -> Response:
    log.exception("request %s failed", g.get("request_id"), exc_info=error)
    return problem(500)
