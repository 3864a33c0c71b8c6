"""The accounts of the demonstration, listed on the sign-in page and created by `tikub serve --demo`, never otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy.orm import Session

from engine import people

FILE = Path(__file__).with_name("demo_accounts.yaml")


@dataclass(frozen=True, slots=True)
class Account:
    """A fictitious person. `role`: what they do, for the sign-in page."""

    email: str
    name: str
    role: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """The accounts, their one password, and the names of all groups by key."""

    password: str
    accounts: tuple[Account, ...]
    groups: Mapping[str, str]


@cache
def demonstration() -> Demonstration:
    """What `demo_accounts.yaml` says."""
    read = yaml.safe_load(FILE.read_text("utf-8"))
    accounts = tuple(
        Account(each["email"], each["name"], each["role"], tuple(each["groups"])) for each in read["accounts"]
    )
    return Demonstration(read["password"], accounts, read["groups"])


def create_missing(session: Session, *, now: datetime) -> None:
    """Create the groups, and the accounts that are not there. An account that is there keeps its password and groups."""
    demo = demonstration()
    for key, name in demo.groups.items():
        people.create_group(session, key, name)
    for account in demo.accounts:
        if people.find_by_email(session, account.email) is None:
            people.create_user(session, account.email, account.name, demo.password, groups=account.groups, now=now)
