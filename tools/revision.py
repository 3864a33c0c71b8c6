"""Write the next Alembic revision: what the tables of `engine/tables.py` have that the newest revision has not.

`python tools/revision.py "Add the subscriptions"`; read the file before committing it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from engine.sessions import Sessions, create_engine
from web.database import configuration, upgrade


def main(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sessions = Sessions(create_engine(f"sqlite:///{Path(folder) / 'revision.db'}"))
        upgrade(sessions)
        with sessions.begin() as session:
            config = configuration(session.connection())
            count = len(list(Path("web/migrations/versions").glob("*.py")))
            command.revision(config, message, autogenerate=True, rev_id=f"{count + 1:04}")
        sessions.close()


if __name__ == "__main__":
    main(sys.argv[1])
