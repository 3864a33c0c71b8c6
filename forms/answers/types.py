"""Which answer each type of component takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from forms.answers.base import Answer
from forms.answers.choices import CheckboxAnswer, ChoiceAnswer, ChoicesAnswer
from forms.answers.computed import ComputedAnswer
from forms.answers.files import FilesAnswer
from forms.answers.moments import moment_answer
from forms.answers.numbers import NumberAnswer
from forms.answers.texts import LongTextAnswer, TextAnswer
from forms.components import Leaf

TYPES: Mapping[str, Callable[[Leaf], Answer]] = {
    "textfield": TextAnswer,
    "textarea": LongTextAnswer,
    "number": NumberAnswer,
    "datetime": moment_answer,
    "checkbox": CheckboxAnswer,
    "radio": ChoiceAnswer,
    "select": ChoiceAnswer,
    "checklist": ChoicesAnswer,
    "taglist": ChoicesAnswer,
    "filepicker": FilesAnswer,
    "expression": ComputedAnswer,
}


def answer(leaf: Leaf) -> Answer:
    """The answer of an input."""
    return TYPES[leaf.component.type](leaf)
