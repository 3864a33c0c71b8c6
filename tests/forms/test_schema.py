"""Checking answers: every type, every rule, every message, and what the process gets in the end."""

from __future__ import annotations

from decimal import Decimal

import pytest

from forms import limits
from tests.forms.samples import LIST, NOW, OPTIONS, Json, answered, field, form, refused

REQUIRED: Json = {"validate": {"required": True}}


@pytest.mark.parametrize(
    ("component", "given", "kept"),
    [
        (field("textfield"), "  Le Goff ", "Le Goff"),
        (field("textfield", validate={"maxLength": 3}), "e\u0301te\u0301", "été"),
        (field("textfield"), "", None),
        (field("textfield"), None, None),
        (field("textfield"), "a\nb", "a b"),
        (field("textarea"), "a\r\nb\r\n", "a\nb"),
        (field("textfield", validate={"minLength": 3}), " abc ", "abc"),
        (field("textfield", validate={"maxLength": "3"}), " abc ", "abc"),
        (field("textfield", validate={"maxLength": "=2 + 1"}), "abc", "abc"),
        (field("textfield", validate={"pattern": "b"}), "abc", "abc"),
        (field("textfield", validate={"pattern": "\\u00e9"}), "été", "été"),
        (
            field("textfield", validate={"validationType": "email"}),
            "Anne.Le-Goff+a@bretagne.bzh",
            "Anne.Le-Goff+a@bretagne.bzh",
        ),
        (field("textfield", validate={"validationType": "phone"}), "02 99 27 10 10", "02 99 27 10 10"),
        (field("textfield", validate={"validationType": "phone"}), "+33 2 99 27 10 10", "+33 2 99 27 10 10"),
        (field("number"), 3, 3),
        (field("number"), 3.0, 3),
        (field("number"), 0.1, Decimal("0.1")),
        (field("number"), Decimal("1234567890123456789012345678.12"), Decimal("1234567890123456789012345678.12")),
        (field("number"), None, None),
        (field("number", decimalDigits=2), 12.25, Decimal("12.25")),
        (field("number", increment=0.05), 0.15, Decimal("0.15")),
        (field("number", serializeToString=True), "12.50", "12.50"),
        (field("number", serializeToString=True), 12.5, "12.5"),
        (field("number", validate={"min": 0, "max": 30}), 30, 30),
        (field("number", validate={"min": "=plancher"}), 5, 5),
        (field("datetime", subtype="date"), "2019-06-13", "2019-06-13"),
        (field("datetime", subtype="date", disallowPassedDates=True), "2019-06-13", "2019-06-13"),
        (field("datetime", subtype="time"), "14:30", "14:30:00"),
        (field("datetime", subtype="time", timeInterval=15), "14:45", "14:45:00"),
        (field("datetime", subtype="time", timeSerializingFormat="utc_offset"), "14:30", "14:30:00+02:00"),
        (field("datetime", subtype="time", timeSerializingFormat="utc_normalized"), "14:30", "12:30:00Z"),
        (field("datetime", subtype="time"), "12:30Z", "14:30:00"),
        (field("datetime", subtype="datetime"), "2019-06-13T14:30", "2019-06-13T14:30:00"),
        (
            field("datetime", subtype="datetime", timeSerializingFormat="utc_offset"),
            "2019-01-13T14:30",
            "2019-01-13T14:30:00+01:00",
        ),
        (
            field("datetime", subtype="datetime", timeSerializingFormat="utc_normalized"),
            "2019-06-13T01:30",
            "2019-06-12T23:30:00Z",
        ),
        (field("checkbox"), True, True),
        (field("checkbox"), False, False),
        (field("checkbox"), None, False),
        (field("radio", values=OPTIONS), "r", "r"),
        (field("select", values=OPTIONS), 2, 2),
        (field("select", values=OPTIONS), "2", 2),
        (field("select", valuesKey="choix"), "b", "b"),
        (field("select", valuesExpression="=for c in choix return {label: upper case(c), value: c}"), "a", "a"),
        (field("checklist", values=OPTIONS), ["v", 2], ["v", 2]),
        (field("taglist", values=OPTIONS), [], []),
        (field("taglist", values=OPTIONS), None, []),
    ],
)
def test_a_good_answer_is_kept_in_its_type(component: Json, given: object, kept: object) -> None:
    cleaned = answered(form(component), {"x": given}, plancher=5, choix=["a", "b"])["x"]
    assert cleaned == kept
    assert type(cleaned) is type(kept)


