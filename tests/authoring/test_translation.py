"""Each thing that another tool says, translated, dropped or left to do; nothing disappears without a row."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.bundle import Bundle, File
from engine.checks import check
from forms.form import read as read_form
from tests.authoring.snippets import Result, imported, wrap

EXT = "extensionElements"


def ext(content: str) -> str:
    return f"<{EXT}>{content}</{EXT}>"


def io(inputs: str = "", outputs: str = "") -> str:
    return ext(f"<camunda:inputOutput>{inputs}{outputs}</camunda:inputOutput>")


#: snippet with element `x`, the properties it has afterwards, code → severity of its rows
PEOPLE: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ('<userTask id="x" camunda:assignee="${chef}"/>', {"assignee": "chef"}, {"assignee": "translated"}),
    ('<userTask id="x" camunda:assignee="a@b.bzh"/>', {"assignee": '"a@b.bzh"'}, {"assignee": "translated"}),
    ('<userTask id="x" camunda:assignee="demo"/>', {"assignee": '"demo"'}, {"assignee-address": "todo"}),
    ('<userTask id="x" camunda:assignee="${bean.find(x)}"/>', {}, {"expression-untranslated": "todo"}),
    ('<userTask id="x" activiti:assignee="${chef}"/>', {"assignee": "chef"}, {"assignee": "translated"}),
    ('<userTask id="x" flowable:candidateGroups="a,b"/>', {"candidateGroups": "a, b"}, {"groups": "translated"}),
    ('<userTask id="x" camunda:candidateGroups="${g}"/>', {"candidateGroups": '=if g instance of string then split(g, ",\\s*") else g'}, {"groups": "translated"}),
    ('<userTask id="x" camunda:candidateGroups="a, ${g}"/>', {"candidateGroups": '=["a", g]'}, {"groups": "translated"}),
    ('<userTask id="x" camunda:candidateUsers="a,b"/>', {}, {"candidate-users": "todo"}),
    ('<userTask id="x" camunda:dueDate="2026-01-31T18:00:00"/>', {"dueIn": "2026-01-31T18:00:00"}, {"due": "translated"}),
    ('<userTask id="x" camunda:dueDate="P3D"/>', {"dueIn": "P3D"}, {"due": "translated"}),
    ('<userTask id="x" camunda:dueDate="${dateTime().plusDays(3).toDate()}"/>', {"dueIn": "P3D"}, {"due": "translated"}),
    ('<userTask id="x" camunda:dueDate="${dateTime().plusHours(12)}"/>', {"dueIn": "PT12H"}, {"due": "translated"}),
    ('<userTask id="x" camunda:dueDate="${echeance}"/>', {"dueIn": "echeance"}, {"due": "translated"}),
    ('<userTask id="x" camunda:dueDate="demain"/>', {}, {"expression-untranslated": "todo"}),
    ('<userTask id="x" camunda:followUpDate="P1D"/>', {}, {"follow-up": "dropped"}),
    ('<userTask id="x" camunda:priority="80"/>', {"priority": "80"}, {"priority": "translated"}),
    ('<userTask id="x" camunda:priority="${p}"/>', {}, {"priority": "todo"}),
    ('<userTask id="x" name="Lire ${titre}" camunda:assignee="${a}"/>', {"assignee": "a", "taskTitle": '"Lire " + string(titre)'}, {"assignee": "translated", "title": "translated"}),
    ('<userTask id="x" camunda:formKey="embedded:app:forms/x.html"/>', {}, {"form-foreign": "todo"}),
    ('<userTask id="x" camunda:formKey="demande"/>', {"formKey": "demande"}, {"form-missing": "todo"}),
    ('<userTask id="x" camunda:formRef="demande" camunda:formRefBinding="latest"/>', {"formKey": "demande"}, {"form-missing": "todo", "form-binding": "dropped"}),
    ("<userTask id='x'><humanPerformer><resourceAssignmentExpression><formalExpression>a@b.bzh</formalExpression></resourceAssignmentExpression></humanPerformer></userTask>", {"assignee": '"a@b.bzh"'}, {"assignee": "translated"}),
    ("<userTask id='x'><potentialOwner><resourceAssignmentExpression><formalExpression>group(rh), compta, user(demo)</formalExpression></resourceAssignmentExpression></potentialOwner></userTask>", {"candidateGroups": "rh, compta"}, {"groups": "translated", "candidate-users": "todo"}),
    (f'<userTask id="x">{ext("<zeebe:userTask/>")}</userTask>', {}, {"setting-usertask": "dropped"}),
    (f"""<userTask id="x">{ext('<zeebe:assignmentDefinition assignee="=chef" candidateGroups="a, b" candidateUsers="u"/>')}</userTask>""", {"assignee": "chef", "candidateGroups": "a, b"}, {"assignee": "translated", "groups": "translated", "candidate-users": "todo"}),
    (f"""<userTask id="x">{ext('<zeebe:assignmentDefinition candidateGroups="=equipes"/>')}</userTask>""", {"candidateGroups": "=equipes"}, {"groups": "translated"}),
    (f"""<userTask id="x">{ext('<zeebe:taskSchedule dueDate="=now() + duration(&quot;P1D&quot;)" followUpDate="=now()"/>')}</userTask>""", {"dueIn": 'now() + duration("P1D")'}, {"due": "translated", "follow-up": "dropped"}),
    (f"""<userTask id="x">{ext('<zeebe:priorityDefinition priority="=70"/>')}</userTask>""", {"priority": "70"}, {"priority": "translated"}),
    (f"""<userTask id="x">{ext('<zeebe:formDefinition formId="demande"/>')}</userTask>""", {"formKey": "demande"}, {"form-missing": "todo"}),
    (f"""<userTask id="x">{ext('<zeebe:formDefinition externalReference="https://x"/>')}</userTask>""", {}, {"form-foreign": "todo"}),
]  # fmt: skip

PROGRAMS: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ('<serviceTask id="x" camunda:type="external" camunda:topic="paie"/>', {"connector": "external"}, {"external": "translated"}),
    ('<serviceTask id="x" camunda:class="org.x.Y"/>', {"connector": "external"}, {"delegate": "todo"}),
    ('<serviceTask id="x" camunda:delegateExpression="${y}"/>', {"connector": "external"}, {"delegate": "todo"}),
    ('<serviceTask id="x" activiti:type="mail"/>', {"connector": "external"}, {"delegate": "todo"}),
    ('<serviceTask id="x" camunda:expression="${y.run()}" camunda:resultVariable="r"/>', {"connector": "external", "resultVariable": "r"}, {"expression-untranslated": "todo", "delegate": "todo"}),
    ('<sendTask id="x" camunda:class="org.x.Mail"/>', {"connector": "external"}, {"delegate": "todo"}),
    (f"""<serviceTask id="x">{ext('<camunda:connector><camunda:connectorId>http-connector</camunda:connectorId></camunda:connector>')}</serviceTask>""", {"connector": "external"}, {"connector": "todo"}),
    (f"""<serviceTask id="x">{ext('<zeebe:taskDefinition type="paie" retries="5"/>')}</serviceTask>""", {"connector": "external", "retries": "5"}, {"external": "translated"}),
    (f"""<serviceTask id="x">{ext('<zeebe:taskDefinition type="io.camunda:http-json:1"/>')}</serviceTask>""", {"connector": "external"}, {"connector": "todo"}),
    (f"""<serviceTask id="x">{ext('<zeebe:taskDefinition type="paie" retries="=n"/>')}</serviceTask>""", {"connector": "external"}, {"external": "translated", "retries": "todo"}),
    (
        f"""<serviceTask id="x">{ext('<zeebe:taskDefinition type="p"/><zeebe:taskHeaders><zeebe:header key="canal" value="web"/></zeebe:taskHeaders><zeebe:ioMapping><zeebe:input source="=commande.total" target="montant"/><zeebe:output source="=recu" target="preuve"/></zeebe:ioMapping>')}</serviceTask>""",
        {"connector": "external", "input": "{montant: commande.total}", "connectorInput": '{montant: montant, taskHeaders: {canal: "web"}}', "output": "{preuve: recu}"},
        {"external": "translated", "connector-input": "translated", "outputs": "translated"},
    ),
    (
        """<serviceTask id="x" camunda:type="external" camunda:topic="p">"""
        + io('<camunda:inputParameter name="a">${b}</camunda:inputParameter><camunda:inputParameter name="l"><camunda:list><camunda:value>1</camunda:value><camunda:value>${c}</camunda:value></camunda:list></camunda:inputParameter><camunda:inputParameter name="m"><camunda:map><camunda:entry key="k">${d}</camunda:entry></camunda:map></camunda:inputParameter>')
        + "</serviceTask>",
        {"connector": "external", "input": '{a: b, l: ["1", c], m: {k: d}}', "connectorInput": "{a: a, l: l, m: m}"},
        {"external": "translated", "connector-input": "translated"},
    ),
    (
        '<serviceTask id="x" camunda:type="external" camunda:topic="p">' + io("", '<camunda:outputParameter name="a">${b}</camunda:outputParameter>') + "</serviceTask>",
        {"connector": "external", "output": "{a: b}"},
        {"external": "translated", "outputs-only": "todo"},
    ),
    ('<businessRuleTask id="x" camunda:class="org.x.Y"/>', {"connector": "external"}, {"delegate": "todo"}),
    (f"""<businessRuleTask id="x">{ext('<zeebe:calledDecision decisionId="avis" resultVariable="r"/>')}</businessRuleTask>""", {"decisionKey": "avis", "resultVariable": "r"}, {"decision": "translated"}),
    (f"""<businessRuleTask id="x">{ext('<zeebe:calledDecision decisionId="=d" resultVariable="r"/>')}</businessRuleTask>""", {}, {"decision-key": "todo"}),
    ('<businessRuleTask id="x" camunda:decisionRef="avis" camunda:decisionRefBinding="latest" camunda:resultVariable="r" camunda:mapDecisionResult="singleEntry"/>', {"decisionKey": "avis", "resultVariable": "r"}, {"decision": "translated", "decision-binding": "dropped", "decision-shape": "todo"}),
]  # fmt: skip

CALLS: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ('<callActivity id="x" calledElement="${\'Q\'}"/>', {}, {"called": "translated"}),
    ('<callActivity id="x" calledElement="${k}"/>', {}, {"called-expression": "todo"}),
    ('<callActivity id="x" calledElement="Q" camunda:calledElementBinding="version" camunda:calledElementVersion="3"/>', {"input": "{}", "output": "{}"}, {"called-version": "todo", "input": "translated", "output": "translated"}),
    ('<callActivity id="x" calledElement="Q" camunda:calledElementBinding="latest"/>', {"input": "{}", "output": "{}"}, {"called-version": "dropped", "input": "translated", "output": "translated"}),
    (
        f"""<callActivity id="x" calledElement="Q">{ext('<camunda:in businessKey="#{execution.processBusinessKey}"/><camunda:in source="a" target="b"/><camunda:in sourceExpression="${c + 1}" target="d"/><camunda:out variables="all"/>')}</callActivity>""",
        {"input": "{b: a, d: c + 1}"},
        {"business-key": "dropped", "input": "translated", "output": "translated"},
    ),
    (
        f"""<callActivity id="x" calledElement="Q">{ext('<camunda:in businessKey="${numero}"/><camunda:in variables="all"/><camunda:in source="a" target="b"/><camunda:out source="r" target="s"/>')}</callActivity>""",
        {"businessKey": "numero", "input": "{b: a}", "inputAll": "true", "output": "{s: r}"},
        {"business-key": "translated", "input": "translated", "output": "translated"},
    ),
    (f"""<callActivity id="x">{ext('<zeebe:calledElement processId="Q" propagateAllParentVariables="false" propagateAllChildVariables="false" bindingType="versionTag" versionTag="v1"/>')}</callActivity>""", {"input": "{}", "output": "{}"}, {"called": "translated", "called-version": "todo", "input": "translated", "output": "translated"}),
    (f"""<callActivity id="x">{ext('<zeebe:calledElement processId="Q"/><zeebe:ioMapping><zeebe:input source="=a" target="b"/><zeebe:output source="=c" target="d"/></zeebe:ioMapping>')}</callActivity>""", {"input": "{b: a}", "inputAll": "true", "output": "{d: c}"}, {"called": "translated", "input": "translated", "output": "translated"}),
    (f"""<callActivity id="x">{ext('<zeebe:calledElement processId="=k"/>')}</callActivity>""", {}, {"called-expression": "todo", "input": "translated", "output": "translated"}),
]  # fmt: skip

LOOPS: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ('<userTask id="x"><multiInstanceLoopCharacteristics camunda:collection="jures" camunda:elementVariable="jure"/></userTask>', {"collection": "jures", "elementVariable": "jure"}, {"collection": "translated", "element-variable": "translated"}),
    ('<userTask id="x"><multiInstanceLoopCharacteristics flowable:collection="${dossier.jures}" flowable:elementVariable="jure"/></userTask>', {"collection": "dossier.jures", "elementVariable": "jure"}, {"collection": "translated", "element-variable": "translated"}),
    ('<userTask id="x"><multiInstanceLoopCharacteristics camunda:collection="${bean.list()}"/></userTask>', {}, {"expression-untranslated": "todo"}),
    (f"""<userTask id="x"><multiInstanceLoopCharacteristics>{ext('<zeebe:loopCharacteristics inputCollection="=jures" inputElement="jure" outputCollection="notes" outputElement="=note"/>')}</multiInstanceLoopCharacteristics></userTask>""", {"collection": "jures", "elementVariable": "jure", "outputCollection": "notes", "outputElement": "note"}, {"collection": "translated", "element-variable": "translated", "output-collection": "translated", "outputelement": "translated"}),
]  # fmt: skip

SETTINGS: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ('<userTask id="x" camunda:asyncBefore="true" camunda:asyncAfter="true" camunda:exclusive="false" camunda:jobPriority="3"/>', {}, {"setting-asyncbefore": "dropped", "setting-asyncafter": "dropped", "setting-exclusive": "dropped", "setting-jobpriority": "dropped"}),
    (f"""<userTask id="x">{ext('<camunda:taskListener event="create" class="org.x.L"/><camunda:executionListener event="start" expression="${y.run()}"/>')}</userTask>""", {}, {"listener": "todo"}),
    (f"""<userTask id="x">{ext('<zeebe:executionListeners><zeebe:executionListener eventType="start" type="l"/></zeebe:executionListeners>')}</userTask>""", {}, {"listener": "todo"}),
    (f"""<userTask id="x">{ext('<camunda:properties><camunda:property name="a" value="b"/></camunda:properties><zeebe:properties><zeebe:property name="a" value="b"/></zeebe:properties>')}</userTask>""", {}, {"setting-properties": "dropped"}),
    ('<userTask id="x" camunda:modelerTemplate="t" zeebe:modelerTemplateVersion="2" zeebe:modelerTemplateIcon="data:x"/>', {}, {"setting-modelertemplate": "dropped", "setting-modelertemplateversion": "dropped", "setting-modelertemplateicon": "dropped"}),
    ('<userTask id="x" camunda:inconnu="1"/>', {}, {"extension-unknown": "todo"}),
    (f'<userTask id="x">{ext("<zeebe:inconnu/>")}</userTask>', {}, {"extension-unknown": "todo"}),
    (f"""<userTask id="x" signavio:a="1">{ext('<signavio:signavioMetaData metaKey="k"/><bizagi:BizagiExtensions/><vp:note/><aris:attr/>')}</userTask>""", {}, {"reader-note": "dropped"}),
    (f'<userTask id="x">{ext("<spiffworkflow:instructionsForEndUser>Lisez</spiffworkflow:instructionsForEndUser><spiffworkflow:unitTests/><spiffworkflow:preScript>x = 1</spiffworkflow:preScript>")}</userTask>', {}, {"instructions": "translated", "reader-note": "dropped", "extension-unknown": "todo"}),
    ('<userTask id="x"><bizagi:note/><camunda:inconnu a="1"/></userTask>', {}, {"reader-note": "dropped", "extension-unknown": "todo"}),
    (f'<businessRuleTask id="x">{ext("<spiffworkflow:calledDecisionId>avis</spiffworkflow:calledDecisionId>")}</businessRuleTask>', {"decisionKey": "avis"}, {"decision": "translated"}),
]  # fmt: skip


@pytest.mark.parametrize(("snippet", "properties", "codes"), [*PEOPLE, *PROGRAMS, *CALLS, *LOOPS, *SETTINGS])
def test_element_says_the_same_in_our_words(snippet: str, properties: dict[str, str], codes: dict[str, str]) -> None:
    result = imported(snippet)
    assert result.properties("x") == properties
    assert result.codes("x") == codes
    assert not [each for each in Bundle(result.imported.files).problems if each.code != "feel-syntax"]
    left = check(Bundle(result.imported.files), called=("Q",))
    assert not [each for each in left if each.code in ("vendor-extension", "vendor-ignored", "extension-unsupported", "feel-syntax")]


def test_deep_targets_make_one_context() -> None:
    lines = "".join(f'<zeebe:input source="{source}" target="{target}"/>' for source, target in (("noAuth", "auth.type"), ("=cle", "auth.key.value"), ("=3", "limites.n.max"), ("=auth", "copie"))) + '<zeebe:input target="vide"/>'  # fmt: skip
    extension = ext(f'<zeebe:taskDefinition type="p"/><zeebe:ioMapping>{lines}</zeebe:ioMapping>')
    result = imported(f'<serviceTask id="x">{extension}</serviceTask>')
    assert result.properties("x")["input"] == '{auth: {type: "noAuth", key: {value: cle}}, limites: {n: {"max": 3}}, copie: auth, vide: null}'
    assert set(result.codes("x").values()) == {"translated"}


@pytest.mark.parametrize("lines", [(("=b", "a.b"), ("=b", "a.c")), (("=1", "a.b"), ("=1", "a.b.c"))])
def test_deep_targets_that_would_read_each_other_are_left_to_do(lines: tuple[tuple[str, str], ...]) -> None:
    written = "".join(f'<zeebe:input source="{source}" target="{target}"/>' for source, target in lines)
    result = imported(f'<userTask id="x">{ext(f"<zeebe:ioMapping>{written}</zeebe:ioMapping>")}</userTask>')
    assert result.codes("x")["expression-untranslated"] == "todo"


def test_settings_of_element_templates_are_no_headers() -> None:
    headers = "".join(f'<zeebe:header key="{key}" value="{value}"/>' for key, value in (("elementTemplateId", "t"), ("retryBackoff", "PT0S"), ("resultVariable", "reponse"), ("resultExpression", "={a: b}"), ("canal", "web")))  # fmt: skip
    extension = ext(f'<zeebe:taskDefinition type="io.camunda:http-json:1"/><zeebe:taskHeaders>{headers}</zeebe:taskHeaders>')
    result = imported(f'<serviceTask id="x" zeebe:modelerTemplateIcon="data:image/svg+xml;base64,AAAA">{extension}</serviceTask>')
    assert result.properties("x") == {"connector": "external", "resultVariable": "reponse", "connectorInput": '{taskHeaders: {canal: "web"}}'}
    assert result.codes("x")["connector-header"] == "todo"
    assert result.codes("x")["setting-retrybackoff"] == "dropped"
    assert not [each for each in result.imported.report if "base64" in each.original]


def test_start_event_that_names_its_variables_again() -> None:
    start = ext('<zeebe:ioMapping><zeebe:output source="= age" target="age"/></zeebe:ioMapping>')
    assert imported(f'<startEvent id="x">{start}</startEvent>').codes("x") == {"output-same": "dropped"}
    other = start.replace("= age", "=age + 1")
    assert imported(f'<startEvent id="x">{other}</startEvent>').codes("x") == {"mapping-unsupported": "todo"}


def test_file_of_camunda_8_that_knows_the_other_prefix_is_one_of_camunda_8() -> None:
    flows = '<sequenceFlow id="a" sourceRef="g" targetRef="t"><conditionExpression>=x</conditionExpression></sequenceFlow><sequenceFlow id="b" sourceRef="g" targetRef="t"/>'
    content = f'<exclusiveGateway id="g"/>{flows}<userTask id="t">{ext("<zeebe:userTask/>")}</userTask><callActivity id="x" calledElement="Q"/>'
    result = imported(content, process='camunda:diagramRelationId="r"')
    assert result.properties("x") == {}
    assert result.element("g").get("default") is None


@pytest.mark.parametrize(
    ("snippet", "script"),
    [
        ('<serviceTask id="x" camunda:expression="${a + 1}" camunda:resultVariable="b"/>', "{b: a + 1}"),
        ('<serviceTask id="x" activiti:expression="${a}" activiti:resultVariableName="b"/>', "{b: a}"),
        ('<scriptTask id="x" scriptFormat="juel" camunda:resultVariable="b"><script>${a * 2}</script></scriptTask>', "{b: a * 2}"),
        ('<scriptTask id="x" scriptFormat="feel" camunda:resultVariable="b"><script>a * 2</script></scriptTask>', "{b: a * 2}"),
        (f"""<scriptTask id="x">{ext('<zeebe:script expression="=a * 2" resultVariable="b"/>')}</scriptTask>""", "{b: a * 2}"),
    ],
)
def test_calculations_become_scripts(snippet: str, script: str) -> None:
    result = imported(snippet)
    assert (result.type("x"), result.child("x", "script"), result.element("x").get("scriptFormat")) == ("scriptTask", script, "feel")
    assert set(result.codes("x").values()) == {"translated"}


@pytest.mark.parametrize("language", ["groovy", "javascript", "python"])
def test_other_languages_are_named_and_stay_refused(language: str) -> None:
    result = imported(f'<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="x"/><scriptTask id="x" scriptFormat="{language}" camunda:resultVariable="b"><script>1 + 1</script></scriptTask>')  # fmt: skip
    assert result.codes("x") == {"script-language": "todo"}
    assert "script-language" in [each.code for each in check(Bundle(result.imported.files), called=())]


def test_script_without_language_is_read_as_feel_only_when_it_is_a_context() -> None:
    assert imported('<scriptTask id="x"><script>{a: 1}</script></scriptTask>').rows() == []
    result = imported('<scriptTask id="x"><script>total = a + b</script></scriptTask>')
    assert result.codes("x") == {"expression-untranslated": "todo"}
    assert "script-language" in [each.code for each in check(Bundle(result.imported.files), called=())]


def test_work_of_programs_becomes_a_service_task() -> None:
    for tag in ("sendTask", "businessRuleTask", "scriptTask"):
        result = imported(f"""<{tag} id="x" messageRef="M">{ext('<zeebe:taskDefinition type="p"/>')}</{tag}>""")
        assert result.type("x") == "serviceTask"
        assert result.properties("x") == {"connector": "external"}
        assert "/hooks/P/x" in str(result.imported.report[0].message)


def table(outputs: int, policy: str) -> File:
    columns = "".join(f'<output id="o{n}" name="sortie{n}"/>' for n in range(outputs))
    content = f'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="D" namespace="t"><decision id="avis" name="Avis"><decisionTable id="t" hitPolicy="{policy}"><input id="i"><inputExpression id="e"><text>a</text></inputExpression></input>{columns}</decisionTable></decision></definitions>'  # fmt: skip
    return File("decision", "avis.dmn", content.encode())


@pytest.mark.parametrize(
    ("kind", "outputs", "policy", "output"),
    [
        ("singleEntry", 1, "UNIQUE", None),
        ("singleResult", 2, "FIRST", None),
        ("singleResult", 1, "UNIQUE", "{r: if r = null then null else {sortie0: r}}"),
        ("collectEntries", 1, "COLLECT", "{r: if r = null then [] else r}"),
        ("collectEntries", 1, "UNIQUE", "{r: if r = null then [] else [r]}"),
        ("resultList", 2, "UNIQUE", "{r: if r = null then [] else [r]}"),
        ("resultList", 1, "UNIQUE", "{r: if r = null then [] else [{sortie0: r}]}"),
        ("resultList", 1, "COLLECT", "{r: if r = null then [] else for x in r return {sortie0: x}}"),
        ("resultList", 2, "RULE ORDER", "{r: if r = null then [] else r}"),
        ("singleEntry", 2, "UNIQUE", "todo"),
        ("singleResult", 1, "COLLECT", "todo"),
    ],
)
def test_result_of_a_decision_keeps_its_shape(kind: str, outputs: int, policy: str, output: str | None) -> None:
    task = f'<businessRuleTask id="x" camunda:decisionRef="avis" camunda:resultVariable="r" camunda:mapDecisionResult="{kind}"/>'
    result = imported(task, files=[table(outputs, policy)])
    if output == "todo":
        assert result.codes("x")["decision-shape"] == "todo"
    else:
        assert result.properties("x").get("output") == output
        assert set(result.codes("x").values()) == {"translated"}


# Flows and events


def flow(inner: str) -> str:
    return f'<exclusiveGateway id="g"/><sequenceFlow id="x" sourceRef="g" targetRef="t">{inner}</sequenceFlow><task id="t"/>'


@pytest.mark.parametrize(
    ("condition", "written", "code"),
    [
        ('<conditionExpression xsi:type="tFormalExpression">${montant &gt; 10}</conditionExpression>', "montant > 10", "translated"),
        ('<conditionExpression xsi:type="tFormalExpression">=montant &gt; 10</conditionExpression>', "=montant > 10", None),
        ("<conditionExpression>${bean.ok()}</conditionExpression>", "${bean.ok()}", "todo"),
        ('<conditionExpression language="groovy">a == 1</conditionExpression>', "a == 1", "todo"),
        ("<conditionExpression>=is defined(a)</conditionExpression>", "(a != null)", "translated"),
        ("<conditionExpression>=is defined(f(a))</conditionExpression>", "=is defined(f(a))", "todo"),
    ],
)
def test_conditions(condition: str, written: str, code: str | None) -> None:
    result = imported(flow(condition))
    assert result.child("x", "conditionExpression") == written
    assert set(result.codes("x").values()) == ({code} if code else set())


def test_flow_without_condition_is_taken_last_by_camunda_7() -> None:
    flows = '<sequenceFlow id="a" sourceRef="g" targetRef="t"><conditionExpression>${x}</conditionExpression></sequenceFlow><sequenceFlow id="b" sourceRef="g" targetRef="t"/>'
    exclusive = imported(f'<exclusiveGateway id="g" camunda:asyncBefore="true"/>{flows}<task id="t"/>')
    assert exclusive.element("g").get("default") == "b"
    inclusive = imported(f'<inclusiveGateway id="g" camunda:asyncBefore="true"/>{flows}<task id="t"/>')
    assert inclusive.child("b", "conditionExpression") == "true"
    ours = imported(f'<exclusiveGateway id="g"/>{flows}<task id="t"/>')
    assert ours.element("g").get("default") is None


@pytest.mark.parametrize(
    ("timer", "written", "code"),
    [
        ("<timeDuration>PT5M</timeDuration>", "PT5M", None),
        ("<timeDuration>${delai}</timeDuration>", "delai", "translated"),
        ("<timeDate>${echeance}</timeDate>", "echeance", "translated"),
        ("<timeDuration>=delai</timeDuration>", "delai", "translated"),
        ("<timeCycle>R3/PT10M</timeCycle>", "R3/PT10M", None),
        ("<timeCycle>0 0 9 * * MON-FRI</timeCycle>", "0 0 9 * * MON-FRI", "todo"),
        ("<timeDate>${bean.next()}</timeDate>", "${bean.next()}", "todo"),
    ],
)
def test_timers(timer: str, written: str, code: str | None) -> None:
    result = imported(f'<intermediateCatchEvent id="x"><timerEventDefinition id="t">{timer}</timerEventDefinition></intermediateCatchEvent>')
    tag = timer[1 : timer.index(">")]
    assert result.child("x", tag) == written
    assert set(result.codes("x").values()) == ({code} if code else set())


SUBSCRIBED = f"""<message id="M" name="paiement">{ext('<zeebe:subscription correlationKey="=commande.numero"/>')}</message>"""


@pytest.mark.parametrize(
    "event",
    [
        '<intermediateCatchEvent id="x"><messageEventDefinition id="m" messageRef="M"/></intermediateCatchEvent>',
        '<boundaryEvent id="x" attachedToRef="t"><messageEventDefinition id="m" messageRef="M"/></boundaryEvent><task id="t"/>',
        '<receiveTask id="x" messageRef="M"/>',
    ],
)
def test_messages_of_camunda_8_are_tied_by_their_key(event: str) -> None:
    result = imported(event, SUBSCRIBED)
    assert result.properties("x") == {"correlation": "{numero: commande.numero}"}
    assert result.codes("x") == {"correlation": "translated"}


def test_message_that_starts_a_process_needs_no_key() -> None:
    result = imported('<startEvent id="x"><messageEventDefinition id="m" messageRef="M"/></startEvent>', SUBSCRIBED)
    assert result.properties("x") == {}
    assert result.codes("M") == {"correlation-unused": "dropped"}


def test_message_of_camunda_7_asks_what_ties_it() -> None:
    event = '<intermediateCatchEvent id="x" camunda:asyncBefore="true"><messageEventDefinition id="m" messageRef="M"/></intermediateCatchEvent>'
    assert imported(event, '<message id="M" name="m"/>').codes("x")["correlation"] == "todo"


def test_message_sent_by_code_is_sent_by_the_engine() -> None:
    event = '<endEvent id="x"><messageEventDefinition id="m" messageRef="M" camunda:type="external" camunda:topic="envoi"/></endEvent>'
    assert imported(event, '<message id="M" name="m"/>').codes("x") == {"message-sent": "todo"}


def test_signals_take_their_payload_along() -> None:
    event = f"""<endEvent id="x"><signalEventDefinition id="s" signalRef="S">{ext('<camunda:in source="a" target="b"/><camunda:in sourceExpression="${c + 1}" target="d"/>')}</signalEventDefinition></endEvent>"""
    assert imported(event, '<signal id="S" name="s"/>').properties("x") == {"payload": "{b: a, d: c + 1}"}
    zeebe = f"""<intermediateThrowEvent id="x">{ext('<zeebe:ioMapping><zeebe:input source="=a" target="b"/></zeebe:ioMapping>')}<signalEventDefinition id="s" signalRef="S"/></intermediateThrowEvent>"""
    assert imported(zeebe, '<signal id="S" name="s"/>').properties("x") == {"payload": "{b: a}"}


@pytest.mark.parametrize(
    "extra",
    ['<message id="x" name="m-${a}"/>', '<signal id="x" name="=s"/>', '<error id="x" name="e" errorCode="=c"/>', '<escalation id="x" name="e" escalationCode="${c}"/>'],
)  # fmt: skip
def test_names_that_are_calculated_are_left_to_do(extra: str) -> None:
    assert imported("<task id='t'/>", extra).codes("x") == {"name-expression": "todo"}


def test_variable_for_the_code_of_an_error() -> None:
    event = '<boundaryEvent id="x" attachedToRef="t"><errorEventDefinition id="e" camunda:errorCodeVariable="code"/></boundaryEvent><userTask id="t"{0}/>'
    assert imported(event.replace("{0}", "")).codes("x") == {"code-variable": "dropped"}
    assert imported(event.replace("{0}", ' camunda:assignee="${code}"')).codes("x") == {"code-variable": "todo"}


def test_loops_count_in_our_words() -> None:
    loop = '<multiInstanceLoopCharacteristics><loopCardinality>${n}</loopCardinality><completionCondition>${nrOfCompletedInstances == 2}</completionCondition></multiInstanceLoopCharacteristics>'  # fmt: skip
    result = imported(f'<userTask id="x" camunda:assignee="${{jures[0]}}">{loop}</userTask>')
    assert result.child("x", "loopCardinality") == "n"
    assert result.child("x", "completionCondition") == "numberOfCompletedInstances = 2"
    unknown = imported(f'<userTask id="x">{loop.replace("${n}", "=uuid()")}</userTask>')
    assert unknown.codes("x")["expression-untranslated"] == "todo"


# Processes, forms, files


def test_settings_of_a_process() -> None:
    attributes = 'camunda:versionTag="1.2" camunda:historyTimeToLive="P30D" camunda:candidateStarterGroups="agents" camunda:candidateStarterUsers="demo"'
    result = imported('<startEvent id="x"/>', process=attributes)
    assert result.properties("x") == {"candidateGroups": "agents"}
    assert result.codes("P") == {"setting-versiontag": "dropped", "setting-historytimetolive": "dropped", "starters": "todo"}


def test_variable_of_the_starter() -> None:
    assert imported('<startEvent id="x" camunda:initiator="qui"/>').codes("x") == {"initiator": "dropped"}
    used = imported('<startEvent id="x" camunda:initiator="qui"/><userTask id="t" camunda:assignee="${qui}"/>')
    assert used.codes("x") == {"initiator": "todo"}


FIELDS = ext(
    '<camunda:formData businessKey="numero"><camunda:formField id="numero" label="Numéro" type="string"><camunda:validation><camunda:constraint name="required"/><camunda:constraint name="maxlength" config="8"/></camunda:validation></camunda:formField>'
    '<camunda:formField id="montant" label="Montant" type="long" defaultValue="12"><camunda:validation><camunda:constraint name="min" config="1"/><camunda:constraint name="validator" config="org.x.V"/></camunda:validation></camunda:formField>'
    '<camunda:formField id="urgent" label="Urgent" type="boolean" defaultValue="true"/><camunda:formField id="jour" label="Jour" type="date"/>'
    '<camunda:formField id="choix" label="Choix" type="enum"><camunda:value id="a" name="A"/><camunda:value id="b" name="B"/></camunda:formField><camunda:formField id="piece" type="file"/></camunda:formData>'
)


def test_fields_on_an_element_become_a_form() -> None:
    result = imported(f'<startEvent id="x" name="Déposer">{FIELDS}</startEvent>')
    key = result.properties("x")["formKey"]
    form = read_form(result.form(key))
    assert form.title == "Déposer"
    assert form.keys == ("numero", "montant", "urgent", "jour", "choix")
    components = {each["key"]: each for each in json.loads(result.form(key))["components"]}
    assert components["numero"]["validate"] == {"required": True, "maxLength": 8}
    assert (components["montant"]["validate"], components["montant"]["defaultValue"]) == ({"min": 1}, 12)
    assert components["urgent"]["defaultValue"] is True
    assert [each["value"] for each in components["choix"]["values"]] == ["a", "b"]
    assert result.codes("x") == {"form-fields": "translated", "form-rule": "todo", "form-field": "todo"}
    assert result.properties("P") == {"businessKey": "numero"}


def test_fields_of_activiti_become_a_form() -> None:
    fields = ext('<activiti:formProperty id="nom" name="Nom" type="string" required="true"/><activiti:formProperty id="age" name="Âge" type="long" writable="false"/>')
    result = imported(f'<userTask id="x">{fields}</userTask>')
    components = json.loads(result.form(result.properties("x")["formKey"]))["components"]
    assert [(each["label"], each.get("readonly"), each.get("validate")) for each in components] == [("Nom", None, {"required": True}), ("Âge", True, None)]


def test_outputs_of_a_task_whose_form_is_known_keep_its_answers() -> None:
    fields = '<camunda:formData><camunda:formField id="a" type="string"/></camunda:formData>'
    outputs = '<camunda:inputOutput><camunda:outputParameter name="b">${a}</camunda:outputParameter></camunda:inputOutput>'
    result = imported(f'<userTask id="x">{ext(fields + outputs)}</userTask>')
    assert result.properties("x")["output"] == "{a: a, b: a}"
    assert result.codes("x")["outputs"] == "translated"


FORM: dict[str, Any] = {"type": "default", "schemaVersion": 18, "executionPlatform": "Camunda Cloud", "components": [{"type": "textfield", "id": "Field_1", "key": "nom", "label": "Nom"}]}  # fmt: skip


def test_form_inside_the_diagram_becomes_a_file() -> None:
    embedded = ext(f"<zeebe:userTaskForm id='userTaskForm_1'>{json.dumps(FORM)}</zeebe:userTaskForm>")
    task = f"""<userTask id="x">{ext('<zeebe:formDefinition formKey="camunda-forms:bpmn:userTaskForm_1"/>')}</userTask>"""
    content = wrap(embedded + task).decode()
    result = Result(content.encode())
    assert result.properties("x") == {"formKey": "userTaskForm_1"}
    assert read_form(result.form("userTaskForm_1")).keys == ("nom",)


@pytest.mark.parametrize("key", ["demande", "camunda-forms:deployment:demande.form", "camunda-forms:app:forms/fichier.form", "deployment:fichier.form"])
def test_form_is_found_by_id_or_file(key: str) -> None:
    files = [File("form", "fichier.form", json.dumps(FORM | {"id": "demande"}).encode())]
    result = imported(f'<userTask id="x" camunda:formKey="{key}"/>', files=files)
    assert result.properties("x") == {"formKey": "demande"}
    assert result.codes("x") == {"form": "translated"}


def test_file_that_speaks_only_our_words_stays_byte_for_byte() -> None:
    content = b'<?xml version="1.0"?>\n<!-- ours -->' + wrap('<userTask id="x"/>')
    assert Result(content).content == content


def test_drawing_and_prefixes_stay_and_other_engines_go() -> None:
    drawing = (
        '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" id="D"><bpmndi:BPMNPlane id="pl" bpmnElement="P">'
        '<bpmndi:BPMNShape id="sx" bpmnElement="x" bioc:stroke="#000"><dc:Bounds xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" x="1" y="2" width="100" height="80"/></bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    )
    content = wrap('<userTask id="x" camunda:assignee="${a}"><documentation>Lire</documentation><incoming>f</incoming></userTask>').decode()
    content = content.replace("</definitions>", drawing + "</definitions>").replace("<definitions ", '<definitions xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" xmlns:tns="t" ')
    result = Result(content.encode())
    assert b"camunda.org" not in result.content
    assert b'xmlns:tns="t"' in result.content
    assert [each.get("x") for each in result.root.iter("{http://www.omg.org/spec/DD/20100524/DC}Bounds")] == ["1"]
    assert b"bioc:stroke" in result.content
    assert [each.tag.rpartition("}")[2] for each in result.element("x")] == ["documentation", "extensionElements", "incoming"]  # type: ignore[union-attr]


def test_importing_a_translated_file_again_changes_nothing() -> None:
    for snippet, _, _ in [*PEOPLE, *LOOPS]:
        first = imported(snippet)
        assert Result(first.content).content == first.content
