"""One running instance: it is told what happened outside and answers with effects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine.effects import ChildEnded, Effect, State
from engine.spiff.definition import Definition


class NotWaiting(Exception):  # noqa: N818
    """Nothing of this instance waits under that reference: it was done, interrupted, or never existed."""


class StateUnreadable(Exception):  # noqa: N818
    """The stored state does not belong to this definition, or is damaged."""


class Execution:
    """An instance of a definition. Not thread-safe; make one per transaction: start or restore, act, take the effects, dump."""

    effects: list[Effect]
    state: State
    error_code: str | None

    @classmethod
    def start(
        cls,
        definition: Definition,
        variables: Mapping[str, object],
        *,
        now: datetime,
        start_event: str | None = None,
        payload: Mapping[str, object] | None = None,
    ) -> Execution:
        """Start at the none start events, or at `start_event`; `payload` is merged into the variables. Runs until everything waits."""
        raise NotImplementedError

    @classmethod
    def restore(cls, definition: Definition, state: bytes, *, now: datetime) -> Execution:
        """The execution that `dump` saved; emits no effects. Raises StateUnreadable."""
        raise NotImplementedError

    def dump(self) -> bytes:
        """The whole state: JSON, typed tags for decimals and FEEL temporal values."""
        raise NotImplementedError

    @property
    def variables(self) -> dict[str, object]:
        """The variables of the process's own scope."""
        raise NotImplementedError

    def take_effects(self) -> list[Effect]:
        """The effects since the last call, in order."""
        raise NotImplementedError

    def complete(self, ref: str, data: Mapping[str, object]) -> None:
        """A user or manual task is done: its data are merged into its scope. Raises NotWaiting."""

    def deliver(self, ref: str, payload: Mapping[str, object]) -> None:
        """The awaited message or signal came. Raises NotWaiting."""

    def fire(self, ref: str) -> None:
        """The timer is due. Raises NotWaiting."""

    def call_succeeded(self, ref: str, result: object) -> None:
        """The outside system answered. Raises NotWaiting."""

    def call_failed(self, ref: str, code: str, message: str) -> None:
        """The outside system failed for good: an error boundary of that code catches it, else it is an incident."""

    def child_ended(self, ref: str, outcome: ChildEnded) -> None:
        """The called process came to its end. Raises NotWaiting."""

    def retry(self, ref: str) -> None:
        """Try the failed step of an incident again. Raises NotWaiting."""

    def cancel(self, reason: str) -> None:
        """End the instance with everything inside it."""
