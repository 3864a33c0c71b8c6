"""The product as people use it: stories (docs/scenarios.md) played by signing in, opening pages, filling forms and pressing buttons.

What no person does (the clock, messages of outside systems) and what a story asserts goes through the HTTP API.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from engine.clock import TestClock
from tests.browser.conftest import Server, sign_in
from web.assembly import sessions_of
from web.demo_accounts import demonstration
from web.settings import Settings

Answers = Mapping[str, Any]


def flat(answers: Answers, prefix: str = "") -> dict[str, Any]:
    """Answers by the names of their controls: `membres.0.nom`."""
    found: dict[str, Any] = {}
    for key, value in answers.items():
        name = prefix + key
        if isinstance(value, Mapping):
            found |= flat(value, f"{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for index, row in enumerate(value):
                found |= flat(row, f"{name}.{index}.")
        else:
            found[name] = value
    return found


def fill(page: Page, answers: Answers) -> None:
    """Fill the controls that the page has, as a person would: what is not there is on another page. Rows are added first."""
    for key, value in answers.items():
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            _have_rows(page, key, len(value))
    found = {name: (page.locator(f'[name="{name}"]:not([type=hidden]):not(button)'), value) for name, value in flat(answers).items()}
    present = [(controls, value) for controls, value in found.values() if value is not None and controls.count()]
    for controls, value in sorted(present, key=lambda each: _is_text(each[0])):
        _answer(controls, value)


def _have_rows(page: Page, key: str, count: int) -> None:
    more = page.locator(f'button[name="_ajouter"][value="{key}"]')
    while more.count() and page.locator(f'[name^="{key}.{count - 1}."]').count() == 0:
        more.first.click()
        page.wait_for_load_state()
    fewer = page.locator(f'button[name="_retirer"][value="{key}.{count}"]')
    while fewer.count():
        fewer.first.click()
        page.wait_for_load_state()


def _is_text(controls: Any) -> bool:
    """Choices come first: other questions may appear because of them."""
    return controls.first.get_attribute("type") != "radio"


def _answer(controls: Any, value: Any) -> None:
    kind = controls.first.get_attribute("type") or controls.first.evaluate("e => e.tagName.toLowerCase()")
    if kind == "radio" or (kind == "checkbox" and isinstance(value, list)):
        wanted = {str(each).lower() if isinstance(each, bool) else str(each) for each in (value if isinstance(value, list) else [value])}
        for index in range(controls.count()):
            control = controls.nth(index)
            control.set_checked(control.get_attribute("value") in wanted) if kind == "checkbox" else None
            if kind == "radio" and control.get_attribute("value") in wanted:
                control.check()
    elif kind == "checkbox":
        controls.first.set_checked(bool(value))
    elif kind == "select":
        controls.first.select_option(str(value))
    else:
        controls.first.fill(str(value))


class BrowserOffice:
    """An office reached with a browser; each person has a window of their own."""

    def __init__(self, server: Server, open_page: Callable[..., Page]) -> None:
        self.server = server
        self.open_page = open_page
        self.windows: dict[str, Page] = {}
        self.links: dict[str, str] = {}
        self.looked: list[Callable[[Page], None]] = []
        self.before = {each["id"] for each in self._every("")}

    def _every(self, chosen: str) -> list[dict[str, Any]]:
        return list(self.server.call("GET", f"/api/v1/instances?limit=200{chosen}")["items"])

    def publish(self, folder: Path) -> None:
        """The demonstration publishes every folder when it starts."""

    def begin(self, moment: datetime) -> None:
        """Set the clock before the story begins; the API moves it only forward."""
        sessions = sessions_of(Settings.read({"TIKUB_INSTANCE_DIR": str(self.server.folder)}))
        with sessions.begin() as session:
            TestClock().move(session, moment)
        sessions.close()

    def now(self) -> datetime:
        return datetime.fromisoformat(self.server.call("POST", "/api/v1/clock", {"advance": 0})["now"])

    def advance(self, by: timedelta) -> None:
        self.server.advance(seconds=by.total_seconds())

    # -- acts of people

    def start(self, process: str, event: str | None, answers: Answers) -> str:
        """On the public page of that start, or on the page of what an agent may start."""
        slug = self._public_slug(process, event)
        return self._public(process, slug, answers) if slug else self._inside(process, answers)

    def _public_slug(self, process: str, event: str | None) -> str | None:
        from engine import versions

        sessions = sessions_of(Settings.read({"TIKUB_INSTANCE_DIR": str(self.server.folder)}))
        with sessions.reading() as session:
            definition = versions.definition(session, versions.process(session, process).version_id)
        sessions.close()
        starts = [each for each in definition.starts if event in (None, each.element_id)]
        return starts[0].properties.get("publicPath")

    def _public(self, process: str, slug: str, answers: Answers) -> str:
        page = self.open_page()
        page.goto(f"/public/{slug}")
        while page.locator('button[name="_do"][value="send"]').count() == 0:
            self._look(page)
            fill(page, answers)
            before = page.url
            page.locator('button[name="_do"][value="next"]').click()
            page.wait_for_load_state()
            assert page.url != before, page.locator("main").inner_text()[:1500]
        self._look(page)
        page.get_by_role("button", name="Envoyer", exact=True).click()
        page.wait_for_url("**/recu")
        self._look(page)
        private = page.get_by_role("link", name="Suivre ma demande").get_attribute("href") or ""
        page.goto(urllib.parse.urlsplit(private).path)
        self._look(page)
        return self._started(process, private)

    def _started(self, process: str, private: str) -> str:
        found = self._new(f"&process={process}")
        self.links[found] = urllib.parse.urlsplit(private).path
        return found

    def _new(self, chosen: str) -> str:
        """The youngest case of this story; the clock of another story may have been ahead."""
        return max((str(each["id"]) for each in self._every(chosen) if each["id"] not in self.before), key=int)

    def _inside(self, process: str, answers: Answers) -> str:
        page = self._window("loic.prigent@exemple.bzh" if "datathon" in process else "gwenola.lebras@exemple.bzh")
        page.goto("/demarrer")
        self._look(page)
        page.locator(f'a[href*="{process}"][href*="/demarrer/"], a[href*="/demarrer/{process}"]').first.click()
        page.wait_for_load_state()
        fill(page, answers)
        self._look(page)
        self._press(page, answers)
        self.advance(timedelta())
        return self._new(f"&process={process}")

    def complete(self, task_id: str, answers: Answers) -> dict[str, Any]:
        """By somebody of the group that the task is for. Answers with what the error summary says, else with nothing."""
        task = self.server.call("GET", f"/api/v1/tasks/{task_id}")
        page = self._window(self._person(task))
        page.goto(f"/taches/{task_id}")
        if page.get_by_role("button", name="Prendre la tâche").count():
            page.get_by_role("button", name="Prendre la tâche").click()
            page.wait_for_load_state()
        fill(page, answers)
        self._look(page)
        self._press(page, answers)
        if self.server.call("GET", f"/api/v1/tasks/{task_id}")["state"] == "open":
            links = page.get_by_role("alert").locator("a").all()
            told = {(link.get_attribute("href") or "").removeprefix("#f-"): link.inner_text() for link in links}
            return told or {"page": page.locator("main").inner_text()[:800]}
        return {}

    def _person(self, task: Mapping[str, Any]) -> str:
        if task["assignee"]:
            return str(task["assignee"])
        for account in demonstration().accounts:
            if set(account.groups) & set(task["groups"]):
                return account.email
        return "gildas.pennec@exemple.bzh"

    def _window(self, email: str) -> Page:
        page = self.windows.get(email)
        if page is None:
            page = self.windows[email] = self.open_page()
        page.goto("/taches")
        if "/connexion" in page.url:
            sign_in(page, email)
        return page

    def _press(self, page: Page, answers: Answers) -> None:
        """The decision among the answers, else the button that sends the form."""
        for name, value in flat(answers).items():
            button = page.locator(f'button[name="{name}"][value="{str(value).lower() if isinstance(value, bool) else value}"]')
            if button.count():
                details = page.locator("details", has=button.first)
                if details.count() and not button.first.is_visible():
                    details.first.locator("summary").click()
                button.first.click()
                page.wait_for_load_state()
                return
        page.locator('#f button[name="_do"][value="complete"], main form button.btn-primary').last.click()
        page.wait_for_load_state()

    def _look(self, page: Page) -> None:
        for judge in self.looked:
            judge(page)

    # -- outside systems, and what stories ask

    def send(self, name: str, correlation: Answers, payload: Answers, message_id: str | None) -> None:
        order = {"name": name, "correlation": correlation, "payload": payload, "id": message_id}
        self.server.call("POST", "/api/v1/messages", order)

    def case(self, case_id: str) -> dict[str, Any]:
        self.advance(timedelta())
        return dict(self.server.call("GET", f"/api/v1/instances/{case_id}"))

    def newest(self, process: str) -> str:
        self.advance(timedelta())
        return self._new(f"&process={process}")

    def count(self, process: str, state: str | None) -> int:
        self.advance(timedelta())
        chosen = f"&state={state}" if state else ""
        return len([each for each in self._every(f"&process={process}{chosen}") if each["id"] not in self.before])

    def tasks(self, case_id: str) -> list[dict[str, Any]]:
        """When all is quiet: what a person did may let the worker do something first."""
        self.advance(timedelta())
        found = [task for member in self._family(case_id) for task in self.case(member)["tasks"]]
        return [dict(self.server.call("GET", f"/api/v1/tasks/{task['id']}")) for task in found]

    def events(self, case_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.server.call("GET", f"/api/v1/instances/{case_id}/events?children=1&limit=200{cursor}")
            found += page["items"]
            if not page["next_cursor"]:
                return found
            cursor = "&cursor=" + urllib.parse.quote(page["next_cursor"])

    def incidents(self, case_id: str) -> list[dict[str, Any]]:
        return [each for member in self._family(case_id) for each in self.case(member)["incidents"]]

    def _family(self, case_id: str) -> list[str]:
        return list(dict.fromkeys([case_id, *(event["instance_id"] for event in self.events(case_id))]))
