"""Every sentence that the modeler's library can show has its French, and the dictionary holds nothing that it does not know."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

FRONT = Path(__file__).resolve().parents[2] / "web" / "frontend"
PACKAGES = FRONT / "node_modules"
SOURCES = ("bpmn-js/lib", "diagram-js/lib", "diagram-js-minimap/dist/index.esm.js", "bpmn-js-create-append-anything/dist/index.es.js")
CALLED = re.compile(r"""\btranslate\(\s*(?:'((?:[^'\\]|\\.)+)'|"([^"]+)")""")
LABELLED = re.compile(r"""\b(?:label|title|description):\s*'([A-Z][^']+)'""")
GROUPED = re.compile(r"""\bname:\s*'([A-Z][^']+)'""")
NAMED = re.compile(r"""_MSG = '([^']+)'""")
#: Comes from a comment, or names a drawing and no sentence.
UNSAID = frozenset({"HELLO {you}", "Exclusive"})

pytestmark = pytest.mark.skipif(not PACKAGES.exists(), reason="the front end is not built")


def library() -> set[str]:
    found: set[str] = set()
    for source in SOURCES:
        path = PACKAGES / source
        for file in sorted(path.rglob("*.js")) if path.is_dir() else [path]:
            content = re.sub(r"^\s*\*.*$", "", file.read_text(), flags=re.M)
            found |= {one or other for one, other in CALLED.findall(content)}
            found |= set(NAMED.findall(content))
            if "popup-menu" in str(file) or "replace" in str(file) or "append" in str(file):
                found |= set(LABELLED.findall(content)) | set(GROUPED.findall(content))
    return {each.replace("\\'", "'") for each in found if re.search(r"[A-Za-z]{3}", each) and "+" not in each} - UNSAID


def test_every_sentence_of_the_library_has_its_french() -> None:
    words = json.loads((FRONT / "src" / "atelier" / "fr.json").read_text())
    said = library()
    assert len(said) > 120
    assert sorted(said - words.keys()) == []
    for english, french in words.items():
        assert french.strip(), english
        assert set(re.findall(r"{\w+}", french)) == set(re.findall(r"{\w+}", english)), english
