"""Values in words, and texts with values in them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from forms.french import shown, size
from forms.scope import root
from forms.templates import TemplateError, read
from tests.forms.samples import NOW


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ""),
        (True, "Oui"),
        (False, "Non"),
        (0, "0"),
        (1234, "1234"),
        (12400, "12\u00a0400"),
        (-1234567, "-1\u00a0234\u00a0567"),
        (Decimal("1234.50"), "1234,5"),
        (Decimal("1E+3"), "1000"),
        (0.1, "0,1"),
        (float("inf"), ""),
        (float("nan"), ""),
        ("2019-06-13", "jeudi 13 juin 2019"),
        ("2019-06-01", "samedi 1er juin 2019"),
        ("2019-06-13T14:00", "jeudi 13 juin 2019, 14\u00a0h"),
        ("2019-06-13T12:05:00Z", "jeudi 13 juin 2019, 14\u00a0h\u00a005"),
        ("2019-13-45", "2019-13-45"),
        ("le 2019-06-13", "le 2019-06-13"),
        (["a", 2, None], "a, 2, "),
        ({"nom": "A"}, "nom\u00a0: A"),
    ],
)
def test_values_are_told_as_french_readers_write_them(value: object, words: str) -> None:
    assert shown(value) == words


@pytest.mark.parametrize(
    ("count", "words"), [(3, "3\u00a0octets"), (389_120, "380\u00a0ko"), (2_202_009, "2,1\u00a0Mo"), (10 * 2**20, "10\u00a0Mo")]
)
def test_sizes_are_told_in_units(count: int, words: str) -> None:
    assert size(count) == words


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ("Bonjour", "Bonjour"),
        ("Bonjour {{ nom }} !", "Bonjour Anne !"),
        ("{{ absent }}", ""),
        ('="Bon" + "jour"', "Bonjour"),
        ("{{#if note > 3}}bien{{/if}}{{#if note > 30}}très bien{{/if}}", "bien"),
        ("{{#loop rows}}{{a}}-{{this.a}} {{/loop}}", "1-1 2-2 "),
        ("{{#loop rows}}{{#if a = 2}}{{a}}{{/if}}{{/loop}}", "2"),
        ("{{#loop note}}x{{/loop}}", ""),
    ],
)
def test_templates_take_values_conditions_and_loops(source: str, rendered: str) -> None:
    scope = root({"nom": "Anne", "note": 12, "rows": [{"a": 1}, {"a": 2}]}, {}, NOW)
    assert read(source).render(scope) == rendered


@pytest.mark.parametrize("source", ["{{ 1 + }}", "{{#if a}}", "{{/if}}", "{{#if a}}{{/loop}}", "{{#if a}}" * 9 + "{{/if}}" * 9, "=1 +"])
def test_templates_that_cannot_be_read_are_refused(source: str) -> None:
    with pytest.raises(TemplateError):
        read(source)


def test_a_template_never_grows_without_end() -> None:
    scope = root({"n": list(range(1000))}, {}, NOW)
    grown = read("{{#loop n}}{{#loop n}}xxxxxxxxxx{{/loop}}{{/loop}}").render(scope)
    assert len(grown) <= 100_000
