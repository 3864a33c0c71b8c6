"""The product behind its HTTP API, as stories use it: every act is a request, only its first moment is set from inside."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.conftest import Api
from tests.processes.stories import Answers
from web.runtime import EXTENSION


class HttpOffice:
    """An office reached with one token. Answers other than the expected ones fail the story."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._published: set[Path] = set()

    def publish(self, folder: Path) -> None:
        """Publish a folder of `processes/`, once."""
        if folder not in self._published:
            self._published.add(folder)
            self._api.publish(folder)

    def begin(self, moment: datetime) -> None:
        """Set the clock before the story begins; the API moves it only forward."""
        runtime = self._api.app.extensions[EXTENSION]
        with runtime.sessions.begin() as session:
            runtime.clock.move(session, moment)

    def now(self) -> datetime:
        """The time of the office."""
        return datetime.fromisoformat(self._api.post("/clock", {"advance": 0})["now"])

    def advance(self, by: timedelta) -> None:
        """Let time pass; whatever is due on the way happens."""
        self._api.advance(seconds=by.total_seconds())

    def start(self, process: str, event: str | None, answers: Answers) -> str:
        """Start a case; answers with its id."""
        return str(self._api.start(process, answers, start_event=event)["id"])

    def send(self, name: str, correlation: Answers, payload: Answers, message_id: str | None) -> None:
        """Send a message from outside."""
        order = {"name": name, "correlation": correlation, "payload": payload, "id": message_id}
        self._api.post("/messages", order, status=202)

    def case(self, case_id: str) -> dict[str, Any]:
        """The case as the API shows it."""
        return dict(self._api.instance(case_id))

    def newest(self, process: str) -> str:
        """The id of the case of a process that started last."""
        return str(self._api.get("/instances", process=process, limit=1)["items"][0]["id"])

    def count(self, process: str, state: str | None) -> int:
        """How many cases of a process there are, in one state or in any."""
        chosen = {"state": state} if state else {}
        return len(self._api.get("/instances", process=process, limit=200, **chosen)["items"])

    def tasks(self, case_id: str) -> list[dict[str, Any]]:
        """The open tasks of the case and of the processes that it called, with what each sees."""
        found = [task for member in self._family(case_id) for task in self.case(member)["tasks"]]
        return [dict(self._api.get(f"/tasks/{task['id']}")) for task in found]

    def complete(self, task_id: str, answers: Answers) -> dict[str, Any]:
        """Complete a task. Answers with the messages by field when the answers are refused, else with nothing."""
        answer = self._api.call("POST", f"/tasks/{task_id}/complete", {"data": answers})
        if answer.status_code == 422:
            return dict(answer.get_json()["errors"])
        assert answer.status_code == 200, answer.text
        return {}

    def events(self, case_id: str) -> list[dict[str, Any]]:
        """The history of the case and of the processes that it called."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = self._api.get(f"/instances/{case_id}/events", children=1, limit=200, **cursor)
            found += page["items"]
            if not page["next_cursor"]:
                return found
            cursor = {"cursor": page["next_cursor"]}

    def incidents(self, case_id: str) -> list[dict[str, Any]]:
        """The open incidents of the case and of the processes that it called."""
        return [each for member in self._family(case_id) for each in self.case(member)["incidents"]]

    def _family(self, case_id: str) -> list[str]:
        return list(dict.fromkeys([case_id, *(event["instance_id"] for event in self.events(case_id))]))
