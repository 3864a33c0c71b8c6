"""Brings the English catalogue up to date with the French messages of the code, and names those that lack a translation.

`python tools/catalogue.py` writes web/translations/en/LC_MESSAGES/messages.po; translate the empty entries there.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = ROOT / "web" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
PACKAGES = ("feel", "forms", "engine", "authoring", "webhooks", "web")
METHODS = [
    ("migrations/**", "ignore"),
    ("database.py", "ignore"),
    ("frontend/**", "ignore"),
    ("**.py", "python"),
    ("templates/**.html", "jinja2"),
]
KEYWORDS = {**DEFAULT_KEYWORDS, "text": None, "message": None}


def extract() -> Catalog:
    """Every message of the code, with the files that hold it."""
    catalogue = Catalog(project="Ti Kub", charset="utf-8")
    for package in PACKAGES:
        found = extract_from_dir(str(ROOT / package), METHODS, keywords=KEYWORDS, options_map={})
        for name, _line, message, _comments, context in found:
            catalogue.add(message, locations=[(f"{package}/{name}", 0)], context=context)
    return catalogue


def load() -> Catalog:
    """The English catalogue as it is."""
    if not ENGLISH.exists():
        return Catalog(locale="en", project="Ti Kub", charset="utf-8")
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def missing(english: Catalog, code: Catalog) -> Iterator[str]:
    """Messages of the code that the catalogue does not translate."""
    for message in code:
        if not message.id:
            continue
        found = english.get(message.id, message.context)
        told = found.string if found is not None and not found.fuzzy else None
        if not told or not all([told] if isinstance(told, str) else told):
            yield message.id if isinstance(message.id, str) else message.id[0]


def main() -> None:
    """Update the catalogue; leave with 1 when something is not translated."""
    code, english = extract(), load()
    english.update(code, no_fuzzy_matching=True)
    english.obsolete.clear()
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as file:
        write_po(file, english, width=120, sort_output=True, include_lineno=False, omit_header=False)
    untranslated = list(missing(english, code))
    for message in untranslated:
        print(message)
    sys.exit(f"{len(untranslated)} messages lack an English translation." if untranslated else 0)


if __name__ == "__main__":
    main()
