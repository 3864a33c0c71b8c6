"""What the compilers of boxed expressions share: the element at hand, its problems and the names that it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from feel.compiler.scope import Env, Run, TypeFinder
from feel.dmn.graph import Box, Variables
from feel.dmn.reading import Element, attribute, local_name
from feel.dmn.scope import Scope
from feel.errors import EvaluationError, FeelSyntaxError
from feel.expression import Expression, Surroundings, build
from feel.limits import Limits, Origin, explain, note, spend
from feel.names import Names
from feel.problems import Problem
from feel.text import Text, text
from feel.types import Type, coerced

MAX_PROBLEMS = 500
"""Nobody mends more at once, and looking for repeated ones takes time."""


LONG = 20
"""Steps from which an expression is charged for each time that the logic around it repeats it."""


def _charged(run: Run, steps: int) -> Run:
    def charged(env: Env) -> object:
        spend(steps)
        return run(env)

    return charged


@dataclass(frozen=True, slots=True)
class Source:
    """The element whose logic is compiled, and where its problems and free names go."""

    element_id: str
    element_type: str
    element_name: str
    types: Callable[[str], Type | None]
    find_type: TypeFinder
    type_names: Names
    members: Names
    limits: Limits
    problems: list[Problem]
    free: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)

    @property
    def origin(self) -> Origin:
        """Where a diagnostic of the whole element points."""
        return Origin(element=self.label)

    @property
    def label(self) -> str:
        """What a diagnostic calls the element."""
        return self.element_name or self.element_id

    def type_of(self, element: Element | None) -> Type | None:
        """The type that an element refers to; an unknown one is a problem that does not keep the model from running."""
        reference = attribute(element, "typeRef")
        found = self.types(reference) if reference else None
        if reference and found is None:
            message = text("le type « %(name)s » n’existe pas", name=reference[:80])
            self.problem("dmn.type", message, severity="warning")
        return found

    def problem(self, code: str, message: Text, *, severity: str = "error") -> None:
        """Something is wrong with the element."""
        found = Problem(code, message, self.element_id, self.element_type, self.element_name)
        found = replace(found, severity="warning") if severity == "warning" else found
        if len(self.problems) < MAX_PROBLEMS and found not in self.problems:
            self.problems.append(found)

    def expression(self, string: str, scope: Scope, where: str = "", *, unary: bool = False) -> Expression | None:
        """The expression of a text; None when it has none, which is a problem."""
        around = Surroundings(
            names=scope.types.keys(),
            spellings=scope.spellings,
            types=scope.types,
            members=self.members,
            filtering=scope.open_filters > 0,
            find_type=self.find_type,
            type_names=self.type_names,
            element=self.label,
        )
        try:
            expression = build(string, around, unary=unary, limits=self.limits)
        except FeelSyntaxError as error:
            self._syntax_problem(error, string, where)
            return None
        if expression.has_external:
            self.problem("dmn.external", text("les fonctions externes sont refusées"))
        self.free.update(name for name in expression.free if name not in scope.types)
        if expression.steps > LONG:
            expression = replace(expression, run=_charged(expression.run, expression.steps))
        if not scope.open_filters:
            self.required.update(name for name in expression.required if name not in scope.types)
        return expression

    def _syntax_problem(self, error: FeelSyntaxError, string: str, where: str) -> None:
        message = text(
            "%(where)s%(reason)s (ligne %(line)s, colonne %(column)s) dans « %(text)s »",
            where=f"{where} : " if where else "",
            reason=error.message,
            line=error.line,
            column=error.column,
            text=string[:80],
        )
        self.problem("feel.syntax", message)

    def literal(self, string: str, scope: Scope, where: str = "") -> Box:
        """The box of an expression's text; an empty one is null."""
        if not string:
            return self.null(text("l’expression est vide"))
        expression = self.expression(string, scope, where)
        return expression.run if expression else self.null(text("l’expression n’est pas valable"))

    def null(self, reason: Text) -> Box:
        """A box that is null for a reason."""
        origin = self.origin

        def run(variables: Variables) -> object:  # noqa: ARG001  the shape of a box
            note(reason, origin)
            return None

        return run

    def guarded(self, box: Box) -> Box:
        """The box, null with its reason where it has no value."""
        origin = self.origin

        def run(variables: Variables) -> object:
            try:
                return box(variables)
            except EvaluationError as error:
                explain(error, origin)
                return None

        return run

    def typed(self, box: Box, type_: Type | None) -> Box:
        """The box whose value must be of a type."""
        return box if type_ is None else self.guarded(lambda variables: coerced(box(variables), type_))

    def refuse_languages(self, elements: Iterable[Element]) -> None:
        """Expressions in any language but FEEL are problems."""
        for element in elements:
            language = attribute(element, "expressionLanguage")
            if language and "feel" not in language.lower():
                message = text("le langage « %(language)s » est refusé : seul FEEL est accepté", language=language[:80])
                self.problem("dmn.language", message)
            if local_name(element) == "importedValues":
                self.problem("dmn.imported-values", text("les valeurs importées sont refusées"))
