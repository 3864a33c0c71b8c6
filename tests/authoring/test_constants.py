"""Which constants a text has, and that only they change."""

from __future__ import annotations

import pytest

from authoring import constants
from authoring.constants import Constant
from feel.expression import compile as compile_feel


def told(found: tuple[Constant, ...]) -> list[tuple[str, str]]:
    return [(each.kind, each.value) for each in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("30", [("number", "30")]),
        (" -2.5 ", [("number", "-2.5")]),
        ("true", [("truth", "true")]),
        ('"P15D"', [("duration", "P15D")]),
        ('"R/P14D"', [("cycle", "R/P14D")]),
        ('"2019-07-01"', [("date", "2019-07-01")]),
        ('"Un \\"mot\\""', [("text", 'Un "mot"')]),
        ("montant > 1000", [("number", "1000")]),
        ("1000 < montant and note >= -2", [("number", "1000"), ("number", "-2")]),
        ("x - 3 > 0 and y = 1", []),
        ("note in [45..60[", [("number", "45"), ("number", "60")]),
        ('debut + duration("P2D") > date("2019-07-01")', [("duration", "P2D"), ("date", "2019-07-01")]),
        ('debut + @"PT6H"', [("duration", "PT6H")]),
        ("count(notes) > 0", []),
        ("notes[1] + 3 * 2", []),
        ("duration(parametres.delai)", []),
        ('statut = "recu"', []),
        ("montant >", []),
        ("", []),
        ('"ouvert', []),
    ],
)
def test_constants_of_an_expression(text: str, found: list[tuple[str, str]]) -> None:
    assert told(constants.in_expression(text)) == found
    for each in constants.in_expression(text):
        assert text[each.start : each.end].replace('\\"', '"') == each.value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (">= 60", [("number", "60")]),
        ("[45..60[", [("number", "45"), ("number", "60")]),
        ("not(3), -1", [("number", "3"), ("number", "-1")]),
        ('> duration("P3D")', [("duration", "P3D")]),
        ('"refus", "stop"', []),
        ("> 0", []),
        ("-", []),
    ],
)
def test_constants_of_an_input_cell(text: str, found: list[tuple[str, str]]) -> None:
    assert told(constants.in_tests(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("P2D", [("duration", "P2D")]),
        ("\n  R3/PT10H\n ", [("cycle", "R3/PT10H")]),
        ("2019-07-01T09:00", [("date", "2019-07-01T09:00")]),
        ('duration("P2D")', [("duration", "P2D")]),
        ("debut_le", []),
    ],
)
def test_constants_of_a_timer(text: str, found: list[tuple[str, str]]) -> None:
    assert told(constants.in_timer(text)) == found


def test_other_values_stand_where_the_old_ones_stood() -> None:
    text = 'montant > 1000 and debut + duration("P2D") < fin and note >= -2'
    found = constants.in_expression(text)
    assert constants.write(text, list(zip(found, ("1.5", "P1M", "7"), strict=True))) == (
        'montant > 1.5 and debut + duration("P1M") < fin and note >= 7'
    )
    (said,) = constants.in_expression('"a"')
    written = constants.write('"a"', [(said, 'b "c" \\')])
    assert compile_feel(written).evaluate({}) == 'b "c" \\'


@pytest.mark.parametrize(
    ("text", "value", "fits"),
    [
        ("30", "31.5", True),
        ("30", "31,5", False),
        ("30", "trente", False),
        ("30", "P1D", False),
        ('"P2D"', "P1M", True),
        ('"P2D"', "2 jours", False),
        ('"P2D"', 'P2D") + duration("P1D', False),
        ("true", "false", True),
        ("true", "oui", False),
        ('"2019-07-01"', "2019-07-32", False),
        ('"mot"', "autre mot", True),
        ('"mot"', "", False),
    ],
)
def test_a_value_keeps_the_kind_of_its_constant(text: str, value: str, fits: bool) -> None:
    (constant,) = constants.in_expression(text)
    assert constants.fits(constant, value) is fits
