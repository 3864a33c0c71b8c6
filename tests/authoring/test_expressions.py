"""Expressions of Camunda 7 (JUEL) and Camunda 8 as FEEL: the same value, or refused with a reason."""

from __future__ import annotations

from typing import Any

import pytest

from authoring.importing.expressions import condition, context, from_juel, from_zeebe, is_context
from authoring.importing.juel import Untranslatable
from authoring.importing.juel_feel import COUNTERS
from engine.spiff.scripts import feel
from tests.spiff.driver import NOW

ORDER = {"client": {"nom": "Yann", "mails": ["a@b.bzh", "c@d.bzh"]}, "total": 120, "lignes": [1, 2, 3], "cle composee": 7}

#: source, what it becomes, variables, its value
TABLE: list[tuple[str, str, dict[str, Any], object]] = [
    # literals and names
    ("${approuve}", "approuve", {"approuve": True}, True),
    ("#{approuve}", "approuve", {"approuve": False}, False),
    ("${ 'oui' }", '"oui"', {}, "oui"),
    ('${"dit \\"oui\\""}', '"dit \\"oui\\""', {}, 'dit "oui"'),
    ("${null}", "null", {}, None),
    ("${true}", "true", {}, True),
    ("${1.50}", "1.50", {}, 1.5),
    ("${1e3}", "1000", {}, 1000),
    # comparisons, in signs and words
    ("${montant == 100}", "montant = 100", {"montant": 100}, True),
    ("${montant eq 100}", "montant = 100", {"montant": 1}, False),
    ("${etat != 'clos'}", 'etat != "clos"', {"etat": "ouvert"}, True),
    ("${etat ne 'clos'}", 'etat != "clos"', {"etat": "clos"}, False),
    ("${a < b}", "a < b", {"a": 1, "b": 2}, True),
    ("${a lt b}", "a < b", {"a": 2, "b": 2}, False),
    ("${a gt b}", "a > b", {"a": 2, "b": 1}, True),
    ("${a <= b}", "a <= b", {"a": 2, "b": 2}, True),
    ("${a ge b}", "a >= b", {"a": 1, "b": 2}, False),
    ("${a == b == true}", "(a = b) = true", {"a": 1, "b": 1}, True),
    ("${commentaire == null}", "commentaire = null", {}, True),
    # logic
    ("${a && b || c}", "a and b or c", {"a": False, "b": True, "c": True}, True),
    ("${a and (b or c)}", "a and (b or c)", {"a": True, "b": False, "c": False}, False),
    ("${!a}", "not(a)", {"a": False}, True),
    ("${not a}", "not(a)", {"a": True}, False),
    ("${!(a > 1) && b}", "not(a > 1) and b", {"a": 1, "b": True}, True),
    ("${code == '1'}", 'code = "1"', {"code": "1"}, True),
    # empty
    ("${empty nom}", 'list contains([null, "", [], {}], nom)', {"nom": ""}, True),
    ("${empty lignes}", 'list contains([null, "", [], {}], lignes)', {"lignes": []}, True),
    ("${not empty lignes}", 'not(list contains([null, "", [], {}], lignes))', {"lignes": [1]}, True),
    ("${empty nombre}", 'list contains([null, "", [], {}], nombre)', {"nombre": 0}, False),
    # arithmetic
    ("${a + b * 2}", "a + b * 2", {"a": 1, "b": 3}, 7),
    ("${(a + b) * 2}", "(a + b) * 2", {"a": 1, "b": 3}, 8),
    ("${a - (b - c)}", "a - (b - c)", {"a": 9, "b": 4, "c": 1}, 6),
    ("${a / b}", "a / b", {"a": 1, "b": 4}, 0.25),
    ("${a div b}", "a / b", {"a": 1, "b": 2}, 0.5),
    ("${a % 3}", "a - 3 * round down(a / 3, 0)", {"a": -7}, -1),
    ("${a mod 3}", "a - 3 * round down(a / 3, 0)", {"a": 8}, 2),
    ("${-a}", "-a", {"a": 5}, -5),
    # choice, paths, places
    ("${a > 1 ? 'haut' : 'bas'}", 'if a > 1 then "haut" else "bas"', {"a": 2}, "haut"),
    ("${a ? b : c ? d : e}", "if a then b else if c then d else e", {"a": False, "c": True, "d": 4, "b": 1, "e": 5}, 4),
    ("${(a ? 1 : 2) + 1}", "(if a then 1 else 2) + 1", {"a": False}, 3),
    ("${commande.client.nom}", "commande.client.nom", {"commande": ORDER}, "Yann"),
    ("${commande.client.mails[0]}", "commande.client.mails[1]", {"commande": ORDER}, "a@b.bzh"),
    ("${commande['cle composee']}", 'get value(commande, "cle composee")', {"commande": ORDER}, 7),
    # methods that mean the same
    ("${execution.getVariable('total') > 100}", "total > 100", {"total": 120}, True),
    ("${etat.equals('clos')}", 'etat = "clos"', {"etat": "clos"}, True),
    ("${lignes.size() > 2}", "count(lignes) > 2", {"lignes": [1, 2, 3]}, True),
    ("${nom.length()}", "string length(nom)", {"nom": "Enora"}, 5),
    ("${nom.startsWith('En')}", 'starts with(nom, "En")', {"nom": "Enora"}, True),
    ("${nom.toUpperCase()}", "upper case(nom)", {"nom": "Enora"}, "ENORA"),
    # texts around
    ("Bonjour ${nom} !", '"Bonjour " + string(nom) + " !"', {"nom": "Enora"}, "Bonjour Enora !"),
    ("${a}-${b}", 'string(a) + "-" + string(b)', {"a": 1, "b": 2}, "1-2"),
    ("fixe", '"fixe"', {}, "fixe"),
]