@pytest.mark.parametrize(
    ("component", "given", "message"),
    [
        (field("textfield", **REQUIRED), "  ", "Écrivez une réponse"),
        (
            field("textfield", **REQUIRED, properties={"requiredMessage": "Écrivez 100 % du nom"}),
            "",
            "Écrivez 100 % du nom",
        ),
        (field("textfield"), 3, "Écrivez un texte"),
        (field("textfield"), ["a", "b"], "Donnez une seule réponse"),
        (field("textfield"), "a\x00b", "Retirez les caractères invisibles\u00a0: ce texte en contient"),
        (field("textfield"), "a\ud800", "Retirez les caractères invisibles\u00a0: ce texte en contient"),
        (field("textfield", validate={"minLength": 3}), " ab ", "Écrivez au moins 3 caractères (il y en a 2)"),
        (field("textfield", validate={"maxLength": 3}), "abcd", "Écrivez 3 caractères au plus (il y en a 4)"),
        (field("textfield"), "a" * 1001, "Écrivez 1000 caractères au plus (il y en a 1001)"),
        (field("textarea"), "a" * 20_001, "Écrivez 20000 caractères au plus (il y en a 20001)"),
        (field("textfield", validate={"pattern": "^W\\d{9}$"}), "W12", "Respectez le format demandé"),
        (
            field("textfield", validate={"pattern": "^W", "patternErrorMessage": "W d’abord, 100 %"}),
            "X",
            "W d’abord, 100 %",
        ),
        (
            field("textfield", validate={"validationType": "email"}),
            "anne@bretagne",
            "Écrivez une adresse électronique complète, par exemple nom@exemple.fr",
        ),
        (
            field("textfield", validate={"validationType": "phone"}),
            "12 34",
            "Écrivez un numéro de téléphone, par exemple 02 99 27 10 10 ou +33 2 99 27 10 10",
        ),
        (field("number", validate={"required": True, "min": 0, "max": 30}), None, "Donnez un nombre entre 0 et 30"),
        (field("number", validate={"min": 0, "max": 30}), 31, "Donnez un nombre entre 0 et 30"),
        (field("number", validate={"min": 10000}), 5, "Donnez un nombre supérieur ou égal à 10\u00a0000"),
        (field("number", validate={"max": 0.5}), 0.6, "Donnez un nombre inférieur ou égal à 0,5"),
        (field("number", validate={"max": "=plafond"}), 6, "Donnez un nombre inférieur ou égal à 5"),
        (
            field("number", validate={"max": 30}, properties={"rangeMessage": "Donnez une note de 0 à 30"}),
            31,
            "Donnez une note de 0 à 30",
        ),
        (field("number"), "12", "Écrivez un nombre, par exemple 12,5"),
        (field("number"), True, "Écrivez un nombre, par exemple 12,5"),
        (field("number", decimalDigits=0), "plein", "Écrivez un nombre, par exemple 12"),
        (field("number"), float("nan"), "Écrivez un nombre, par exemple 12,5"),
        (field("number"), float("inf"), "Écrivez un nombre, par exemple 12,5"),
        (field("number"), 10**400, "Écrivez un nombre plus court\u00a0: il a trop de chiffres"),
        (field("number"), 1e300, "Écrivez un nombre plus court\u00a0: il a trop de chiffres"),
        (field("number", decimalDigits=0), 1.5, "Donnez un nombre entier"),
        (field("number", decimalDigits=2), 1.234, "Donnez 2 chiffres au plus après la virgule"),
        (field("number", increment=5), 12, "Choisissez une valeur permise, par exemple 10 ou 15"),
        (field("datetime", **REQUIRED), "", "Donnez une date, par exemple 13/06/2019"),
        (field("datetime"), "2019-02-30", "Donnez une date, par exemple 13/06/2019"),
        (field("datetime"), "13/06/2019", "Donnez une date, par exemple 13/06/2019"),
        (field("datetime"), 20190613, "Donnez une date, par exemple 13/06/2019"),
        (field("datetime"), "0019-06-13", "Vérifiez l’année de cette date"),
        (field("datetime", disallowPassedDates=True), "2019-06-12", "Choisissez une date à venir"),
        (field("datetime", subtype="time"), "25:00", "Donnez une heure, par exemple 14:30"),
        (
            field("datetime", subtype="time", timeInterval=15),
            "14:05",
            "Choisissez une heure permise, par exemple 14:00 ou 14:15",
        ),
        (
            field("datetime", subtype="datetime"),
            "2019-06-13",
            "Donnez une date et une heure, par exemple 13/06/2019 14:30",
        ),
        (
            field("datetime", subtype="datetime"),
            "2019-03-31T02:30",
            "Choisissez une autre heure\u00a0: celle-ci n’existe pas, on passe ce jour-là à l’heure d’été",
        ),
        (field("checkbox", **REQUIRED), False, "Cochez cette case"),
        (field("checkbox"), "oui", "Cochez la case ou laissez-la vide"),
        (field("radio", values=OPTIONS, **REQUIRED), None, "Choisissez une réponse"),
        (field("radio", values=OPTIONS), "b", "Choisissez une des réponses proposées"),
        (field("select", values=OPTIONS), True, "Choisissez une des réponses proposées"),
        (field("select", values=OPTIONS), ["r"], "Donnez une seule réponse"),
        (field("select", valuesKey="rien", **REQUIRED), "", "Aucune réponse n’est proposée pour l’instant"),
        (field("checklist", values=OPTIONS, **REQUIRED), [], "Choisissez au moins une réponse"),
        (field("checklist", values=OPTIONS), "r", "Donnez une liste de réponses"),
        (field("checklist", values=OPTIONS), ["b"], "Choisissez une des réponses proposées"),
        (field("checklist", values=OPTIONS), ["r", "r"], "La même réponse est donnée deux fois\u00a0: retirez-en une"),
        (field("filepicker", accept=".pdf", **REQUIRED), [], "Joignez un fichier (PDF, 10\u00a0Mo au plus)"),
        (field("filepicker"), "x.pdf", None),
        (field("filepicker"), [{"id": "1"}], "Joignez à nouveau le fichier\u00a0: il n’a pas été reçu"),
    ],
)
def test_a_wrong_answer_says_what_to_do(component: Json, given: object, message: str | None) -> None:
    messages = refused(form(component), {"x": given}, plafond=5)
    assert list(messages) == ["x"]
    assert message is None or messages["x"] == [message]


