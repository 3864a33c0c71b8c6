"""The settings of a server: each TIKUB_* variable, its default and its meaning, as `docs/settings.md` lists them."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from engine.faults import Fault
from engine.faults import parse as parse_faults

SECRET_FILE = "secret.key"  # noqa: S105 - the name of a file
TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"", "0", "false", "no", "off"})


class SettingInvalid(ValueError):
    """A TIKUB_* variable holds a value that cannot be used."""


def _flag(value: str) -> bool:
    if value.lower() not in TRUE | FALSE:
        raise ValueError("0 or 1 is expected")
    return value.lower() in TRUE


def _count(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        raise ValueError("a whole number from 0 is expected")
    return int(value)


def _size(value: str) -> int:
    if _count(value) == 0:
        raise ValueError("a whole number from 1 is expected")
    return int(value)


def _seconds(value: str) -> timedelta:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0
    if not 0 < seconds < 10**9:
        raise ValueError("a number of seconds above 0 is expected")
    return timedelta(seconds=seconds)


def _address(value: str) -> tuple[str, int] | None:
    host, _, port = value.rpartition(":")
    if not value:
        return None
    if not host or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ValueError("host:port is expected")
    return host.strip("[]"), int(port)


def _places(value: str) -> frozenset[str]:
    places = frozenset(each.strip().lower() for each in value.split(",") if each.strip())
    for each in places:
        _address(each)
    return places


def _level(value: str) -> str:
    if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("DEBUG, INFO, WARNING or ERROR is expected")
    return value.upper()


def _log_format(value: str) -> str:
    if value not in ("text", "json"):
        raise ValueError("text or json is expected")
    return value


def _database(value: str) -> str:
    """Raises ValueError without repeating the address, which may hold a password."""
    kind = value.partition(":")[0]
    if value and kind not in ("sqlite", "postgresql", "postgresql+psycopg"):
        raise ValueError("sqlite:///… or postgresql+psycopg://… is expected")
    try:
        make_url(value or "sqlite://")
    except ArgumentError:
        raise ValueError("this is no address of a database") from None
    return value


def _url(value: str) -> str:
    if value and not value.startswith(("http://", "https://")):
        raise ValueError("an http or https address is expected")
    return value.rstrip("/")


def _colour(value: str) -> str:
    if value and not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError("a colour such as #1a5fb4 is expected")
    return value


def _about(variable: str, default: str, meaning: str, read: Callable[[str], Any] = str) -> Mapping[str, Any]:
    """What a field of Settings knows: its variable, its default as written in the environment, its meaning."""
    return {"variable": variable, "default": default, "meaning": meaning, "read": read}


@dataclass(frozen=True)
class Settings:
    """All settings of one server, read once at its start. Make it with `Settings.read()`."""

    instance_dir: Path = field(
        metadata=_about(
            "TIKUB_INSTANCE_DIR",
            "./instance",
            "Folder of what this server keeps: database, documents, secret key.",
            Path,
        )
    )
    database_url: str = field(
        repr=False,
        metadata=_about(
            "TIKUB_DATABASE_URL",
            "",
            "Address of the database, `sqlite:///…` or `postgresql+psycopg://…`; empty: SQLite in the instance folder.",
            _database,
        ),
    )
    secret_key: str = field(
        repr=False,
        metadata=_about(
            "TIKUB_SECRET_KEY",
            "",
            "Signs cookies and encrypts webhook secrets, 32 characters or more; empty: made once, in `secret.key`.",
        ),
    )
    public_url: str = field(
        metadata=_about(
            "TIKUB_PUBLIC_URL",
            "",
            "Address that people use, for links and secure cookies; empty: that of each request.",
            _url,
        )
    )
    trusted_proxies: int = field(
        metadata=_about("TIKUB_TRUSTED_PROXIES", "0", "Number of reverse proxies whose X-Forwarded-* headers are believed.", _count)
    )
    processes_dir: Path = field(
        metadata=_about(
            "TIKUB_PROCESSES_DIR",
            "./processes",
            "Folder of the processes that `tikub serve --demo` publishes when they change.",
            Path,
        )
    )
    demo: bool = field(
        metadata=_about(
            "TIKUB_DEMO",
            "0",
            "1: demo accounts with a known password, listed on the sign-in page. Never in production.",
            _flag,
        )
    )
    test_clock: bool = field(
        metadata=_about(
            "TIKUB_TEST_CLOCK",
            "0",
            "1: `POST /api/v1/clock` moves the clock of this server. Never in production.",
            _flag,
        )
    )
    faults: Mapping[str, Fault] = field(
        metadata=_about(
            "TIKUB_FAULTS",
            "",
            "Places at which a process dies or freezes, `place=action@count,…`, as `docs/faults.md` lists them. Never in production.",
            parse_faults,
        )
    )
    brand: str = field(metadata=_about("TIKUB_BRAND", "Ti Kub", "Name shown in the header of the pages."))
    organisation: str = field(
        metadata=_about("TIKUB_ORGANISATION", "Région Bretagne", "Organisation shown beside the name.")
    )
    tagline: str = field(
        metadata=_about("TIKUB_TAGLINE", "Incubateur de services numériques", "What the name stands for, on public pages.")
    )
    accent: str = field(
        metadata=_about("TIKUB_ACCENT", "", "Accent colour of the pages as `#rrggbb`; empty: that of the style sheet.", _colour)
    )
    contact: str = field(
        metadata=_about("TIKUB_CONTACT", "", "E-mail address that public pages and error pages give for help; empty: none.")
    )
    session_lifetime: timedelta = field(
        metadata=_about(
            "TIKUB_SESSION_LIFETIME", "43200", "Seconds after which a signed-in person must sign in again.", _seconds
        )
    )
    session_idle: timedelta = field(
        metadata=_about(
            "TIKUB_SESSION_IDLE",
            "14400",
            "Seconds without a request after which a signed-in person must sign in again.",
            _seconds,
        )
    )
    signin_attempts: int = field(
        metadata=_about(
            "TIKUB_SIGNIN_ATTEMPTS",
            "10",
            "Failed sign-ins of one account, or 5 times as many from one address, before a pause.",
            _count,
        )
    )
    signin_pause: timedelta = field(
        metadata=_about("TIKUB_SIGNIN_PAUSE", "900", "Seconds over which failed sign-ins count, and length of the pause.", _seconds)
    )
    public_posts: int = field(
        metadata=_about("TIKUB_PUBLIC_POSTS", "60", "Posts of public forms accepted from one address in an hour.", _count)
    )
    request_bytes: int = field(
        metadata=_about("TIKUB_REQUEST_BYTES", "33554432", "Largest request in bytes, uploads included.", _size)
    )
    json_bytes: int = field(metadata=_about("TIKUB_JSON_BYTES", "1048576", "Largest JSON body in bytes.", _size))
    json_depth: int = field(metadata=_about("TIKUB_JSON_DEPTH", "64", "Deepest nesting of a JSON body.", _size))
    hook_bytes: int = field(
        metadata=_about("TIKUB_HOOK_BYTES", "262144", "Largest body of a webhook in bytes.", _size)
    )
    hook_tolerance: timedelta = field(
        metadata=_about(
            "TIKUB_HOOK_TOLERANCE",
            "300",
            "Seconds by which the timestamp of a signed webhook may differ from the clock.",
            _seconds,
        )
    )
    message_ttl: timedelta = field(
        metadata=_about("TIKUB_MESSAGE_TTL", "86400", "Seconds during which a message that nothing awaits yet is kept.", _seconds)
    )
    idempotency_ttl: timedelta = field(
        metadata=_about("TIKUB_IDEMPOTENCY_TTL", "86400", "Seconds during which the answer to an Idempotency-Key is remembered.", _seconds)
    )
    entreprises_url: str = field(
        metadata=_about(
            "TIKUB_ENTREPRISES_URL",
            "https://recherche-entreprises.api.gouv.fr",
            "Base address of Recherche d’entreprises, used by the connector `entreprises`.",
            _url,
        )
    )
    opendatasoft_url: str = field(
        metadata=_about(
            "TIKUB_OPENDATASOFT_URL",
            "https://data.bretagne.bzh/api/explore/v2.1",
            "Base address of an Opendatasoft Explore API 2.1, used by the connector `opendatasoft`.",
            _url,
        )
    )
    call_timeout: timedelta = field(
        metadata=_about("TIKUB_CALL_TIMEOUT", "15", "Seconds that a connector waits for the system it calls.", _seconds)
    )
    call_bytes: int = field(
        metadata=_about("TIKUB_CALL_BYTES", "2097152", "Largest answer in bytes that a connector reads.", _size)
    )
    delivery_timeout: timedelta = field(
        metadata=_about("TIKUB_DELIVERY_TIMEOUT", "15", "Seconds that the receiver of a delivery has to answer, all in all.", _seconds)
    )
    delivery_inside: frozenset[str] = field(
        metadata=_about(
            "TIKUB_DELIVERY_INSIDE", "", "Receivers of this machine or its network that may be sent to, `host:port,…`.", _places
        )
    )
    worker_poll: timedelta = field(
        metadata=_about(
            "TIKUB_WORKER_POLL",
            "0.5",
            "On SQLite: seconds between two looks of the worker for work that nobody announced.",
            _seconds,
        )
    )
    worker_messages: int = field(
        metadata=_about(
            "TIKUB_WORKER_MESSAGES", "2", "On PostgreSQL: messages and signals that one process delivers at once.", _size
        )
    )
    worker_timers: int = field(
        metadata=_about("TIKUB_WORKER_TIMERS", "2", "On PostgreSQL: timers that one process fires at once.", _size)
    )
    worker_calls: int = field(
        metadata=_about("TIKUB_WORKER_CALLS", "4", "Service calls that one process makes at once.", _size)
    )
    worker_deliveries: int = field(
        metadata=_about("TIKUB_WORKER_DELIVERIES", "8", "Deliveries to subscriptions that one process sends at once.", _size)
    )
    lease: timedelta = field(
        metadata=_about(
            "TIKUB_LEASE",
            "60",
            "Seconds that a worker holds what it claimed, and that a transaction may stand still on PostgreSQL; "
            "several times `TIKUB_CALL_TIMEOUT`.",
            _seconds,
        )
    )
    threads: int = field(
        metadata=_about("TIKUB_THREADS", "4", "Requests that one process answers at the same time.", _size)
    )
    metrics_token: str = field(
        repr=False,
        metadata=_about("TIKUB_METRICS_TOKEN", "", "Bearer token that opens `/metrics`; empty: only programs of this machine may read it."),
    )
    worker_metrics: tuple[str, int] | None = field(
        metadata=_about(
            "TIKUB_WORKER_METRICS",
            "",
            "Where a `tikub worker` serves its own counters, `host:port`, guarded by `TIKUB_METRICS_TOKEN` if set; empty: nowhere.",
            _address,
        )
    )
    log_format: str = field(
        metadata=_about("TIKUB_LOG_FORMAT", "text", "Log lines as `text`, or as `json`: one object a line.", _log_format)
    )
    traces_url: str = field(metadata=_about("TIKUB_TRACES_URL", "", "OpenTelemetry collector (OTLP over HTTP); empty: none.", _url))
    log_level: str = field(
        metadata=_about("TIKUB_LOG_LEVEL", "INFO", "Least level that is logged: DEBUG, INFO, WARNING or ERROR.", _level)
    )

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
        """The settings of this environment; `overrides` by field name win. Makes folder and secret key when absent.

        Raises SettingInvalid, naming the variable.
        """
        source = os.environ if environ is None else environ
        values = {each.name: _value(each, source) for each in dataclasses.fields(cls)} | overrides
        instance_dir = Path(str(values["instance_dir"])).absolute()
        instance_dir.mkdir(parents=True, exist_ok=True)
        values["instance_dir"] = instance_dir
        values["database_url"] = values["database_url"] or f"sqlite:///{instance_dir / 'tikub.db'}"
        values["secret_key"] = values["secret_key"] or _kept_secret(instance_dir / SECRET_FILE)
        if len(str(values["secret_key"])) < 32:
            raise SettingInvalid("TIKUB_SECRET_KEY: 32 characters or more are expected")
        return cls(**values)

    @property
    def documents_dir(self) -> Path:
        """Where uploaded documents lie."""
        return self.instance_dir / "documents"

    @property
    def secure(self) -> bool:
        """Whether people reach this server over https, so that cookies may be bound to it."""
        return self.public_url.startswith("https://")


@dataclass(frozen=True, slots=True)
class Declared:
    """A setting as people read of it."""

    variable: str
    default: str
    meaning: str


def declared() -> list[Declared]:
    """Every setting, in the order of the class."""
    metadata = (each.metadata for each in dataclasses.fields(Settings))
    return [Declared(each["variable"], each["default"], each["meaning"]) for each in metadata]


def _value(setting: dataclasses.Field[Any], environ: Mapping[str, str]) -> Any:
    variable = setting.metadata["variable"]
    raw = environ.get(variable, "").strip() or setting.metadata["default"]
    try:
        return setting.metadata["read"](raw)
    except ValueError as error:
        shown = f"={raw!r}" if setting.repr else ""
        raise SettingInvalid(f"{variable}{shown}: {error}") from error


def _kept_secret(path: Path) -> str:
    """The secret of this instance folder. Of processes that start at once, one makes it and all read the same."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()
