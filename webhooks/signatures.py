"""Signatures of Standard Webhooks (symmetric, `v1`): made and verified over the raw bytes of a delivery.

The signed content is `id.timestamp.body`; a header may carry several signatures, and a receiver may hold several secrets, so
that secrets can be replaced without losing a delivery (Standard Webhooks specification, sections "Signature scheme" and
"Zero downtime secret rotation").
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feel.text import text
from webhooks.errors import SignatureInvalid, TimestampOutside

PREFIX = "whsec_"
SECRET_BYTES = 32
MAXIMUM_ID = 256
MAXIMUM_SIGNATURES = 16
TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
IDENTIFIER = re.compile(r"[\x21-\x7e]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What arrived: the three headers as they came (None when absent) and the raw body."""

    id: str | None
    timestamp: str | None
    signature: str | None
    body: bytes


def new_secret() -> str:
    """A secret of 32 random bytes, written `whsec_…` in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(secret: str, identifier: str, at: datetime, body: bytes) -> str:
    """The value of `webhook-signature` for this delivery."""
    content = b".".join((identifier.encode(), str(int(at.timestamp())).encode(), body))
    return "v1," + base64.b64encode(hmac.new(_key(secret), content, hashlib.sha256).digest()).decode()


def verify(delivery: Delivery, known: Iterable[str], *, now: datetime, tolerance: timedelta) -> str:
    """The delivery's id, when one of its signatures was made with one of the known secrets and its time is near enough.

    Raises SignatureInvalid. Every secret is compared, in constant time, whatever matched before.
    """
    identifier, at = _identifier(delivery), _moment(delivery)
    given = _signatures(delivery)
    content = b".".join((identifier.encode(), str(delivery.timestamp).encode(), delivery.body))
    matched = False
    for secret in known:
        expected = hmac.new(_key(secret), content, hashlib.sha256).digest()
        for signature in given:
            matched |= hmac.compare_digest(expected, signature)
    if not matched:
        raise SignatureInvalid
    if abs(now - at) > tolerance:
        raise TimestampOutside
    return identifier


def is_identifier(value: str) -> bool:
    """Whether this can be the id of a delivery: 1 to 256 visible ASCII characters."""
    return len(value) <= MAXIMUM_ID and IDENTIFIER.fullmatch(value) is not None


def _identifier(delivery: Delivery) -> str:
    identifier = delivery.id or ""
    if not is_identifier(identifier):
        raise SignatureInvalid(text("L’en-tête webhook-id est absent ou incorrect."))
    return identifier


def _moment(delivery: Delivery) -> datetime:
    if not TIMESTAMP.fullmatch(delivery.timestamp or ""):
        raise SignatureInvalid(text("L’en-tête webhook-timestamp est absent ou incorrect."))
    try:
        return datetime.fromtimestamp(int(delivery.timestamp or ""), UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise TimestampOutside from error


def _signatures(delivery: Delivery) -> list[bytes]:
    """The `v1` signatures of the header; other versions and what is not base64 are passed over."""
    parts = (delivery.signature or "").split(" ")[:MAXIMUM_SIGNATURES]
    found = []
    for part in parts:
        version, comma, encoded = part.partition(",")
        if version == "v1" and comma:
            try:
                found.append(base64.b64decode(encoded, validate=True))
            except (binascii.Error, ValueError):
                continue
    if not found:
        raise SignatureInvalid
    return found


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))
