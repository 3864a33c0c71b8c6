"""Secrets that outside systems sign with, one or more per process, encrypted at rest with the key of this instance.

They cannot be hashed as passwords are: verifying an HMAC needs the secret itself. A new secret does not silence the one before at
once: that one keeps working for a day, so that the sender can change over.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from engine.tables import hook_secret
from webhooks.signatures import new_secret

CHANGEOVER = timedelta(days=1)

KNOWN = select(hook_secret.c.secret).where(
    hook_secret.c.process == bindparam("process"),
    or_(hook_secret.c.retires_at.is_(None), hook_secret.c.retires_at > bindparam("now")),
)


class Cipher:
    """Encrypts with a key derived from the server's secret key; what another key encrypted cannot be read."""

    def __init__(self, secret_key: str) -> None:
        derived = HKDF(SHA256(), length=32, salt=None, info=b"tikub webhook secrets").derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def encrypt(self, plain: str) -> bytes:
        return self._fernet.encrypt(plain.encode())

    def decrypt(self, stored: bytes) -> str | None:
        """The secret; None when it was encrypted with another key."""
        try:
            return self._fernet.decrypt(stored).decode()
        except InvalidToken:
            return None


def renew(session: Session, process: str, cipher: Cipher, *, now: datetime) -> str:
    """A new secret for the process, to show once. Those before it retire a day later."""
    secret = new_secret()
    retiring = update(hook_secret).where(hook_secret.c.process == process, hook_secret.c.retires_at.is_(None))
    session.execute(retiring.values(retires_at=now + CHANGEOVER))
    session.execute(insert(hook_secret).values(process=process, secret=cipher.encrypt(secret), created_at=now))
    return secret


def known(session: Session, process: str, cipher: Cipher, *, now: datetime) -> list[str]:
    """The secrets that sign deliveries for this process at this moment."""
    rows = session.execute(KNOWN, {"process": process, "now": now}).scalars()
    return [secret for secret in map(cipher.decrypt, rows) if secret is not None]
