"""The connectors by name. `external` is not here: its work is done outside, and a webhook says so."""

from __future__ import annotations

from collections.abc import Mapping

from engine.calls import EXTERNAL
from feel.text import text
from webhooks.connectors.connector import CallFailed, Connector, Context, invalid_input
from webhooks.connectors.entreprises import verify_siret
from webhooks.connectors.instances import count_instances, find_instances
from webhooks.connectors.opendatasoft import ask_portal

CONNECTORS: Mapping[str, Connector] = {
    "entreprises": verify_siret,
    "instances.count": count_instances,
    "instances.find": find_instances,
    "opendatasoft": ask_portal,
}
NAMES = frozenset((*CONNECTORS, EXTERNAL))
"""What the `connector` of a service task may be."""


def perform(name: str, given: object, context: Context) -> object:
    """The result of a connector. Raises CallFailed."""
    connector = CONNECTORS.get(name)
    if connector is None:
        raise CallFailed("CONNECTOR_UNKNOWN", text("Le connecteur « %(name)s » n’existe pas.", name=name), business=True)
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        raise invalid_input(text("L’entrée d’un connecteur doit être un contexte FEEL."))
    return connector(given, context)
