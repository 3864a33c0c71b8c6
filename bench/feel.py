"""What FEEL and decision tables cost: `python -m bench.feel`, or with all others `make bench`."""

from __future__ import annotations

from decimal import Decimal

from bench.measuring import measure
from feel.dmn.model import Model, read
from feel.expression import Surroundings, build, compile  # noqa: A004  the term of the field
from feel.limits import Budget, evaluating
from tests.feel.models import decision, input_data, model, table

CONDITION = 'amount > 1000 and zip = "1234"'
HOST = {"amount": 1500, "zip": "1234"}
VALUES = {"amount": Decimal(1500), "zip": "1234"}
ITEMS = {"items": [{"price": number, "name": "a"} for number in range(1000)]}
RULES = [[f"[{low}..{low + 99}]", '"gold", "silver"' if low % 200 else "-", str(low), f'"rule {low}"'] for low in range(0, 1000, 100)]
CHAIN = 5_000


def main() -> None:
    """Print every figure."""
    conditions()
    programs()
    tables()
    chains()


def conditions() -> None:
    """A condition of a sequence flow."""
    condition = compile(CONDITION)
    measure("condition, compiled anew", lambda: build(CONDITION, Surroundings()), repeat=1_000)
    measure("condition, found in the cache", lambda: compile(CONDITION), repeat=20_000)
    measure("condition, from host values", lambda: condition.evaluate(HOST), repeat=20_000)
    with evaluating(Budget()):
        measure("condition, from FEEL values", lambda: condition.run(VALUES), repeat=50_000)


def programs() -> None:
    """Iterations, filters and functions."""
    loop = compile("for i in 1..1000 return i * 2 + 1")
    prices = compile("sum(items[price > 10].price)")
    factorial = compile("{fact: function(n) if n <= 1 then 1 else n * fact(n - 1), r: fact(20)}.r")
    measure("for over 1,000 numbers", lambda: loop.evaluate(), repeat=20)
    measure("filter and sum of 1,000 contexts, from host values", lambda: prices.evaluate(ITEMS), repeat=20)
    measure("factorial of 20, recursive", lambda: factorial.evaluate(), repeat=200)


def tables() -> None:
    """A decision table of ten rules and two outputs; the ninth rule matches."""
    content = ten_rules("UNIQUE")
    measure("table of 10 rules, read", lambda: read(content), repeat=20)
    for policy in ("UNIQUE", "FIRST", "COLLECT"):
        loaded = read(ten_rules(policy))
        measure(f"table of 10 rules, {policy}", lambda loaded=loaded: loaded.evaluate("D", {"amount": 850, "level": "gold"}), repeat=2_000)


def ten_rules(policy: str) -> bytes:
    """The model of the table."""
    logic = table(["amount", "level"], ["x", "y"], RULES, policy=policy)
    return model(
        input_data("amount", "number"), input_data("level", "string"), decision("D", logic, inputs=["amount", "level"])
    )


def chains() -> None:
    """Decisions that require each other in a row."""
    loaded = chain()
    measure(f"chain of {CHAIN:,} decisions", lambda: loaded.evaluate("D0", {}), repeat=1)


def chain() -> Model:
    """The model of the chain."""
    text = "<literalExpression><text>{}</text></literalExpression>"
    first = [decision(f"D{i}", text.format(f"D{i + 1} + 1"), decisions=[f"D{i + 1}"]) for i in range(CHAIN)]
    return read(model(*first, decision(f"D{CHAIN}", text.format("1"))))


if __name__ == "__main__":
    main()
