"""Values are compared and written as text outside of evaluations too, by threads that live long."""

from __future__ import annotations

import time

from feel import expression
from feel.host import to_json
from feel.limits import DEFAULT


def test_a_thread_never_uses_up_its_right_to_write_values() -> None:
    moment = expression.compile('date and time("2019-06-13T09:00:00@Europe/Paris")').evaluate()
    for _ in range(2_000):
        to_json([moment] * 10)
    time.sleep(DEFAULT.seconds + 0.1)
    for _ in range(2_000):
        assert to_json([moment] * 10)[0] == "2019-06-13T09:00:00@Europe/Paris"  # type: ignore[index]
