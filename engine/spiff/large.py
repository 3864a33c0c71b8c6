"""Large variables: kept beside the state, read when something asks for them, written when they changed.

A step of an instance that carries a megabyte, and looks at none of it, then costs no more than that of any other. Small variables stay in
the state: reading them apart would cost more than it spares.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from engine.spiff.failures import StateUnreadable

LARGE = 8_192
"""Bytes of JSON from which on a variable is kept beside the state."""

Read: TypeAlias = Callable[[str], bytes]
"""Gives what is kept under a reference. Raises KeyError."""
Unpack: TypeAlias = Callable[[bytes, bool], object]

_UNREAD = object()


class Kept(NamedTuple):
    """Where a variable is kept: under the hash of its content. `typed`: its JSON has tags."""

    ref: str
    typed: bool
    size: int


@dataclass(slots=True)
class Beside:
    """What an instance keeps beside its state. `added` and `dropped`: since they were last taken."""

    kept: dict[str, Kept] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)
    added: dict[str, bytes] = field(default_factory=dict)

    def keep(self, name: str, content: bytes, *, typed: bool) -> Kept:
        """Keep a variable that was read or set; what is there already is not written again."""
        ref = hashlib.sha256(content).hexdigest()
        self.kept[name] = Kept(ref, typed, len(content))
        if ref not in self.stored:
            self.added[ref] = content
        return self.kept[name]

    def take(self) -> tuple[dict[str, bytes], set[str]]:
        """What must be written, by reference, and the references of what nothing needs any more."""
        needed = {each.ref for each in self.kept.values()}
        added, dropped = {ref: content for ref, content in self.added.items() if ref in needed}, self.stored - needed
        self.stored, self.added = needed, {}
        return added, dropped


class Variables(MutableMapping[str, object]):
    """The variables of a process of which some are kept beside its state."""

    def __init__(self, values: dict[str, object], kept: Mapping[str, Kept], read: Read, unpack: Unpack) -> None:
        self._values = values
        self._unread = dict(kept)
        self._read, self._unpack = read, unpack
        for name in kept:
            values[name] = _UNREAD

    def is_unread(self, name: str) -> bool:
        """Whether nothing has asked for this variable yet, so that it is as it was."""
        return name in self._unread

    def __getitem__(self, name: str) -> object:
        value = self._values[name]
        if value is not _UNREAD:
            return value
        kept = self._unread[name]
        try:
            found = self._unpack(self._read(kept.ref), kept.typed)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise StateUnreadable from error
        self._values[name] = found
        del self._unread[name]
        return found

    def __setitem__(self, name: str, value: object) -> None:
        self._values[name] = value
        self._unread.pop(name, None)

    def __delitem__(self, name: str) -> None:
        del self._values[name]
        self._unread.pop(name, None)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
