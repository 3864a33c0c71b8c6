"""A stand-in for the outside systems: a real HTTP server on loopback that speaks their APIs, and can be told to misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

COMPANY = {
    "siren": "233500016",
    "nom_complet": "REGION BRETAGNE",
    "nom_raison_sociale": "REGION BRETAGNE",
    "siege": {"siret": "23350001600040", "etat_administratif": "A"},
    "etat_administratif": "A",
    "nature_juridique": "7230",
    "complements": {"est_association": False, "est_administration": True},
}
CLOSED = {
    "siren": "732829320",
    "nom_complet": "ENTREPRISE FERMEE",
    "siege": {"siret": "73282932000074", "etat_administratif": "C"},
    "etat_administratif": "C",
    "nature_juridique": "5710",
}
DATASET = {
    "dataset_id": "korrigo",
    "has_records": True,
    "metas": {
        "default": {
            "title": "Points de vente Korrigo",
            "records_count": 412,
            "publisher": "Région Bretagne",
            "license": "ODbL",
        }
    },
    "fields": [],
}


class Standin:
    """The server's address, what it was asked, and what it answers instead when `answer` is set: (status, headers, body)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[str] = []
        self.agents: list[str] = []
        self.traces: list[str] = []
        self.answer: tuple[int, dict[str, str], bytes] | None = None

    def reply(self, target: str) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(target)
        if self.answer is not None:
            return self.answer
        status, body = _route(target)
        return status, {"Content-Type": "application/json"}, json.dumps(body).encode()


def _route(target: str) -> tuple[int, Any]:
    parts, query = urlsplit(target), parse_qs(urlsplit(target).query)
    if parts.path == "/search":
        found = [each for each in (COMPANY, CLOSED) if each["siege"]["siret"] == query["q"][0]]  # type: ignore[index]
        return 200, {"results": found, "total_results": len(found), "page": 1, "per_page": 5, "total_pages": 1}
    if parts.path == "/catalog/datasets":
        return 200, {"total_count": 1, "results": [DATASET]}
    if unquote(parts.path) == "/catalog/datasets/korrigo":
        return 200, DATASET
    return 404, {"error_code": "NotFoundError", "message": "not found"}


@contextmanager
def standin() -> Iterator[Standin]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            outside.agents.append(self.headers.get("User-Agent", ""))
            outside.traces.append(self.headers.get("traceparent", ""))
            status, headers, body = outside.reply(self.path)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    outside = Standin(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield outside
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
