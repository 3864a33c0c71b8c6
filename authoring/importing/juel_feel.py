"""JUEL written as FEEL that means the same; what FEEL cannot say the same way is refused with the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from authoring.importing.juel import Binary, Call, Choice, Index, Literal, Member, Name, Node, Unary, Untranslatable, parse
from feel.text import text

CHOICE, OR, AND, COMPARED, ADDED, MULTIPLIED, NEGATED, WHOLE = range(8)
"""How tightly FEEL binds, from `if` to what stands for itself."""

SIGNS: Mapping[str, tuple[str, int]] = {
    "||": ("or", OR),
    "&&": ("and", AND),
    "==": ("=", COMPARED),
    "!=": ("!=", COMPARED),
    "<": ("<", COMPARED),
    ">": (">", COMPARED),
    "<=": ("<=", COMPARED),
    ">=": (">=", COMPARED),
    "+": ("+", ADDED),
    "-": ("-", ADDED),
    "*": ("*", MULTIPLIED),
    "/": ("/", MULTIPLIED),
}
METHODS: Mapping[tuple[str, int], str] = {
    ("equals", 1): "{0} = {1}",
    ("size", 0): "count({0})",
    ("length", 0): "string length({0})",
    ("startsWith", 1): "starts with({0}, {1})",
    ("endsWith", 1): "ends with({0}, {1})",
    ("toLowerCase", 0): "lower case({0})",
    ("toUpperCase", 0): "upper case({0})",
}
"""Methods of Java that FEEL says the same way; those that depend on the type of their object are left out."""

PROVIDED = frozenset(("execution", "task", "delegateTask", "processEngine", "authenticatedUserId", "caseExecution", "initiator"))
"""Objects and variables of the other engine that no variable of ours stands for."""

COUNTERS: Mapping[str, str] = {
    "nrOfInstances": "numberOfInstances",
    "nrOfCompletedInstances": "numberOfCompletedInstances",
    "nrOfActiveInstances": "numberOfActiveInstances",
    "loopCounter": "(loopCounter - 1)",
}
"""What the iterations of a multi-instance activity see there, and here; their counter starts at 0, ours at 1."""

LIKE_OTHERS = re.compile(r"\s*(?:[+-]?[\d.]+|true|false)\s*", re.IGNORECASE)
"""Texts that JUEL takes for numbers or truth values when they are compared with some; FEEL never does."""

IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class Translation:
    """One expression as FEEL. `names` are the variables that it reads; `renamed` says which variables have another name here."""

    def __init__(self, source: str, renamed: Mapping[str, str]) -> None:
        self.renamed = renamed
        self.names: set[str] = set()
        self.choosing = 0
        self.feel = self._write(parse(source))[0]

    def _write(self, node: Node) -> tuple[str, int]:
        match node:
            case Literal():
                return self._literal(node)
            case Name():
                return self._name(node)
            case Member():
                return f"{self._within(node.target, WHOLE)}.{node.name}", WHOLE
            case Index():
                return self._index(node)
            case Call():
                return self._call(node)
            case Unary():
                return self._unary(node)
            case Binary():
                return self._binary(node)
            case Choice():
                return self._choice(node)

    def _within(self, node: Node, least: int) -> str:
        """The node as an operand of something that binds as tightly as `least`."""
        written, level = self._write(node)
        return written if level >= least else f"({written})"

    @staticmethod
    def _literal(node: Literal) -> tuple[str, int]:
        if isinstance(node.value, str):
            return quoted(node.value), WHOLE
        if isinstance(node.value, bool) or node.value is None:
            return {True: "true", False: "false", None: "null"}[node.value], WHOLE
        return f"{Decimal(node.value):f}", WHOLE

    def _name(self, node: Name) -> tuple[str, int]:
        if node.name in PROVIDED:
            raise Untranslatable(text("« %(name)s » est un objet de l’autre moteur.", name=node.name))
        if not IDENTIFIER.fullmatch(node.name):
            raise Untranslatable(text("« %(name)s » n’est pas un nom de variable en FEEL.", name=node.name))
        written = self.renamed.get(node.name, node.name)
        self.names.add(re.sub(r"\W.*", "", written.lstrip("(")))
        return written, WHOLE

    def _index(self, node: Index) -> tuple[str, int]:
        target, key = self._within(node.target, WHOLE), node.key
        if isinstance(key, Literal) and isinstance(key.value, Decimal) and key.value == int(key.value):
            return f"{target}[{int(key.value) + 1}]", WHOLE
        if isinstance(key, Literal) and isinstance(key.value, str):
            return f"get value({target}, {quoted(key.value)})", WHOLE
        raise Untranslatable(text("On ne sait pas si « [ ] » désigne une position ou un nom."))

    def _call(self, node: Call) -> tuple[str, int]:
        if node.target is None:
            if node.function in ("now", "dateTime") and not node.arguments:
                return "now()", WHOLE
            raise Untranslatable(text("La fonction « %(name)s » n’existe pas en FEEL.", name=node.function))
        if isinstance(node.target, Name) and node.target.name == "execution":
            return self._of_execution(node)
        pattern = METHODS.get((node.function, len(node.arguments)))
        if pattern is None:
            raise Untranslatable(text("« %(name)s » appelle du code de l’autre moteur.", name=f".{node.function}()"))
        compared = pattern.startswith("{0} =")
        least = ADDED if compared else CHOICE
        written = pattern.format(self._within(node.target, least), *(self._within(each, least) for each in node.arguments))
        return written, COMPARED if compared else WHOLE

    def _of_execution(self, node: Call) -> tuple[str, int]:
        if node.function == "getVariable" and len(node.arguments) == 1:
            (name,) = node.arguments
            if isinstance(name, Literal) and isinstance(name.value, str):
                return self._name(Name(name.value))
        raise Untranslatable(text("« %(name)s » appelle du code de l’autre moteur.", name=f"execution.{node.function}()"))

    def _unary(self, node: Unary) -> tuple[str, int]:
        if node.operator == "!":
            return f"not({self._write(node.operand)[0]})", WHOLE
        if node.operator == "empty":
            return f'list contains([null, "", [], {{}}], {self._write(node.operand)[0]})', WHOLE
        return f"-{self._within(node.operand, WHOLE)}", NEGATED

    def _binary(self, node: Binary) -> tuple[str, int]:
        if node.operator == "%":
            # Java's remainder takes the sign of the dividend, FEEL's modulo that of the divisor.
            left, right = self._within(node.left, NEGATED), self._within(node.right, NEGATED)
            return f"{left} - {right} * round down({left} / {right}, 0)", ADDED
        if node.operator == "+" and any(isinstance(each, Literal) and isinstance(each.value, str) for each in (node.left, node.right)):
            raise Untranslatable(text("« + » additionne des nombres dans l’autre moteur, et joint des textes en FEEL."))
        sign, level = SIGNS[node.operator]
        if level == COMPARED and self.choosing and any(map(_is_ambiguous, (node.left, node.right))):
            raise Untranslatable(text("Un texte comparé ici serait lu comme un nombre ou un booléen par l’autre moteur."))
        # Comparisons do not chain in FEEL; a subtraction or division on the right keeps its parentheses.
        left = self._within(node.left, level + 1 if level == COMPARED else level)
        return f"{left} {sign} {self._within(node.right, level + 1)}", level

    def _choice(self, node: Choice) -> tuple[str, int]:
        # A comparison without answer stops a case; in a choice it would quietly mean « else ».
        self.choosing += 1
        condition = self._write(node.condition)[0]
        self.choosing -= 1
        return f"if {condition} then {self._write(node.then)[0]} else {self._write(node.otherwise)[0]}", CHOICE


def _is_ambiguous(node: Node) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, str) and bool(LIKE_OTHERS.fullmatch(node.value))


def quoted(value: str) -> str:
    """A text as a FEEL literal."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'"{escaped}"'
