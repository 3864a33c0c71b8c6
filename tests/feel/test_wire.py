"""JSON text and back, without loss."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feel import wire


@pytest.mark.parametrize(
    "value",
    [
        *(0, -1, 2**53 + 1, 2**63, 2**64, -(2**70), 10**307, [2**64, {"n": 10**30}]),
        *(0.1, 1e22, 5e-324, 1.7976931348623157e308, None, True, "é\u2028</script>", {"": [[], {}]}),
    ],
)
def test_value_comes_back_as_it_was(value: object) -> None:
    assert wire.load(wire.dump(value)) == value
    assert type(wire.load(wire.dump(value))) is type(value)


def test_layout_does_not_depend_on_the_size_of_numbers() -> None:
    moment = datetime(2019, 6, 13, 8, 0, tzinfo=UTC)
    small, large = ({"n": number, "à": moment} for number in (1, 2**64))
    assert wire.dump(large) == wire.dump(small).replace(b":1,", b":%d," % 2**64)
    assert wire.dump(large, indent=True) == wire.dump(small, indent=True).replace(b": 1,", b": %d," % 2**64)


@pytest.mark.parametrize("broken", ["", "{", "NaN", "[1e999]", '"\\ud800"', "1" * 30 + "x", b"\xff"])
def test_what_is_no_json_is_refused(broken: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        wire.load(broken)