@pytest.mark.parametrize(("source", "expected", "variables", "value"), TABLE)
def test_juel_becomes_feel_with_the_same_value(source: str, expected: str, variables: dict[str, Any], value: object) -> None:
    written = from_juel(source)
    assert written == expected
    found = feel(written).evaluate(variables, now=NOW)
    assert found == value or float(found) == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("${service.check(order)}", ".check()"),
        ("${execution.processInstanceId == '1'}", "execution"),
        ("${execution.getVariableLocal('x')}", "execution.getVariableLocal()"),
        ("${task.assignee}", "task"),
        ("${currentUser()}", "currentUser"),
        ("${liste.contains(x)}", ".contains()"),
        ("${liste[i]}", "position"),
        ("${prefixe + 'x'}", "joint des textes"),
        ("${a == '1' ? 'un' : 'autre'}", "serait lu comme un nombre"),
        ("${a && b == 'true' ? 1 : 2}", "serait lu comme un nombre"),
        ("${date > 3}", "« date »"),
        ("${number == 3}", "« number »"),
        ("${in == 3}", "in"),
        ("${$a}", "$a"),
        ("${a ==}", "inachevée"),
        ("${}", "inachevée"),
        ("${a b}", "« b »"),
        ("${a ? b}", "inachevée"),
        ("${'a}", "inachevée"),
        ("${" + "(" * 60 + "a" + ")" * 60 + "}", "profondément"),
        ("${" + "a+" * 3_000 + "a}", "trop longue"),
        ("${" + "!" * 190 + "a}", "imbriquée"),
    ],
)
def test_what_feel_cannot_say_is_refused_with_its_reason(source: str, reason: str) -> None:
    with pytest.raises(Untranslatable) as refused:
        from_juel(source)
    assert reason in str(refused.value.reason)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("${nrOfCompletedInstances / nrOfInstances >= 0.5}", "numberOfCompletedInstances / numberOfInstances >= 0.5"),
        ("${nrOfActiveInstances == 1}", "numberOfActiveInstances = 1"),
        ("${loopCounter == 0}", "(loopCounter - 1) = 0"),
    ],
)
def test_counters_of_loops_have_their_names_here(source: str, expected: str) -> None:
    assert from_juel(source, COUNTERS) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("=montant > 10", "montant > 10"),
        ("=is defined(commande.prix)", "(commande.prix != null)"),
        ("=if is defined(n) then n else 0", "if (n != null) then n else 0"),
        ('=get or else(nom, "sans nom") + "!"', '(if nom = null then "sans nom" else nom) + "!"'),
        ('="is defined(x)" + y', '"is defined(x)" + y'),
        ("demo", '"demo"'),
        ('= ["a", "b"]', '["a", "b"]'),
        ("=if a then 1 else 2", "if a then 1 else 2"),
        ('=today() + duration("P1D")', 'today() + duration("P1D")'),
    ],
)
def test_feel_of_camunda_8_stays(source: str, expected: str) -> None:
    assert from_zeebe(source) == expected


@pytest.mark.parametrize("source", ["=uuid()", "=get or else(f(a), 1)", "=last day of month(d)", "=a +", '=fromAi(toolCall.x, "y")'])
def test_functions_of_camunda_8_alone_are_refused(source: str) -> None:
    with pytest.raises(Untranslatable):
        from_zeebe(source)


def test_conditions_in_feel_stay_with_or_without_their_sign() -> None:
    assert condition("=a > 1") == "a > 1"
    assert condition("a > 1") == "a > 1"


def test_names_that_feel_cannot_read_are_quoted_in_contexts() -> None:
    written = context({"a": "1", "if": "2", "b c": "3"})
    assert feel(written).evaluate({}) == {"a": 1, "if": 2, "b c": 3}


@pytest.mark.parametrize(("source", "is_one"), [("{a: 1}", True), ("= {a: 1}", True), ("x = 1", False), ("print(1)", False), ("{a", False)])
def test_a_script_of_ours_is_a_context(source: str, is_one: bool) -> None:
    assert is_context(source) is is_one