def test_every_wrong_field_is_named_at_once() -> None:
    made = form(field("textfield", "a", **REQUIRED), field("number", "b", **REQUIRED), LIST)
    messages = refused(made, {"b": "x", "membres": [{"nom": "A"}, {}]})
    assert set(messages) == {"a", "b", "membres.1.nom"}


def test_an_optional_answer_that_was_not_sent_stays_absent() -> None:
    assert answered(form(field("textfield", "a"), field("number", "b")), {"a": ""}) == {"a": None}


def test_unknown_fields_are_refused_by_name() -> None:
    made = form(field("textfield", "a"), LIST)
    messages = refused(made, {"pirate": 1, "membres": [{"nom": "A", "role": "admin"}]})
    assert messages == {
        "pirate": ["Ce champ n’existe pas dans ce formulaire\u00a0: retirez-le"],
        "membres.0.role": ["Ce champ n’existe pas dans ce formulaire\u00a0: retirez-le"],
    }


@pytest.mark.parametrize("answers", [None, [], "texte", 3])
def test_answers_must_be_an_object(answers: object) -> None:
    assert refused(form(field("textfield")), answers) == {"": ["Donnez un objet avec une réponse par champ"]}


# ---------------------------------------------------------------------------------------------------------- conditions


def test_a_hidden_field_is_neither_required_nor_kept() -> None:
    made = form(
        field("radio", "kind", values=["moi", "asso"]),
        field("textfield", "rna", conditional={"hide": '=kind != "asso"'}, **REQUIRED),
    )
    assert answered(made, {"kind": "moi", "rna": "W1"}) == {"kind": "moi"}
    assert refused(made, {"kind": "asso"}) == {"rna": ["Écrivez une réponse"]}


