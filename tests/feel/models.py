"""Writes small DMN models for the tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def model(*parts: str, namespace: str = "tests", attributes: str = "") -> bytes:
    """A whole file."""
    body = "".join(parts)
    return f'<definitions xmlns="{DMN}" id="d" name="m" namespace="{namespace}" {attributes}>{body}</definitions>'.encode()


def input_data(name: str, type_: str = "") -> str:
    """An input; its id is its name without spaces."""
    reference = f' typeRef="{type_}"' if type_ else ""
    return f'<inputData id="{key(name)}" name="{name}"><variable name="{name}"{reference}/></inputData>'


def key(name: str) -> str:
    """An id for a name."""
    return name.replace(" ", "_")


def literal(text: str, attributes: str = "") -> str:
    """A literal expression."""
    return f"<literalExpression {attributes}><text>{escape(text)}</text></literalExpression>"


def decision(
    name: str, logic: str, *, inputs: Iterable[str] = (), decisions: Iterable[str] = (), knowledge: Iterable[str] = ()
) -> str:
    """A decision and what it requires, by name."""
    requirements = [
        *(_requirement("information", "Input", name) for name in inputs),
        *(_requirement("information", "Decision", name) for name in decisions),
        *(_requirement("knowledge", "Knowledge", name) for name in knowledge),
    ]
    return (
        f'<decision id="{key(name)}" name="{name}"><variable name="{name}"/>{"".join(requirements)}{logic}</decision>'
    )


def _requirement(kind: str, target: str, name: str) -> str:
    return f'<{kind}Requirement><required{target} href="#{key(name)}"/></{kind}Requirement>'


def knowledge_model(name: str, params: Sequence[str], logic: str, knowledge: Iterable[str] = ()) -> str:
    """A business knowledge model of untyped parameters."""
    formal = "".join(f'<formalParameter name="{param}"/>' for param in params)
    required = "".join(_requirement("knowledge", "Knowledge", other) for other in knowledge)
    return (
        f'<businessKnowledgeModel id="{key(name)}" name="{name}"><variable name="{name}"/>{required}'
        f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic></businessKnowledgeModel>"
    )


def table(
    inputs: Sequence[str],
    outputs: Sequence[str],
    rules: Sequence[Sequence[str]],
    *,
    policy: str = "UNIQUE",
    aggregation: str = "",
    output_values: str = "",
    default: str = "",
) -> str:
    """A decision table; each rule is its input entries and then its output entries."""
    columns = "".join(f"<input><inputExpression><text>{escape(text)}</text></inputExpression></input>" for text in inputs)
    values = f"<outputValues><text>{escape(output_values)}</text></outputValues>" if output_values else ""
    fallback = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
    results = "".join(f'<output name="{name}">{values}{fallback}</output>' for name in outputs)
    rows = "".join(_rule(number, rule, len(inputs)) for number, rule in enumerate(rules, 1))
    how = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decisionTable hitPolicy="{policy}"{how}>{columns}{results}{rows}</decisionTable>'


def _rule(number: int, cells: Sequence[str], inputs: int) -> str:
    entries = [
        f"<{tag}><text>{escape(cell)}</text></{tag}>"
        for place, cell in enumerate(cells)
        for tag in ["inputEntry" if place < inputs else "outputEntry"]
    ]
    return f'<rule id="r{number}">{"".join(entries)}</rule>'
