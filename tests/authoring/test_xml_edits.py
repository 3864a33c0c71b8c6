"""Texts and attributes changed where they stand, and not one byte beside them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from authoring.xml_edits import Spot, replace

FILES = sorted(path for path in (Path(__file__).resolve().parents[2] / "processes").rglob("*") if path.suffix in (".bpmn", ".dmn"))
XML = """<?xml version="1.0" encoding="UTF-8"?>
<!-- <a> -->
<r  x='1' xy="2" >
  <a>é &lt; 1</a><b /><c y = "&#233;"><![CDATA[2 < 3]]></c><d z=" y='1' x='2'" y="3"><!-- no -->5</d>
</r>
""".encode()


def test_only_what_is_meant_changes() -> None:
    changes = {
        Spot(1): "ü < 2",
        Spot(0, "x"): 'a"b',
        Spot(3): "a & b",
        Spot(3, "y"): "z",
        Spot(4, "y"): "4",
        Spot(9): "nothing",
        Spot(2, "q"): "nothing",
    }
    assert replace(XML, changes).decode() == XML.decode().replace("é &lt; 1", "ü &lt; 2").replace("'1'", "'a&quot;b'", 1).replace(
        "<![CDATA[2 < 3]]>", "a &amp; b"
    ).replace("&#233;", "z").replace('"3"', '"4"')
    assert replace(XML, {}) == XML


def test_other_encodings_keep_theirs() -> None:
    content = '<?xml version="1.0" encoding="iso-8859-1"?><r><a>é</a></r>'.encode("latin-1")
    assert replace(content, {Spot(1): "è€"}) == '<?xml version="1.0" encoding="iso-8859-1"?><r><a>è&#8364;</a></r>'.encode("latin-1")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_text_of_every_file_can_be_changed_and_changed_back(path: Path) -> None:
    content = path.read_bytes()
    elements = list(etree.fromstring(content).iter("*"))
    leaves = {Spot(place): each.text for place, each in enumerate(elements) if len(each) == 0 and (each.text or "").strip()}
    changed = replace(content, {spot: f"{text}!" for spot, text in leaves.items()})
    after = list(etree.fromstring(changed).iter("*"))
    assert [each.tag for each in after] == [each.tag for each in elements]
    assert all(after[spot.element].text == f"{text}!" for spot, text in leaves.items())
    again = replace(changed, {spot: str(text) for spot, text in leaves.items()})
    assert [each.text for each in etree.fromstring(again).iter("*")] == [each.text for each in elements]
