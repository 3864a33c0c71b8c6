"""The check answers problems or none, whatever the file holds: large, deep or broken at random; and never with words from inside."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
from lxml import etree

from engine.bundle import Bundle, File
from engine.checks import check
from engine.spiff.grammar import grammar
from feel.problems import Problem
from tests.checks.examples import CONNECTORS, ERRORS, WARNINGS, nested
from tests.conformance.stories import content, names
from tests.spiff.driver import NOW, chain, diagram, end, node, start, user

INSIDE = re.compile(r"Traceback|Error\b|Exception|SpiffWorkflow|NoneType|lxml|<[a-z]+ |object at 0x|\bNone\b(?!, )|\{http|%\(")
"""What no text for people contains."""
TAGS = re.compile(r"\b[a-z]+[A-Z]\w*(EventDefinition|Gateway|Process|Task|Event|Characteristics)\b")
SEED, ROUNDS = 20190613, 400


def found(source: bytes) -> list[Problem]:
    return check(Bundle([File("diagram", "essai.bpmn", source)]), called=(), connectors=CONNECTORS, now=NOW)


def told(problems: list[Problem]) -> None:
    """Every text is for people: nothing internal, no names of XML tags."""
    for each in problems:
        for words in (each.message, each.remedy or each.message):
            own = re.sub(r"«[^»]*»", "«»", str(words))  # what is quoted is the author's
            assert not INSIDE.search(own), (each.code, str(words))


def mutated(source: bytes, random_: random.Random) -> bytes:
    """The diagram with one to four things wrong."""
    root = etree.fromstring(source, etree.XMLParser(remove_comments=True))
    for _ in range(random_.randint(1, 4)):
        elements = [each for each in root.iter(etree.Element) if each is not root]
        if not elements:
            break
        _damage(root, random_.choice(elements), elements, random_)
    return bytes(etree.tostring(root))


def _damage(root: etree._Element, chosen: etree._Element, elements: list[etree._Element], random_: random.Random) -> None:
    parent = chosen.getparent()
    way = random_.randrange(7)
    if way == 0 and parent is not None:
        parent.remove(chosen)
    elif way == 1:
        chosen.tag = f"{{http://www.omg.org/spec/BPMN/20100524/MODEL}}{random_.choice(sorted(grammar().elements))}"
    elif way == 2 and chosen.attrib:
        chosen.set(random_.choice(list(chosen.attrib)), random_.choice(["", "x", "true", "-1", "a b", "é", chosen.get("id") or "0"]))
    elif way == 3 and chosen.attrib:
        del chosen.attrib[random_.choice(list(chosen.attrib))]
    elif way == 4:
        other = random_.choice(elements)
        if other is not chosen and chosen not in other.iterancestors():
            other.append(chosen)
    elif way == 5:
        chosen.text = random_.choice(["", "1 +", "P2X", "true", "x", "R/", "}{", "\u2028"])
    elif parent is not None:
        parent.append(etree.fromstring(etree.tostring(chosen)))


@pytest.mark.parametrize("part", range(4))
def test_broken_diagrams_of_the_tests_get_an_answer(part: int) -> None:
    random_ = random.Random(SEED + part)  # noqa: S311 - seeded on purpose
    sources = [content(name) for name in names()] + [source for source, _ in WARNINGS]
    for _ in range(ROUNDS // 4):
        problems = found(mutated(random_.choice(sources), random_))
        told(problems)
        assert "not-executable" not in {each.code for each in problems}


@pytest.mark.corpora
def test_broken_diagrams_of_other_tools_get_an_answer(corpora: Path) -> None:
    random_ = random.Random(SEED)  # noqa: S311 - seeded on purpose
    for path in sorted((corpora / "bpmn-miwg").glob("*.bpmn")):
        for _ in range(4):
            source = mutated(path.read_bytes(), random_).replace(b'isExecutable="false"', b'isExecutable="true"')
            told(found(source))


def test_texts_name_no_tags() -> None:
    for source, _ in ERRORS + WARNINGS:
        for each in found(source):
            assert not TAGS.search(str(each.message).replace("gatewayDirection", "")), str(each.message)
            told([each])


def busy(count: int) -> bytes:
    """A diagram of about `count` nodes: splits, joins, boundary events and sub-processes one after the other."""
    parts: list[str] = [start(), *_blocks(count // 8)]
    names_ = [each for number in range(count // 8) for each in (f"x{number}", f"y{number}")]
    return diagram(*parts, end(), chain("start", names_[0]), chain(names_[-1], "end"))


def _blocks(count: int) -> list[str]:
    parts = []
    for number in range(count):
        timer = "<timerEventDefinition><timeDuration>P2D</timeDuration></timerEventDefinition>"
        parts += [
            node("parallelGateway", f"x{number}"), user(f"a{number}"), node("subProcess", f"b{number}", user(f"c{number}")),
            node("boundaryEvent", f"t{number}", timer, attachedToRef=f"a{number}"), user(f"d{number}"), node("parallelGateway", f"y{number}"),
            chain(f"x{number}", f"a{number}", f"y{number}"), chain(f"x{number}", f"b{number}", f"y{number}"), chain(f"t{number}", f"d{number}"),
        ]  # fmt: skip
        if number:
            parts.append(chain(f"y{number - 1}", f"x{number}"))
    return parts


def spent(source: bytes) -> float:
    """The CPU time of one check, the least of two."""
    times = []
    for _ in range(2):
        begun = time.process_time()
        found(source)
        times.append(time.process_time() - begun)
    return min(times)


def test_time_grows_no_faster_than_the_diagram() -> None:
    """A ratio, so that a slow machine does not matter: eight times the size may take sixteen times as long, not sixty-four."""
    found(busy(80))
    assert spent(busy(2_400)) < 16 * max(spent(busy(300)), 0.02)


def test_deep_nesting_is_checked_without_recursion() -> None:
    assert not [each for each in found(diagram(nested(100))) if each.severity == "error"]
    names_ = [f"t{number}" for number in range(3_000)]
    long = diagram(start(), *[node("task", each) for each in names_], end(), chain("start", *names_, "end"))
    assert found(long) == []
