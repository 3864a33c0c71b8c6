"""What keeps an instance from another version of its process, told by the element at which it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from feel.text import Text, text

Code: TypeAlias = Literal[
    "gone", "other-kind", "other-place", "other-event", "other-loop", "other-data", "waiting", "join", "compensation", "unreadable"
]


@dataclass(frozen=True, slots=True)
class Hurdle:
    """Why an instance cannot go on in the other version. `element`: id in the version it runs; `name`: what people call it.

    Another place for the element (a mapping) can help when it is `gone`, and then alone.
    """

    code: Code
    element: str
    name: str

    @property
    def message(self) -> Text:
        """The reason, naming the element."""
        return _MESSAGES[self.code](self.name or self.element)


_MESSAGES = {
    "gone": lambda name: text("« %(name)s » n’existe plus.", name=name),
    "other-kind": lambda name: text("« %(name)s » n’est plus une étape du même genre.", name=name),
    "other-place": lambda name: text("« %(name)s » est maintenant dans un autre sous-processus.", name=name),
    "other-event": lambda name: text("« %(name)s » attend maintenant autre chose.", name=name),
    "other-loop": lambda name: text("« %(name)s » ne se répète plus de la même façon.", name=name),
    "other-data": lambda name: text("« %(name)s » ne prend plus les mêmes données.", name=name),
    "waiting": lambda name: text("Des branches attendent devant « %(name)s », dont les entrées ont changé.", name=name),
    "join": lambda name: text("« %(name)s » attendrait une branche que ce dossier n’a pas.", name=name),
    "compensation": lambda name: text("« %(name)s » est fait et ne pourrait plus être annulé.", name=name),
    "unreadable": lambda name: text("L’état de ce dossier (« %(name)s ») ne peut pas être lu.", name=name),
}
