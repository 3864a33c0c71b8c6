"""The call that moves the test clock; there only when the server runs with TIKUB_TEST_CLOCK=1."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from web.api.blueprint import ApiBlueprint
from web.api.schemas import Advance, Clock
from web.runtime import runtime

blueprint = ApiBlueprint("clock", __name__, url_prefix="/api/v1/clock", description="The test clock")


@blueprint.action("", scope="admin", takes=Advance, answers=Clock, errors=(422,))
def advance(order: dict[str, Any]) -> dict[str, Any]:
    """Move the clock forward. On its way it stops at each moment at which something is due, and answers when all is quiet."""
    return {"now": runtime().worker.advance(timedelta(seconds=order["advance"]))}
