"""Data objects, properties, and what associations bring into activities and events and take out of them (BPMN 2.0.2, 10.4)."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import pytest

from engine.bundle import Bundle, File
from engine.checks import check
from tests.spiff.driver import Run, boundary, chain, define_all, definitions, diagram, end, node, process, script, start, user

MESSAGE = '<message id="M" name="m"/>'
ON_MESSAGE = '<messageEventDefinition messageRef="M"/>'


def io(inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    """An ioSpecification: name by id."""
    items = "".join(f'<dataInput id="{ident}" name="{name}"/>' for ident, name in (inputs or {}).items())
    items += "".join(f'<dataOutput id="{ident}" name="{name}"/>' for ident, name in (outputs or {}).items())
    read = "".join(f"<dataInputRefs>{ident}</dataInputRefs>" for ident in inputs or {})
    written = "".join(f"<dataOutputRefs>{ident}</dataOutputRefs>" for ident in outputs or {})
    return f"<ioSpecification>{items}<inputSet>{read}</inputSet><outputSet>{written}</outputSet></ioSpecification>"


def into(source: str, target: str, *inner: str) -> str:
    return _association("Input", source, target, inner)


def out(source: str, target: str, *inner: str) -> str:
    return _association("Output", source, target, inner)


def _association(side: str, source: str, target: str, inner: tuple[str, ...]) -> str:
    ref = f"<sourceRef>{source}</sourceRef>" if source else ""
    return f"<data{side}Association>{ref}<targetRef>{target}</targetRef>{''.join(inner)}</data{side}Association>"


def transformation(source: str) -> str:
    return f"<transformation>{escape(source)}</transformation>"


def assign(value: str, to: str) -> str:
    return f"<assignment><from>{escape(value)}</from><to>{to}</to></assignment>"


OBJECTS = '<dataObject id="do"/><dataObjectReference id="dor" name="commande" dataObjectRef="do"/><dataObject id="avis" name="avis"/>'


def ran(*content: str, variables: dict[str, Any] | None = None, extra: str = "") -> Run:
    source = diagram(OBJECTS, *content, extra=extra)
    assert [str(each) for each in check(Bundle([File("diagram", "d", source)]), called=()) if each.severity == "error"] == []
    return Run(source, variables)


def test_data_object_is_a_variable_under_its_name() -> None:
    run = ran(start(), script("s", "{commande: 3}"), script("t", "{avis: commande + 1}"), end(), chain("start", "s", "t", "end"))
    assert run.variables == {"commande": 3, "avis": 4}


def test_inputs_and_outputs_are_the_activitys_own() -> None:
    inside = io({"i": "x"}, {"o": "y"}) + into("dor", "i") + out("o", "avis")
    run = ran(start(), script("s", "{y: x * 2, autre: 1}", inside), user("u"), chain("start", "s", "u"), variables={"commande": 21, "y": "garde"})
    assert run.variables == {"commande": 21, "y": "garde", "avis": 42, "autre": 1}


def test_transformations_and_assignments_are_feel() -> None:
    inside = (
        io({"i": "x"}, {"o": "y"}) + into("dor", "i", transformation("commande.lignes[item.prix > 10].prix"))
        + out("o", "avis", assign("sum(x)", "avis.total"), assign('"vu"', "avis.etat"))
    )  # fmt: skip
    run = ran(start(), script("s", "{y: 0}", inside), user("u"), chain("start", "s", "u"),
              variables={"commande": {"lignes": [{"prix": 5}, {"prix": 20}, {"prix": 30}]}, "avis": {"par": "moi"}})  # fmt: skip
    assert run.variables["avis"] == {"par": "moi", "total": 50, "etat": "vu"}


def test_task_shows_its_inputs_and_keeps_them_over_a_save() -> None:
    inside = io({"i": "x"}, {"o": "note"}) + into("dor", "i") + out("o", "avis")
    run = ran(start(), user("u", inside), user("z"), chain("start", "u", "z"), variables={"commande": "C1"})
    (task,) = run.tasks.values()
    assert task.local == {"x": "C1"}
    run.do("u", note=12, libre=True)
    assert run.variables == {"commande": "C1", "avis": 12, "libre": True}


def test_failing_transformation_is_an_incident_that_a_retry_settles() -> None:
    inside = io({"i": "x"}) + into("dor", "i", transformation("[for i in 1..commande return i][-1]"))
    run = ran(start(), user("u", inside), chain("start", "u"), variables={"commande": 10**9})
    assert [each.element_id for each in run.incidents.values()] == ["u"]
    run.act(lambda execution: execution.amend({"commande": 3})).retry("u")
    assert run.open == ["u"]


def test_drawn_arrows_mean_nothing() -> None:
    drawn = '<property id="pp" name="__targetRef_placeholder"/>' + into("dor", "pp") + out("", "avis")
    run = ran(start(), user("u", drawn), user("z"), chain("start", "u", "z"), variables={"commande": 1}).do("u", x=1)
    assert run.variables == {"commande": 1, "x": 1}


def test_properties_belong_to_their_activity() -> None:
    run = ran(start(), script("s", "{p: 1, q: 2}", '<property id="p1" name="p"/>'), user("u"), chain("start", "s", "u"))
    assert run.variables == {"q": 2}


def test_data_objects_of_a_sub_process_live_as_long_as_it() -> None:
    inner = '<dataObject id="l" name="local"/>' + start("s1") + user("a") + user("b") + end("e1") + chain("s1", "a", "b", "e1")
    loop = '<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>'
    run = ran(start(), node("subProcess", "sp", loop, inner), user("z"), chain("start", "sp", "z"), variables={"local": "dehors"})
    first, second = list(run.tasks)
    run.do(first, local=1, commun=5).do(second, local=2)
    assert [task.local["local"] for task in run.tasks.values()] == [1, 2]
    run.do("b").do("b")
    assert run.open == ["z"]
    assert run.variables == {"local": "dehors", "commun": 5}


def test_call_activity_gives_and_takes_what_its_associations_say() -> None:
    inside = io({"i": "sujet"}, {"o": "resultat"}) + into("dor", "i") + out("o", "avis")
    caller = process(OBJECTS, start(), node("callActivity", "c", inside, calledElement="Q"), user("z"), chain("start", "c", "z"))
    called = process(start("qs"), user("q"), chain("qs", "q"), key="Q")
    found = define_all(definitions(caller, called))
    run = Run(found["P"], {"commande": "C1", "secret": 1}, called=found)
    child = run.child("c")
    assert child.variables == {"sujet": "C1"}
    child.do("q", resultat="oui", autre=2)
    run.settle_children()
    assert run.variables == {"commande": "C1", "secret": 1, "avis": "oui"}


def test_list_of_a_multi_instance_activity_may_be_made_first() -> None:
    loop = (
        '<multiInstanceLoopCharacteristics isSequential="true"><loopDataInputRef>i</loopDataInputRef><loopDataOutputRef>o</loopDataOutputRef>'
        '<inputDataItem id="un" name="un"/><outputDataItem id="fait" name="fait"/></multiInstanceLoopCharacteristics>'
    )
    inside = io({"i": "liste"}, {"o": "faits"}) + into("dor", "i", transformation("commande.lignes")) + out("o", "avis", transformation("sum(faits)")) + loop
    run = ran(start(), script("s", "{fait: un * 2}", inside), user("z"), chain("start", "s", "z"), variables={"commande": {"lignes": [1, 2, 3]}})
    assert run.variables == {"commande": {"lignes": [1, 2, 3]}, "avis": 12}


@pytest.mark.parametrize("kind", ["event", "task", "boundary"])
def test_message_goes_where_its_data_output_says(kind: str) -> None:
    outputs = '<dataOutput id="o" name="o"/>' + out("o", "dor")
    waits = {
        "event": node("intermediateCatchEvent", "c", outputs, ON_MESSAGE),
        "task": node("receiveTask", "c", io(None, {"o": "o"}) + out("o", "dor"), messageRef="M"),
        "boundary": user("c") + boundary("b", "c", outputs, ON_MESSAGE) + chain("b", "z"),
    }[kind]
    run = ran(start(), waits, user("z"), chain("start", "c", "z"), extra=MESSAGE).send("m", a=1, b=2)
    assert run.open == ["z"]
    assert run.variables == {"commande": {"a": 1, "b": 2}}


def test_start_by_a_message_and_thrown_messages_use_their_data() -> None:
    begin = start("start", '<dataOutput id="o"/>' + out("o", "dor", transformation("o.numero")), ON_MESSAGE)
    sent = node("intermediateThrowEvent", "t", '<dataInput id="i1" name="numero"/>' + into("dor", "i1"), ON_MESSAGE)
    task = node("sendTask", "s", io({"i2": "a", "i3": "b"}) + into("dor", "i2") + into("avis", "i3"), messageRef="M")
    source = diagram(OBJECTS, begin, sent, task, user("z"), chain("start", "t", "s", "z"), extra=MESSAGE)
    run = Run(source, {"avis": "oui"}, start_event="start", payload={"numero": 7})
    assert run.variables == {"commande": 7, "avis": "oui"}
    assert [each.payload for each in run.messages] == [{"numero": 7}, {"a": 7, "b": "oui"}]


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        (io({"i": "x"}) + into("nulle-part", "i"), "reference-dangling"),
        (io({"i": "x"}) + into("dor", "i", transformation("1 +")), "feel-syntax"),
        (io({"i": "x"}) + into("dor", "i", assign("1", "a b")), "assignment-invalid"),
        (io({"i": "x"}) + into("dor", "i", "<sourceRef>avis</sourceRef>"), "data-sources"),
        (io({"i": "x"}) + into("store", "i"), "data-store-unsupported"),
        (io(None, {"o": "x"}) + out("o", "store"), "data-store-unsupported"),
    ],
)
def test_data_that_lead_nowhere_are_refused(inside: str, code: str) -> None:
    store = '<dataStoreReference id="store" name="Archive"/>'
    source = diagram(OBJECTS, store, start(), user("u", inside), chain("start", "u"))
    found = {(each.code, each.element_id) for each in check(Bundle([File("diagram", "d", source)]), called=()) if each.severity == "error"}
    assert found == {(code, "u")}
