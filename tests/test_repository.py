"""House rules that no linter knows, read from the files that git tracks."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("feel", "forms", "engine", "authoring", "webhooks", "web")


def tracked(*patterns: str) -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


if not (ROOT / ".git").exists():
    pytest.skip("not a git checkout", allow_module_level=True)

SOURCES = [path for path in tracked("*.py") if path.relative_to(ROOT).parts[0] in PACKAGES]


def test_packages_open_with_a_docstring_and_nothing_else() -> None:
    for path in SOURCES:
        if path.name == "__init__.py":
            body = ast.parse(path.read_text()).body
            assert len(body) == 1, path
            assert isinstance(body[0], ast.Expr), path


def test_every_module_says_its_duty() -> None:
    silent = [str(path.relative_to(ROOT)) for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_modules_stay_one_idea() -> None:
    lists = {ROOT / "engine/tables.py", *(ROOT / "web/migrations/versions").glob("*.py")}  # one table after the other
    long = {str(path.relative_to(ROOT)): n for path in SOURCES if (n := len(path.read_text().splitlines())) > 400 and path not in lists}
    assert long == {}


def test_the_system_clock_is_read_in_one_place() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if re.search(r"datetime\.(now|utcnow)\(|date\.today\(", path.read_text())
    ]
    assert readers == ["engine/clock.py"]


def test_no_vague_module_names() -> None:
    vague = {"utils", "util", "helpers", "managers", "services", "common", "misc"}
    assert [str(path) for path in SOURCES if path.stem in vague] == []


def test_processes_hold_no_python() -> None:
    assert tracked("processes/*.py", "processes/**/*.py") == []


def test_locks_name_no_registry() -> None:
    for path in tracked("requirements.lock", "tools/*.lock", "web/frontend/package-lock.json"):
        assert "://" not in re.sub(r'"funding".*?\}|"url": "https://[^"]*"', "", path.read_text(), flags=re.S), path


def test_links_between_documents_lead_somewhere() -> None:
    dead = []
    for path in tracked("*.md"):
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", path.read_text()):
            if "://" not in target and not (path.parent / target).exists():
                dead.append(f"{path.relative_to(ROOT)}: {target}")
    assert dead == []
