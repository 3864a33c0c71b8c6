"""Passwords, kept as argon2id hashes (RFC 9106)."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import Unusable
from feel.text import text

LONGEST = 1_000

_hasher = PasswordHasher()


def hash_of(password: str) -> str:
    """The hash to store. Raises Unusable for an empty or endless password."""
    if not password or len(password) > LONGEST:
        raise Unusable(text("Le mot de passe compte de 1 à %(most)s caractères.", most=LONGEST))
    return _hasher.hash(password)


def verify(stored: str | None, password: str) -> bool:
    """Whether the password is the one; without a stored hash it takes as long and is never."""
    try:
        _hasher.verify(stored or _nobody(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


@cache
def _nobody() -> str:
    """Made when somebody without an account tries to sign in first: most programs never need it, and it is made to be slow."""
    return _hasher.hash("nobody has this password")
