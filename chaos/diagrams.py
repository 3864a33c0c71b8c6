"""What the cases under load go through: people's tasks alone, and everything that workers do."""

from __future__ import annotations

from tests.spiff.driver import chain, definitions, end, flow, node, process, start, user

CALL = {"connector": "entreprises", "connectorInput": "{siret: siret}", "resultVariable": "recu", "retries": "9"}
SIRET = "23350001600040"
HALF_SECOND = "<timerEventDefinition><timeDuration>PT0.5S</timeDuration></timerEventDefinition>"
MESSAGE = '<message id="m" name="fait"/>'

PLAIN = definitions(process(start(), user("a"), user("b"), end(), chain("start", "a", "b", "end"), key="plain"))
"""Two tasks."""

RICH = definitions(
    process(
        start(),
        user("a"),
        node("parallelGateway", "ouvrir"),
        node("intermediateCatchEvent", "attendre", HALF_SECOND),
        node("serviceTask", "appeler", props=CALL),
        node("intermediateThrowEvent", "dire", '<messageEventDefinition messageRef="m"/>'),
        user("b"),
        node("parallelGateway", "fermer"),
        user("c"),
        end(),
        chain("start", "a", "ouvrir"),
        *(flow("ouvrir", each) + flow(each, "fermer") for each in ("attendre", "appeler", "dire", "b")),
        chain("fermer", "c", "end"),
        key="rich",
    ),
    process(start("s", '<messageEventDefinition messageRef="m"/>'), end("fin"), chain("s", "fin"), key="told"),
    extra=MESSAGE,
)
"""Three tasks; between them a timer, a service call and a message, which starts an instance of `told`."""

ONE = definitions(process(start(), user("a"), end(), chain("start", "a", "end"), key="one"))
"""One task."""

LETTERS = "abc"
EXPECTING = definitions(
    process(
        start(),
        *(node("receiveTask", f"recevoir_{each}", messageRef=f"m_{each}", props={"correlation": "{numero: numero}"}) for each in LETTERS),
        end(),
        chain("start", *(f"recevoir_{each}" for each in LETTERS), "end"),
        key="expecting",
    ),
    extra="".join(f'<message id="m_{each}" name="lettre {each}"/>' for each in LETTERS),
)
"""Three messages, one after the other, whatever the order in which they come."""

TIMED = definitions(
    process(start(), node("intermediateCatchEvent", "attendre", HALF_SECOND), end(), chain("start", "attendre", "end"), key="timed")
)
"""A timer alone: whether workers work."""
