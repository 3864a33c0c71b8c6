"""Signatures of Standard Webhooks, with the reference library as the other side."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from webhooks.errors import SignatureInvalid, TimestampOutside
from webhooks.signatures import Delivery, new_secret, sign, verify

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TOLERANCE = timedelta(minutes=5)
BODY = b'{"correlation": {"equipe": "7"}, "payload": {"note": 12.5}}'


def delivery(secret: str, *, at: datetime = NOW, identifier: str = "msg_1", body: bytes = BODY) -> Delivery:
    """A delivery as a sender with the reference library makes it."""
    signature = Webhook(secret).sign(msg_id=identifier, timestamp=at, data=body.decode())
    return Delivery(identifier, str(int(at.timestamp())), signature, body)


def test_delivery_of_the_reference_library_is_accepted() -> None:
    secret = new_secret()
    assert verify(delivery(secret), [secret], now=NOW, tolerance=TOLERANCE) == "msg_1"


def test_our_signature_is_that_of_the_reference_library() -> None:
    secret = new_secret()
    assert sign(secret, "msg_1", NOW, BODY) == delivery(secret).signature


@pytest.mark.parametrize("shift", [-300, -299, 0, 299, 300])
def test_timestamp_within_tolerance_is_accepted(shift: int) -> None:
    secret = new_secret()
    assert verify(delivery(secret, at=NOW + timedelta(seconds=shift)), [secret], now=NOW, tolerance=TOLERANCE)


@pytest.mark.parametrize("shift", [-86400, -301, 301, 86400])
def test_timestamp_outside_tolerance_is_refused(shift: int) -> None:
    secret = new_secret()
    with pytest.raises(TimestampOutside):
        verify(delivery(secret, at=NOW + timedelta(seconds=shift)), [secret], now=NOW, tolerance=TOLERANCE)


def test_both_secrets_of_a_changeover_are_accepted() -> None:
    old, new = new_secret(), new_secret()
    for secret in (old, new):
        assert verify(delivery(secret), [new, old], now=NOW, tolerance=TOLERANCE)


def test_one_right_signature_among_several_is_enough() -> None:
    ours, theirs = new_secret(), new_secret()
    both = f"v1a,AAAA {delivery(theirs).signature} v1,not-base64! {delivery(ours).signature}"
    given = Delivery("msg_1", str(int(NOW.timestamp())), both, BODY)
    assert verify(given, [ours], now=NOW, tolerance=TOLERANCE)


@pytest.mark.parametrize(
    ("identifier", "timestamp", "signature", "body"),
    [
        (None, "right", "right", BODY),
        ("", "right", "right", BODY),
        ("msg 1", "right", "right", BODY),
        ("é", "right", "right", BODY),
        ("m" * 257, "right", "right", BODY),
        ("msg_2", "right", "right", BODY),
        ("msg_1", None, "right", BODY),
        ("msg_1", "", "right", BODY),
        ("msg_1", "-1", "right", BODY),
        ("msg_1", "٣", "right", BODY),
        ("msg_1", "1e9", "right", BODY),
        ("msg_1", "9" * 400, "right", BODY),
        ("msg_1", "999999999999", "right", BODY),
        ("msg_1", "right", None, BODY),
        ("msg_1", "right", "", BODY),
        ("msg_1", "right", "v1", BODY),
        ("msg_1", "right", "v1,", BODY),
        ("msg_1", "right", "v1,é", BODY),
        ("msg_1", "right", "v1,====", BODY),
        ("msg_1", "right", "v1," + base64.b64encode(b"0" * 32).decode(), BODY),
        ("msg_1", "right", "right", BODY + b" "),
        ("msg_1", "right", "right", b""),
    ],
)
def test_hostile_delivery_is_refused(identifier: str | None, timestamp: str | None, signature: str | None, body: bytes) -> None:
    secret = new_secret()
    right = delivery(secret)
    given = Delivery(
        identifier,
        right.timestamp if timestamp == "right" else timestamp,
        right.signature if signature == "right" else signature,
        body,
    )
    with pytest.raises(SignatureInvalid):
        verify(given, [secret], now=NOW, tolerance=TOLERANCE)


def test_signature_of_another_secret_is_refused() -> None:
    with pytest.raises(SignatureInvalid):
        verify(delivery(new_secret()), [new_secret(), new_secret()], now=NOW, tolerance=TOLERANCE)


def test_delivery_for_a_process_without_secret_is_refused() -> None:
    with pytest.raises(SignatureInvalid):
        verify(delivery(new_secret()), [], now=NOW, tolerance=TOLERANCE)


def test_signature_moved_to_the_end_of_a_long_list_is_not_searched() -> None:
    """A header full of signatures costs a bounded amount of work."""
    secret = new_secret()
    padding = " ".join(["v1," + base64.b64encode(b"1" * 32).decode()] * 100)
    given = Delivery("msg_1", str(int(NOW.timestamp())), f"{padding} {delivery(secret).signature}", BODY)
    with pytest.raises(SignatureInvalid):
        verify(given, [secret], now=NOW, tolerance=TOLERANCE)
