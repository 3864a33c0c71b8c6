"""The office of the tests of pages, on each database."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.pages.office import Office, Visitor


@pytest.fixture
def office(app: Flask) -> Office:
    """The application with a process and people."""
    app.testing = False  # errors are answered as in production
    return Office(app)


@pytest.fixture
def visitor(office: Office) -> Visitor:
    """Somebody without an account."""
    return office.visitor()


@pytest.fixture
def owner(office: Office) -> Visitor:
    """Maëlle, who owns processes too."""
    return office.joined("Maëlle", "proprietaires")
