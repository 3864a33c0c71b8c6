"""The connectors by name. `external` is not here: its work is done outside, and a webhook says so."""

from __future__ import annotations

from collections.abc import Mapping

from engine.calls import EXTERNAL
from engine.connectors import Connectors, Inputs
from feel.text import text
from webhooks.connectors.connector import CallFailed, Connector, Context, invalid_input
from webhooks.connectors.entreprises import verify_siret
from webhooks.connectors.instances import QUESTION, count_instances, find_instances
from webhooks.connectors.opendatasoft import ask_portal

CONNECTORS: Mapping[str, Connector] = {
    "entreprises": Connector(verify_siret, Inputs(frozenset({"siret"}))),
    "instances.count": Connector(count_instances, QUESTION, is_inside=True),
    "instances.find": Connector(find_instances, QUESTION, is_inside=True),
    "opendatasoft": Connector(ask_portal, Inputs(optional=frozenset({"dataset_id", "search", "limit"}))),
}
ACCEPTED: Connectors = {EXTERNAL: None} | {name: connector.inputs for name, connector in CONNECTORS.items()}
"""What the `connector` of a service task may be, and what it takes."""


def perform(name: str, given: object, context: Context) -> object:
    """The result of a connector. Raises CallFailed."""
    connector = CONNECTORS.get(name)
    if connector is None:
        raise CallFailed("CONNECTOR_UNKNOWN", text("Le connecteur « %(name)s » n’existe pas.", name=name), business=True)
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        raise invalid_input(text("L’entrée d’un connecteur doit être un contexte FEEL."))
    for unknown in connector.inputs.unknown(given):
        message = text("Le connecteur « %(connector)s » ne connaît pas l’entrée « %(name)s ».", connector=name, name=str(unknown)[:100])
        raise invalid_input(message)
    if context.outside.answers is not None and not connector.is_inside:
        return context.outside.answers(name, given)
    return connector.perform(given, context)
