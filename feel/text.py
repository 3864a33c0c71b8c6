"""Text for people: a French template and its parameters, kept apart so that the web layer can translate it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Text:
    """A message that people or API callers may see.

    `template` is the French msgid with `%(name)s` placeholders; `params` fills them. `str()` gives the French text.
    """

    template: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """The text in French. A template without parameters is shown as it is, so a lone `%` is harmless."""
        return self.template % self.params if self.params else self.template

    def __hash__(self) -> int:
        return hash((self.template, str(self)))


def text(template: str, /, **params: object) -> Text:
    """A `Text` from its template and parameters; also the keyword that the extraction of messages looks for."""
    return Text(template, params)
