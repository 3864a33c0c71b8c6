"""Accounts, groups and tokens: who there is."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from engine import passwords
from engine.actors import ROLES_OF_GROUPS, Actor
from engine.errors import Conflict, NotFound, Unusable
from engine.ids import new_id, read_id
from engine.statements import Prepared
from engine.tables import api_token, membership, user_account, user_group, user_session
from feel.text import text

TOKEN_PREFIX = "tikub_"  # noqa: S105
USED_EVERY = timedelta(minutes=5)

USER = Prepared(select(user_account).where(user_account.c.id == bindparam("id")))
GROUPS_OF = Prepared(select(membership.c.group_key).where(membership.c.user_id == bindparam("id")))
TOKEN = Prepared(select(api_token).where(api_token.c.token_hash == bindparam("hash"), api_token.c.revoked_at.is_(None)))


@dataclass(frozen=True, slots=True)
class User:
    """A person with an account."""

    id: int
    email: str
    name: str
    password_hash: str
    active: bool
    locale: str | None
    theme: str | None
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Group:
    """People who share tasks; `key` is what diagrams name, `name` what people read."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as it is listed; the token itself is stored nowhere."""

    id: int
    name: str
    scopes: tuple[str, ...]
    user_id: int | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    state: Literal["active", "expired", "revoked"] = "active"


def user(session: Session, user_id: int) -> User | None:
    """The account with this id."""
    return _user(USER.one(session, id=user_id))


def find_by_email(session: Session, email: str) -> User | None:
    """The account of this address, whatever its letter case."""
    found = select(user_account).where(user_account.c.email == normal_email(email))
    return _user(session.execute(found).one_or_none())


def users(session: Session, *, group: str | None = None) -> list[User]:
    """All active people, or those of a group, by name."""
    found = select(user_account).where(user_account.c.active).order_by(user_account.c.name)
    if group is not None:
        found = found.join(membership, membership.c.user_id == user_account.c.id).where(membership.c.group_key == group)
    members: dict[int, set[str]] = {}
    for user_id, key in session.execute(select(membership.c.user_id, membership.c.group_key)):
        members.setdefault(user_id, set()).add(key)
    return [replace(_known(row), groups=frozenset(members.get(row.id, ()))) for row in session.execute(found)]


def create_user(
    session: Session, email: str, name: str, password: str | None, *, groups: Iterable[str] = (), now: datetime
) -> int:
    """A new account; returns its id. Without a password nobody signs in to it with one.

    Raises Conflict when the address has one, Unusable for no address or a blank name.
    """
    address = normal_email(email)
    if "@" not in address[1:-1] or len(address) > 254 or any(c.isspace() for c in address):
        raise Unusable(text("« %(email)s » n’est pas une adresse électronique.", email=email))
    if not name.strip():
        raise Unusable(text("Le nom est vide."))
    if find_by_email(session, address) is not None:
        raise Conflict(text("Un compte existe déjà pour %(email)s.", email=address))
    made = new_id(now)
    hashed = "" if password is None else passwords.hash_of(password)
    row = {"id": made, "email": address, "name": name.strip(), "password_hash": hashed}
    session.execute(insert(user_account), row | {"active": True, "created_at": now})
    join_groups(session, made, groups)
    return made


def set_password(session: Session, email: str, password: str) -> None:
    """Replace the password and sign the person out everywhere. Raises NotFound."""
    found = find_by_email(session, email)
    if found is None:
        raise NotFound(text("Aucun compte n’a l’adresse %(email)s.", email=email))
    changed = update(user_account).where(user_account.c.id == found.id)
    session.execute(changed.values(password_hash=passwords.hash_of(password)))
    session.execute(delete(user_session).where(user_session.c.user_id == found.id))


def set_preferences(session: Session, user_id: int, **preferences: str | None) -> None:
    """Keep the person's language (`locale`) or look (`theme`)."""
    known = {name: value for name, value in preferences.items() if name in ("locale", "theme")}
    session.execute(update(user_account).where(user_account.c.id == user_id).values(**known))


def join_groups(session: Session, user_id: int, groups: Iterable[str]) -> None:
    """Put somebody into groups; unknown groups are created with their key as name."""
    make = _insert_for(session)
    for key in groups:
        session.execute(make(user_group).on_conflict_do_nothing(), {"key": key, "name": key})
        session.execute(make(membership).on_conflict_do_nothing(), {"user_id": user_id, "group_key": key})


def leave_group(session: Session, user_id: int, group: str) -> None:
    """Take somebody out of a group."""
    session.execute(delete(membership).where(membership.c.user_id == user_id, membership.c.group_key == group))


def create_group(session: Session, key: str, name: str) -> None:
    """A group, or its new name."""
    session.execute(_insert_for(session)(user_group).on_conflict_do_nothing(), {"key": key, "name": name})
    session.execute(update(user_group).where(user_group.c.key == key).values(name=name))


