"""Fields of queries that are kinder than their plain forms: a length of page, a moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from marshmallow import fields

from feel.calendar import moment
from feel.errors import FeelError

MOST = 200
_LOST_PLUS = re.compile(r"(T[\d:.]+) (\d\d:?\d\d)", re.ASCII)


class Limit(fields.Integer):
    """How many items to answer, from 1. More than `MOST` asks for `MOST`: a page may always be shorter than asked for."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        found = super()._deserialize(value, attr, data, **kwargs)
        if found < 1:
            raise self.make_error("too_small")
        return min(found, MOST)

    default_error_messages = {"too_small": "Must be 1 or more."}  # noqa: RUF012 - as marshmallow declares it


class Moment(fields.DateTime):
    """A date and time in ISO 8601. Without an offset the clocks of Paris are meant; a date alone means its beginning there."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:  # noqa: ARG002 - marshmallow's own signature
        try:
            # An address that does not escape the plus sign of an offset means a space.
            return moment(_LOST_PLUS.sub(r"\1+\2", str(value))).astimezone(UTC)
        except (FeelError, ValueError, OverflowError) as error:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from error
