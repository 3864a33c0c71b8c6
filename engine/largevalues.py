"""What is too large for the states of instances: rows of their own, each under the hash of its content."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from engine.statements import Prepared, PreparedInsert
from engine.tables import large_value

ONE = Prepared(
    select(large_value.c.content).where(large_value.c.instance_id == bindparam("id"), large_value.c.ref == bindparam("its_ref"))
)
ADD = PreparedInsert(large_value)
DROP = Prepared(delete(large_value).where(large_value.c.instance_id == bindparam("id"), large_value.c.ref == bindparam("its_ref")))


def reader(session: Session, instance_id: int) -> Callable[[str], bytes]:
    """Reads what an instance keeps, by reference. It raises KeyError for what is not there."""

    def read(ref: str) -> bytes:
        content = ONE.value(session, id=instance_id, its_ref=ref)
        if content is None:
            raise KeyError(ref)
        return bytes(content)

    return read


def write(session: Session, instance_id: int, added: Mapping[str, bytes], dropped: Collection[str]) -> None:
    """Keep what is new and drop what nothing needs any more."""
    ADD.run(session, [{"instance_id": instance_id, "ref": ref, "content": content} for ref, content in added.items()])
    for ref in dropped:
        DROP.run(session, id=instance_id, its_ref=ref)
