"""Log lines: time, level, module, message, on standard error, where the service manager keeps them."""

from __future__ import annotations

import logging

from web.settings import Settings

FORMAT = "%(asctime)s %(levelname)-7s %(name)s %(message)s"


def configure(settings: Settings) -> None:
    """Set the level of this process; libraries speak from WARNING on."""
    logging.basicConfig(level=logging.WARNING, format=FORMAT)
    for name in ("web", "webhooks", "engine"):
        logging.getLogger(name).setLevel(settings.log_level)
