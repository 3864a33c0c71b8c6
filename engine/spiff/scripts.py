"""The script environment of SpiffWorkflow, speaking FEEL: no Python of a diagram is ever evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment

from engine.spiff.failures import StepFailed
from engine.spiff.scope import Scope, put
from feel.errors import FeelError, LimitExceeded
from feel.expression import Expression
from feel.expression import compile as compile_feel
from feel.text import text


def feel(source: str, names: Iterable[str] = ()) -> Expression:
    """Compile an expression of a diagram; a leading `=` is allowed. `names`: variables with spaces or signs in their names.
    Raises FeelSyntaxError."""
    return compile_feel(source.strip().removeprefix("="), names)


class FeelEnvironment(BasePythonScriptEngineEnvironment):
    """Evaluates compiled FEEL at the moment that the caller gave. Raises StepFailed, never a FEEL error."""

    def __init__(self, now: datetime) -> None:
        super().__init__({})
        self.now = now

    def evaluate(
        self,
        expression: Expression,
        context: Mapping[str, object],
        external_context: object = None,  # noqa: ARG002
    ) -> object:
        """The FEEL value of the expression in the scope `context`."""
        try:
            return expression.evaluate(context, now=self.now)
        except LimitExceeded as error:
            message = text("L’expression « %(text)s » dépasse les limites de calcul.", text=expression.text)
            raise StepFailed("expression-limit", message) from error
        except FeelError as error:
            message = text("L’expression « %(text)s » échoue : %(reason)s", text=expression.text, reason=str(error))
            raise StepFailed("expression-failed", message) from error

    def execute(self, script: Expression, context: Scope, external_context: object = None) -> bool:  # noqa: ARG002
        """A script is a FEEL context: its entries become variables."""
        put(context, self.context(script, context))
        return True

    def context(self, expression: Expression | None, scope: Mapping[str, object]) -> Mapping[str, object]:
        """The context that the expression gives; an absent expression gives an empty one. Raises StepFailed."""
        if expression is None:
            return {}
        value = self.evaluate(expression, scope)
        if not isinstance(value, Mapping):
            message = text("« %(text)s » doit donner un contexte { nom: valeur }.", text=expression.text)
            raise StepFailed("not-a-context", message)
        return value

    def truth(self, expression: Expression, scope: Mapping[str, object]) -> bool:
        """A condition's answer; anything but true or false fails, since guessing would be silently wrong."""
        value = self.evaluate(expression, scope)
        if isinstance(value, bool):
            return value
        missing = ", ".join(sorted(name for name in expression.free if name not in scope))
        if missing:
            message = text("La condition « %(text)s » n’a pas de réponse sans %(names)s.", text=expression.text, names=missing)
        else:
            shown = "null" if value is None else str(value)[:80]
            message = text("La condition « %(text)s » donne %(value)s au lieu de vrai ou faux.", text=expression.text, value=shown)
        raise StepFailed("condition-not-boolean", message)

    def holds(self, expression: Expression, scope: Mapping[str, object]) -> bool:
        """Whether a condition that is watched is true now; one that has no answer yet is not."""
        try:
            return self.evaluate(expression, scope) is True
        except StepFailed:
            return False

    def words(self, expression: Expression, scope: Mapping[str, object]) -> str | None:
        """A text, or None for null; a number is written out. Raises StepFailed."""
        value = self.evaluate(expression, scope)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bool | Mapping | list):
            raise StepFailed("not-a-text", text("« %(text)s » doit donner un texte.", text=expression.text))
        return str(value)


class FeelScriptEngine(PythonScriptEngine):
    """SpiffWorkflow's script engine on the FEEL environment; failures pass through unchanged."""

    environment: FeelEnvironment

    def validate(self, expression: str) -> None:
        """Raises FeelSyntaxError."""
        feel(expression)

    def execute(self, task: object, script: Expression, external_context: object = None) -> bool:
        """Run a script in the scope of a task."""
        return self.environment.execute(script, task.data, external_context)  # type: ignore[attr-defined]
