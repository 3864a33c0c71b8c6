"""Who acts: a person, a program with a token, the system itself, or the public."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Role: TypeAlias = Literal["admin", "owner", "operator", "agent", "jury"]

#: Which groups carry a role that reaches beyond their own tasks.
ROLES_OF_GROUPS: dict[str, Role] = {
    "administrateurs": "admin",
    "proprietaires": "owner",
    "operateurs": "operator",
    "agents": "agent",
    "jury": "jury",
    "jury_presidence": "jury",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """One caller. `id` is the user's id, also for a token that acts as a user; `name` is what the history shows."""

    kind: Literal["user", "token", "system", "public"]
    id: int | None
    name: str
    groups: frozenset[str] = field(default_factory=frozenset)
    roles: frozenset[str] = field(default_factory=frozenset)
    email: str | None = None

    @property
    def program(self) -> str | None:
        """The name under which a program that acts for nobody has tasks; None for everybody else."""
        return self.name if self.kind == "token" and self.id is None else None

    @property
    def label(self) -> str:
        """How the history names this actor: `user:Maëlle Le Goff`, `system`, …"""
        return f"{self.kind}:{self.name}" if self.name else self.kind


SYSTEM = Actor("system", None, "", roles=frozenset({"admin"}))
PUBLIC = Actor("public", None, "")
