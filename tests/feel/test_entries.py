"""Context literals taken apart without changing what their entries say."""

from __future__ import annotations

import pytest

from feel import entries


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        ("{}", ()),
        ("= { siret: siret }", (("siret", "siret"),)),
        (
            '{a: [1, 2], "deux mots": if x > 1 then {b: 1, c: 2} else null}',
            (("a", "[1, 2]"), ("deux mots", "if x > 1 then {b: 1, c: 2} else null")),
        ),
        ("{a: x in ]1..2[, b: 3}", (("a", "x in ]1..2["), ("b", "3"))),
        ('{a: "vite, {non}" /* , */, b: a + 1}', (("a", '"vite, {non}"'), ("b", "a + 1"))),
    ],
)
def test_each_entry_keeps_its_source(text: str, found: tuple[tuple[str, str], ...]) -> None:
    assert entries.split(text) == found


@pytest.mark.parametrize("text", ["siret", "{a: 1} + 1", "{a: }", "{a 1}", "{", "{a: 1", "get entries({a: 1})", "{" * 5000])
def test_anything_else_is_not_taken_apart(text: str) -> None:
    assert entries.split(text) is None