@pytest.mark.parametrize("hide", ["=null", "=1", '="true"', "=inconnu", "=inconnu > 3"])
def test_only_exactly_true_hides(hide: str) -> None:
    made = form(field("textfield", conditional={"hide": hide}))
    assert answered(made, {"x": "là"}) == {"x": "là"}


def test_hidden_answers_do_not_decide_about_others() -> None:
    made = form(
        field("checkbox", "a"),
        field("checkbox", "b", conditional={"hide": "=a = true"}),
        field("textfield", "c", conditional={"hide": "=b = true"}, **REQUIRED),
    )
    assert refused(made, {"a": True, "b": True}) == {"c": ["Écrivez une réponse"]}


def test_a_hidden_group_hides_what_is_in_it() -> None:
    group = {
        "type": "group",
        "id": "g",
        "conditional": {"hide": "=true"},
        "components": [field("textfield", **REQUIRED), LIST],
    }
    assert answered(form(group), {"x": "a", "membres": [{"nom": ""}]}) == {}


def test_the_variables_of_the_case_take_part_in_conditions() -> None:
    made = form(field("textfield", conditional={"hide": "=etape = 2"}, **REQUIRED))
    assert answered(made, {}, etape=2) == {}
    assert refused(made, {}, etape=1)


def test_rows_are_hidden_one_by_one() -> None:
    rows = [
        field("checkbox", "mineur"),
        field("textfield", "tuteur", conditional={"hide": "=not(this.mineur = true)"}, **REQUIRED),
    ]
    made = form({**LIST, "components": rows})
    answers = {"membres": [{"mineur": False, "tuteur": "x"}, {"mineur": True}]}
    assert refused(made, answers) == {"membres.1.tuteur": ["Écrivez une réponse"]}
    answers = {"membres": [{"mineur": False, "tuteur": "x"}, {"mineur": True, "tuteur": "y"}]}
    assert answered(made, answers) == {"membres": [{"mineur": False}, {"mineur": True, "tuteur": "y"}]}


# ------------------------------------------------------------------------------------------------------------- computed


def test_computed_values_are_computed_here_whatever_was_sent() -> None:
    made = form(
        field("number", "a"),
        field("expression", "total", expression="=a * 1.5"),
        field("expression", "double", expression="=total * 2"),
    )
    assert answered(made, {"a": 5, "total": 1_000_000}) == {"a": 5, "total": Decimal("7.5"), "double": 15}


def test_computed_dates_become_iso_text() -> None:
    made = form(field("datetime", "debut"), field("expression", "fin", expression='=date(debut) + duration("P1M")'))
    assert answered(made, {"debut": "2019-01-31"})["fin"] == "2019-02-28"


# ---------------------------------------------------------------------------------------------------- groups and lists


