"""The command line `tikub`."""

from __future__ import annotations

import click

from web.commands import demo, hooks, importing, people, publishing, serving


@click.group(
    help="Ti Kub : des diagrammes BPMN qui tournent, un webhook par étape. Les réglages sont dans docs/settings.md."
)
@click.version_option(package_name="tikub")
def main() -> None:
    """Every subcommand reads the TIKUB_* settings of its environment."""


COMMANDS = (
    *(serving.serve, serving.worker, serving.db, publishing.publish, publishing.check, importing.import_files),
    *(people.user, people.token, hooks.hook, demo.demo),
)
for command in COMMANDS:
    main.add_command(command)
