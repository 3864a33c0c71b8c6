"""The built-in `range` (DMN 1.5, 10.3.4.1): a range from its text, whose ends may only be literals."""

from __future__ import annotations

from feel import ast
from feel.builtins.signatures import TABLE, builtin
from feel.cursor import Scope
from feel.errors import EvaluationError, FeelSyntaxError
from feel.iso import parse_temporal
from feel.limits import spend
from feel.names import Names
from feel.operators import compare, make_range, negate
from feel.parser import Parser
from feel.text import text
from feel.values import Range

PARSING = 20
"""Steps charged for reading a range, beside those for its characters."""

_CONSTRUCTORS = ("date", "time", "date and time", "duration")
_SCOPE = Scope(builtins=Names(_CONSTRUCTORS))


@builtin("range", "from: string")
def range_from_text(string: str) -> Range:
    """`range("[18..21)")`."""
    spend(PARSING + len(string) // 2)
    try:
        node = Parser(string, _SCOPE).parse_expression()
    except FeelSyntaxError as error:
        raise EvaluationError(text("« %(string)s » n’est pas un intervalle", string=string[:60])) from error
    if not isinstance(node, ast.Interval):
        raise EvaluationError(text("« %(string)s » n’est pas un intervalle", string=string[:60]))
    start, end = _literal(node.start), _literal(node.end)
    if start is None or end is None or compare(start, end) not in (-1, 0):
        raise EvaluationError(text("les bornes de l’intervalle ne conviennent pas"))
    return make_range(start, end, start_included=node.start_included, end_included=node.end_included)


def _literal(node: ast.Node) -> object:
    if isinstance(node, ast.Literal):
        return node.value
    if isinstance(node, ast.AtLiteral):
        return parse_temporal(node.text)
    if isinstance(node, ast.Negative):
        return negate(_literal(node.operand))
    if isinstance(node, ast.Call) and isinstance(node.function, ast.Name) and node.function.name in _CONSTRUCTORS:
        constructor = TABLE[node.function.name].native
        if constructor and node.names is None and all(isinstance(item, ast.Literal) for item in node.arguments):
            return constructor([item.value for item in node.arguments if isinstance(item, ast.Literal)])
    raise EvaluationError(text("les bornes de l’intervalle ne sont pas des littéraux"))