def test_a_group_with_a_path_nests_its_answers() -> None:
    made = form({"type": "group", "id": "g", "path": "adresse", "components": [field("textfield", "ville", **REQUIRED)]})
    assert answered(made, {"adresse": {"ville": "Rennes"}}) == {"adresse": {"ville": "Rennes"}}
    assert list(refused(made, {})) == ["adresse.ville"]
    assert refused(made, {"adresse": {"ville": "Rennes", "pays": "FR"}}).keys() == {"adresse.pays"}
    assert refused(made, {"adresse": "Rennes"}).keys() == {"adresse"}


def test_dotted_names_nest_their_answers() -> None:
    made = form(field("textfield", "a.b"), field("textfield", "a.c"))
    assert answered(made, {"a": {"b": "1", "c": "2"}}) == {"a": {"b": "1", "c": "2"}}


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (2, "Ajoutez des lignes\u00a0: il en faut au moins 3 (il y en a 2)"),
        (3, None),
        (8, None),
        (9, "Retirez des lignes\u00a0: il en faut 8 au plus (il y en a 9)"),
    ],
)
def test_the_number_of_rows_is_bounded_by_the_case(count: int, message: str | None) -> None:
    made = form({**LIST, "properties": {"minItems": "=taille_min", "maxItems": "=taille_max"}})
    messages = refused(made, {"membres": [{"nom": "A"}] * count}, taille_min=3, taille_max=8)
    assert messages == ({"membres": [message]} if message else {})


def test_a_list_that_was_not_sent_is_missing_only_when_rows_are_needed() -> None:
    assert answered(form(LIST), {}) == {}
    assert list(refused(form({**LIST, "properties": {"minItems": 1}}), {})) == ["membres"]


def test_rows_that_may_not_be_added_stay_as_many() -> None:
    made = form({**LIST, "allowAddRemove": False})
    given = {"membres": [{"nom": "A"}, {"nom": "B"}]}
    assert refused(made, given, membres=[{"nom": "A"}]).keys() == {"membres"}
    assert answered(made, given, membres=[{}, {}])["membres"] == [{"nom": "A"}, {"nom": "B"}]


@pytest.mark.parametrize("rows", ["texte", {"0": {}}, 3])
def test_a_list_must_be_a_list(rows: object) -> None:
    assert refused(form(LIST), {"membres": rows}) == {"membres": ["Donnez une liste"]}


@pytest.mark.parametrize("row", [None, "texte", [], 3])
def test_a_row_must_be_an_object(row: object) -> None:
    assert refused(form(LIST), {"membres": [row]}) == {"membres.0": ["Donnez un objet avec une réponse par champ"]}


def test_rows_see_their_list_and_their_number() -> None:
    row = [
        field("expression", "rang", expression="=i"),
        field("expression", "total", expression="=count(parent.membres)"),
    ]
    made = form({**LIST, "components": [field("textfield", "nom"), *row]})
    rows = answered(made, {"membres": [{"nom": "A"}, {"nom": "B"}]})["membres"]
    assert rows == [{"nom": "A", "rang": 1, "total": 2}, {"nom": "B", "rang": 2, "total": 2}]


# ------------------------------------------------------------------------------------------------ read-only and checks


def test_a_read_only_field_keeps_what_the_case_holds() -> None:
    made = form(field("textfield", readonly="=verrou", **REQUIRED))
    assert answered(made, {}, verrou=True, x="connu") == {"x": "connu"}
    assert answered(made, {"x": "connu"}, verrou=True, x="connu") == {"x": "connu"}
    assert refused(made, {"x": "autre"}, verrou=True, x="connu") == {"x": ["Ce champ ne se modifie pas"]}
    assert answered(made, {"x": "autre"}, verrou=False, x="connu") == {"x": "autre"}


def test_a_disabled_field_gives_no_answer() -> None:
    assert answered(form(field("textfield", disabled=True, **REQUIRED)), {}, x="connu") == {}


