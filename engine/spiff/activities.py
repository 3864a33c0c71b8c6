"""Activities: tasks that people, scripts, decisions and outside systems do, sub-processes and call activities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs import defaults

from engine.spiff.data import NO_DATA, Local
from engine.spiff.events import Catch, Start, Throw
from engine.spiff.failures import StepFailed
from engine.spiff.nodes import Flow, Node
from engine.spiff.scope import put, storable, store_as
from engine.spiff.tokens import STARTED, Token
from feel.errors import FeelError
from feel.expression import Expression
from feel.text import text

if TYPE_CHECKING:
    from engine.spiff.reader import Reader

DEFAULT_GROUPS = ("agents",)
DEFAULT_RETRIES = 3
MAXIMUM_REASONS = 5
"""How many reasons of a decision without result the history keeps."""


class Activity(Node):
    """Listens for its boundary events, runs its loop, then does its work: `begin` on entering, `work` when it runs."""

    def configure(self, reader: Reader) -> None:
        super().configure(reader)
        self.loop = reader.loop()

    def begin(self, token: Token) -> bool:  # noqa: ARG002
        """Open what the work needs outside. Answers whether the activity may run at once. Raises StepFailed."""
        return True

    def work(self, token: Token) -> bool | None:  # noqa: ARG002
        """Do the work. None when it goes on later. Raises StepFailed."""
        return True

    def _update_hook(self, token: Token) -> bool:
        if token.is_part:
            return self.begin(token)
        if self.data is not NO_DATA and "io" not in token.internal_data:
            self._take_in(token)
        if self.boundary and "watched" not in token.internal_data:
            token.workflow.watch(token)
            if not token.alive:
                return False
        return self.loop.begin(token) if self.loop else self.begin(token)

    def _take_in(self, token: Token) -> None:
        """Give the activity its data inputs, in a layer of its own. Raises StepFailed."""
        token.internal_data["io"] = own = self.data.fill(token.top.scripts, token.data)
        token.data = Local(own, token.data, self.data.names)

    def _run_hook(self, token: Token) -> bool | None:
        return True if token.is_wrapper else self.work(token)


class Task(Activity, defaults.NoneTask):
    """A task without a type passes through."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.manual = False


class UserTask(Activity, defaults.UserTask):
    """Somebody does it. Assignee, due date and title are evaluated when it opens."""

    def configure(self, reader: Reader) -> None:
        super().configure(reader)
        self.form_key = reader.property("formKey")
        self.assignee = reader.feel_property("assignee")
        self.candidate_groups = reader.property("candidateGroups")
        self.group_expression = reader.formula("candidateGroups")
        self.lane_group = reader.lane_group
        self.due = reader.duration("dueIn")
        self.priority = int(reader.property("priority") or 0)
        self.task_title = reader.feel_property("taskTitle")

    def _on_ready_hook(self, token: Token) -> None:
        if token.is_wrapper:
            token.top.enqueue(token)
        else:
            token.top.openings.open_task(token, self)

    def groups(self, token: Token) -> tuple[str, ...]:
        """The groups whose members may do it: as the task says, else its lane's, else everybody inside."""
        if self.group_expression is not None:
            value = token.top.scripts.evaluate(self.group_expression, token.data)
            values = value if isinstance(value, list) else [value]
            return tuple(str(each) for each in values if each is not None)
        if self.candidate_groups:
            return tuple(each.strip() for each in self.candidate_groups.split(",") if each.strip())
        return (self.lane_group,) if self.lane_group else DEFAULT_GROUPS


class ManualTask(UserTask, defaults.ManualTask):
    """Done away from the computer: somebody only says that it is done."""


class ScriptTask(Activity, defaults.ScriptTask):
    """A FEEL context whose entries become variables."""

    script: Expression | None

    def configure(self, reader: Reader) -> None:
        super().configure(reader)
        self.script = reader.feel_text("script")

    def work(self, token: Token) -> bool:
        if self.script is not None:
            token.top.script_engine.execute(token, self.script)
        return True


class BusinessRuleTask(Activity, defaults.ServiceTask):
    """Asks a decision and keeps its answer."""

    def configure(self, reader: Reader) -> None:
        super().configure(reader)
        self.decision = reader.property("decisionKey") or ""
        self.result_variable = reader.property("resultVariable")

    def work(self, token: Token) -> bool:
        model, decision = token.top.definition.decisions[self.decision]
        try:
            result = model.evaluate(decision.id, dict(token.data), now=token.top.scripts.now)
        except FeelError as error:
            message = text("La décision « %(key)s » échoue : %(reason)s", key=self.decision, reason=str(error))
            raise StepFailed("decision-failed", message) from error
        store_as(token.data, self.result_variable, result.value)
        data: dict[str, object] = {
            "decision": self.decision,
            "matched": {key: list(rules) for key, rules in result.matched.items()},
        }
        if result.value is None and result.diagnostics:
            data["reasons"] = [str(each) for each in result.diagnostics[:MAXIMUM_REASONS]]
        token.top.openings.happened("decision.evaluated", token, data)
        return True


