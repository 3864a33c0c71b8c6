"""The types of a model, with the allowed values that its item definitions state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from feel.dmn.items import ItemTypes
from feel.dmn.reading import Element, attribute
from feel.errors import FeelSyntaxError
from feel.expression import Surroundings, build
from feel.problems import Problem
from feel.text import text

if TYPE_CHECKING:
    from feel.dmn.model import Model


def model_types(model: Model, root: Element) -> ItemTypes:
    """The item definitions of a model and of those that it imports; wrong allowed values are problems of the model."""

    def constrain(item: Element, values: str) -> Callable[[object], bool] | None:
        name = attribute(item, "name")
        try:
            tests = build(values, Surroundings(element=name), unary=True, limits=model.limits)
        except FeelSyntaxError as error:
            message = text("les valeurs permises ne sont pas valables : %(reason)s", reason=error.message)
            model.problems.append(
                Problem("feel.syntax", message, attribute(item, "id"), "itemDefinition", name)
            )
            return None
        return lambda value: tests.run((value, {})) is True

    return ItemTypes(root, [(name, other.types) for name, other in model.imports], constrain)