def test_checks_between_fields_say_so_at_a_field() -> None:
    made = form(
        field("datetime", "debut"),
        field("datetime", "fin"),
        checks=[{"when": "=date(fin) <= date(debut)", "message": "Choisissez une date après le {{debut}}", "field": "fin"}],
    )
    assert refused(made, {"debut": "2019-06-13", "fin": "2019-06-12"}) == {"fin": ["Choisissez une date après le jeudi 13 juin 2019"]}
    assert answered(made, {"debut": "2019-06-13", "fin": "2019-06-14"})
    assert answered(made, {"debut": "2019-06-13"})


def test_checks_of_the_whole_form_stand_at_the_form() -> None:
    made = form(field("number", "a"), field("number", "b"), checks=[{"when": "=a + b != 100", "message": "Arrivez à 100 %"}])
    assert refused(made, {"a": 50, "b": 49}) == {"": ["Arrivez à 100 %"]}


def test_checks_of_a_list_look_at_each_row() -> None:
    check = {"when": "=count(parent.membres[nom = this.nom]) > 1", "message": "Ce nom est déjà donné", "field": "nom"}
    made = form({**LIST, "checks": [check]})
    assert refused(made, {"membres": [{"nom": "A"}, {"nom": "B"}, {"nom": "A"}]}).keys() == {
        "membres.0.nom",
        "membres.2.nom",
    }


def test_checks_speak_together_with_other_errors() -> None:
    made = form(
        field("textfield", "titre", **REQUIRED),
        field("number", "a"),
        checks=[{"when": "=a > 3", "message": "trop", "field": "a"}],
    )
    assert refused(made, {"a": 4}).keys() == {"titre", "a"}


def test_a_field_with_its_own_error_gets_no_second_message() -> None:
    made = form(field("number", "a", validate={"max": 3}), checks=[{"when": "=a > 3", "message": "trop", "field": "a"}])
    assert refused(made, {"a": 4}) == {"a": ["Donnez un nombre inférieur ou égal à 3"]}


# -------------------------------------------------------------------------------------------------------------- hostile


def test_thousands_of_unknown_fields_give_a_bounded_refusal() -> None:
    messages = refused(form(field("textfield")), {f"k{number}": number for number in range(20_000)})
    assert 0 < len(messages) <= limits.MESSAGES


def test_oversized_answers_are_refused_as_a_whole() -> None:
    assert list(refused(form(field("textarea")), {"x": "a" * 2_000_000})) == [""]


def test_deep_answers_are_refused() -> None:
    deep: object = "fond"
    for _ in range(500):
        deep = [deep]
    assert refused(form(field("textfield")), {"x": deep})


def test_too_many_rows_are_refused() -> None:
    assert list(refused(form(LIST), {"membres": [{"nom": "A"}] * 5000})) == ["membres"]


@pytest.mark.parametrize(
    "bomb",
    [
        "=count(for a in 1..1000, b in 1..1000, c in 1..1000 return a) > 1",
        '=string length(string join(for i in 1..100000 return "aaaaaaaaaaaaaaaaaaaaaaaa")) > 1',
    ],
)
def test_an_endless_expression_stops_the_check_with_a_message(bomb: str) -> None:
    made = form(field("textfield", conditional={"hide": bomb}))
    assert list(refused(made, {"x": "a"})) == [""]


def test_many_slow_expressions_share_one_time_limit() -> None:
    slow = "=count(for a in 1..300, b in 1..300 return a * b) = 0"
    made = form(*(field("textfield", f"k{number}", conditional={"hide": slow}) for number in range(200)))
    assert list(refused(made, {"k1": "a"})) == [""]


def test_nothing_of_the_given_answers_is_changed() -> None:
    given: Json = {"membres": [{"nom": " A ", "chef": True}], "cache": "x"}
    made = form(LIST, field("textfield", "cache", conditional={"hide": "=true"}))
    answered(made, given)
    assert given == {"membres": [{"nom": " A ", "chef": True}], "cache": "x"}
    assert NOW.tzinfo