class ServiceTask(Activity, defaults.ServiceTask):
    """An outside system does it, whenever it answers."""

    def configure(self, reader: Reader) -> None:
        super().configure(reader)
        self.connector = reader.property("connector") or ""
        self.connector_input = reader.feel_property("connectorInput")
        self.result_variable = reader.property("resultVariable")
        self.retries = int(reader.property("retries") or DEFAULT_RETRIES)

    def begin(self, token: Token) -> bool:
        value = token.top.scripts.evaluate(self.connector_input, token.data) if self.connector_input else {}
        token._set_state(STARTED)
        token.top.openings.open_call(token, self, storable({"input": value})["input"])
        return False

    def work(self, token: Token) -> bool:
        store_as(token.data, self.result_variable, token.internal_data.get("answer"))
        return True


class SendTask(Activity, Throw, defaults.SendTask):
    """Throws a message."""

    def work(self, token: Token) -> bool | None:
        return self.throw(token)


class ReceiveTask(Activity, Catch, defaults.ReceiveTask):
    """Waits for a message."""

    def begin(self, token: Token) -> bool:
        return self.catch(token)


class CallActivity(Activity, defaults.CallActivity):
    """Starts an instance of another process and waits for its end.

    `input` and `output` are all that goes in and comes out, unless `inputAll` or `outputAll` lets them add to everything.
    """

    def configure(self, reader: Reader) -> None:
        super().configure(reader)
        self.called = reader.called_element() or ""
        self.input = reader.feel_property("input")
        self.output = reader.feel_property("output")
        self.business_key = reader.feel_property("businessKey")
        self.gives_all = not self.input or reader.property("inputAll") == "true"
        self.takes_all = not self.output or reader.property("outputAll") == "true"

    def begin(self, token: Token) -> bool:
        scripts = token.top.scripts
        given = token.internal_data["io"] if self.data.inputs else token.data
        variables = (dict(given) if self.gives_all else {}) | dict(scripts.context(self.input, token.data))
        business_key = scripts.words(self.business_key, token.data) if self.business_key else None
        token._set_state(STARTED)
        token.top.openings.open_child(token, self, storable(variables), business_key)
        return False

    def work(self, token: Token) -> bool:
        answer: Mapping[str, object] = token.internal_data["answer"]
        kept = dict(token.top.scripts.context(self.output, answer))
        put(token.data, (self._taken(answer) if self.takes_all else {}) | kept)
        return True

    def _taken(self, answer: Mapping[str, object]) -> dict[str, object]:
        """What the called process gives back: the sources of its data output associations, else everything."""
        return {name: answer[name] for name in self.data.sources if name in answer} if self.data.sources else dict(answer)


class SubProcess(Activity, defaults.SubWorkflowTask):
    """An embedded sub-process, on the variables of the scope around it."""

    def begin(self, token: Token) -> bool:
        token._set_state(STARTED)
        token.top.open_inner(token)
        return False


class Transaction(SubProcess):
    """A sub-process that can be cancelled: what it did is compensated."""


class AdHocSubProcess(SubProcess, defaults.AdHocSubprocess):
    """Its activities have no order; after each one the completion condition says whether it is enough."""

    def configure(self, reader: Reader) -> None:
        super().configure(reader)
        self.is_sequential = reader.attribute("ordering") == "Sequential"
        self.cancels_remaining = reader.flag("cancelRemainingInstances", default=True)
        self.completion = reader.feel_text("completionCondition")


class EventSubProcess(SubProcess, defaults.EventSubprocess):
    """Waits for its start event as long as the scope around it runs; interrupting, it ends everything else there."""

    start_name = ""
    cancel_activity = True

    def configure(self, reader: Reader) -> None:
        Node.configure(self, reader)

    def take_start(self, start: Start) -> None:
        """Wait for what the start event inside waits for."""
        self.events, self.needs_all_events = start.events, start.needs_all_events
        self.cancel_activity, self.start_name = start.interrupting, start.name

    def choose(self, token: Token) -> Sequence[Flow]:  # noqa: ARG002
        return ()

    def _update_hook(self, token: Token) -> bool:
        return self.begin(token)