def groups(session: Session) -> list[Group]:
    """All groups, by name."""
    return [Group(row.key, row.name) for row in session.execute(select(user_group).order_by(user_group.c.name))]


def group_names(session: Session) -> dict[str, str]:
    """What people read, by key."""
    return {group.key: group.name for group in groups(session)}


def groups_of(session: Session, user_id: int) -> frozenset[str]:
    """The keys of somebody's groups."""
    return frozenset(row.group_key for row in GROUPS_OF.all(session, id=user_id))


def actor_of_user(session: Session, user_id: int) -> Actor | None:
    """The person as an actor; None when there is no such active account. Everybody with an account is an agent."""
    row = USER.one(session, id=user_id)
    if row is None or not row.active:
        return None
    keys = groups_of(session, user_id) | {"agents"}
    roles = frozenset(ROLES_OF_GROUPS[key] for key in keys if key in ROLES_OF_GROUPS)
    return Actor("user", row.id, row.name, keys, roles, row.email)


# -- tokens of programs


def create_token(
    session: Session,
    name: str,
    scopes: Sequence[str],
    *,
    now: datetime,
    user: str | None = None,
    expires_at: datetime | None = None,
) -> str:
    """A new token, to show once: only its hash is stored. `user`: the address of whom it acts for. Raises NotFound."""
    person = find_by_email(session, user) if user else None
    if user and person is None:
        raise NotFound(text("Aucun compte n’a l’adresse %(email)s.", email=user))
    user_id = person.id if person else None
    raw = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = {"id": new_id(now), "token_hash": _hash(raw), "name": name, "scopes": list(scopes), "user_id": user_id}
    session.execute(insert(api_token), row | {"created_at": now, "expires_at": expires_at})
    return raw


def token_actor(session: Session, raw: str, *, now: datetime) -> tuple[Actor, frozenset[str]] | None:
    """Whom a token stands for, and its scopes; None when unknown, revoked or expired.

    A token of a person acts as that person. Others act with the roles that their scopes stand for.
    """
    row = TOKEN.one(session, hash=_hash(raw))
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    scopes = frozenset(row.scopes)
    if row.user_id is not None:
        person = actor_of_user(session, row.user_id)
        return (person, scopes) if person is not None else None
    return Actor("token", None, row.name, roles=_roles_of(scopes)), scopes


def _roles_of(scopes: frozenset[str]) -> frozenset[str]:
    """A program without a person sees and does what its scopes open: the scopes are checked before any command."""
    return frozenset({"admin"}) if scopes else frozenset()


def note_use(session: Session, raw: str, *, now: datetime) -> None:
    """Remember when a token was last used, at most every five minutes."""
    used = update(api_token).where(api_token.c.token_hash == _hash(raw))
    stale = api_token.c.last_used_at.is_(None) | (api_token.c.last_used_at < now - USED_EVERY)
    session.execute(used.where(stale).values(last_used_at=now))


def tokens(session: Session, *, now: datetime) -> list[TokenRow]:
    """All tokens, newest first."""
    return [_token(row, now) for row in session.execute(select(api_token).order_by(api_token.c.id.desc()))]


def revoke_token(session: Session, which: str, *, now: datetime) -> None:
    """The token with this number or name opens nothing any more. Raises NotFound."""
    named = api_token.c.name == which
    number = read_id(which)
    if number is not None:
        named = named | (api_token.c.id == number)
    revoked = update(api_token).where(named, api_token.c.revoked_at.is_(None)).values(revoked_at=now)
    if session.execute(revoked).rowcount == 0:  # type: ignore[attr-defined]
        raise NotFound(text("Aucun jeton en service ne s’appelle « %(name)s ».", name=which))


def _token(row: Row, now: datetime) -> TokenRow:  # type: ignore[type-arg]
    state: Literal["active", "expired", "revoked"] = "active"
    if row.revoked_at is not None:
        state = "revoked"
    elif row.expires_at is not None and row.expires_at <= now:
        state = "expired"
    dates = (row.created_at, row.expires_at, row.last_used_at, row.revoked_at)
    return TokenRow(row.id, row.name, tuple(row.scopes), row.user_id, *dates, state)


def normal_email(email: str) -> str:
    """Addresses are compared without letter case and outer space."""
    return email.strip().casefold()


def _hash(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()


def _insert_for(session: Session):  # type: ignore[no-untyped-def]
    return sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert


def _user(row: Row | None) -> User | None:  # type: ignore[type-arg]
    return None if row is None else _known(row)


def _known(row: Row) -> User:  # type: ignore[type-arg]
    return User(row.id, row.email, row.name, row.password_hash, row.active, row.locale, row.theme)
