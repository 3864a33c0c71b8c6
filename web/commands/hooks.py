"""`tikub hook`: secrets of webhooks."""

from __future__ import annotations

import click

from engine import versions
from web.commands.context import instance
from webhooks.secrets import Cipher, renew


@click.group(help="Webhooks.")
def hook() -> None:
    """Webhooks."""


@hook.command(
    help="Crée un secret pour les webhooks d’un processus et l’affiche, une seule fois ; le précédent sert encore un jour."
)
@click.argument("process")
def secret(process: str) -> None:
    """Make a secret and print it on the last line."""
    with instance() as here, here.sessions.begin() as session:
        versions.process(session, process)
        made = renew(session, process, Cipher(here.settings.secret_key), now=here.clock.now(session))
    click.echo(f"Secret des webhooks de {process}, affiché cette seule fois :")
    click.echo(made)
