"""The attributes that a form may set on its components: what each may hold, and how it is read from the JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from feel import expression as feel
from feel.errors import FeelError
from feel.expression import Expression
from feel.text import Text, text
from forms import limits, pattern
from forms.errors import FormsError
from forms.templates import Template, TemplateError
from forms.templates import read as read_template


class WrongSetting(FormsError):
    """The attribute does not hold what it should."""

    def __init__(self, code: str, reason: Text) -> None:
        super().__init__(str(reason))
        self.code = code
        self.reason = reason


Reader = Callable[[object], object]


def expression(value: object) -> Expression:
    """A FEEL text, with or without its leading `=`."""
    if not isinstance(value, str) or len(value) > limits.TEXT:
        raise WrongSetting("form.feel", text("une expression FEEL est attendue"))
    try:
        return feel.compile(value.strip().removeprefix("=").strip())
    except FeelError as error:
        raise WrongSetting("form.feel", text("l’expression FEEL est fausse\u00a0: %(detail)s", detail=str(error))) from error


def dynamic(literal: Reader) -> Reader:
    """What `literal` reads, or a `=FEEL` text."""

    def read(value: object) -> object:
        return expression(value) if isinstance(value, str) and value.startswith("=") else literal(value)

    return read


def template(value: object, limit: int = limits.LABEL) -> Template:
    """A text with `{{ FEEL }}` in it."""
    if not isinstance(value, str):
        raise WrongSetting("form.value", text("un texte est attendu"))
    if len(value) > limit:
        raise WrongSetting("form.limit", text("le texte est trop long (%(max)s caractères au plus)", max=limit))
    try:
        return read_template(value)
    except TemplateError as error:
        raise WrongSetting("form.feel", text("une expression du texte est fausse\u00a0: %(detail)s", detail=str(error.detail))) from error


def boolean(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise WrongSetting("form.value", text("vrai ou faux est attendu"))
    return value


def count(lowest: int, highest: int) -> Reader:
    """A whole number, as such or as text."""

    def read(value: object) -> int:
        number = decimal(value)
        if number != number.to_integral_value() or not lowest <= number <= highest:
            raise WrongSetting("form.value", text("un nombre entier de %(min)s à %(max)s est attendu", min=lowest, max=highest))
        return int(number)

    return read


def decimal(value: object) -> Decimal:
    """A number, as such or as text, kept exact."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise WrongSetting("form.value", text("un nombre est attendu"))
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise WrongSetting("form.value", text("un nombre est attendu")) from error
    if not number.is_finite() or len(number.as_tuple().digits) > limits.DIGITS or abs(number.adjusted()) > limits.MAGNITUDE:
        raise WrongSetting("form.value", text("un nombre raisonnable est attendu"))
    return number


def positive(value: object) -> Decimal:
    """A number above zero."""
    if (number := decimal(value)) <= 0:
        raise WrongSetting("form.value", text("un nombre supérieur à zéro est attendu"))
    return number


def string(value: object) -> str:
    """A short text."""
    if not isinstance(value, str):
        raise WrongSetting("form.value", text("un texte est attendu"))
    if len(value) > limits.LABEL:
        raise WrongSetting("form.limit", text("le texte est trop long (%(max)s caractères au plus)", max=limits.LABEL))
    return value


def one_of(*names: str) -> Reader:
    """One of a few words."""

    def read(value: object) -> str:
        if value not in names:
            raise WrongSetting("form.value", text("une de ces valeurs est attendue\u00a0: %(names)s", names=", ".join(names)))
        return str(value)

    return read


def regex(value: object) -> str:
    """A regular expression that RE2 understands."""
    if not isinstance(value, str):
        raise WrongSetting("form.pattern", text("une expression régulière est attendue"))
    try:
        pattern.compiled(value)
    except pattern.PatternError as error:
        raise WrongSetting("form.pattern", error.reason) from error
    return value


def anything(value: object) -> object:
    """Whatever the JSON holds: used where the value is an answer, which is checked as one."""
    return value


VALIDATE: Mapping[str, Reader] = {
    "required": boolean,
    "minLength": dynamic(count(0, limits.ANSWER)),
    "maxLength": dynamic(count(0, limits.ANSWER)),
    "min": dynamic(decimal),
    "max": dynamic(decimal),
    "pattern": regex,
    "patternErrorMessage": string,
    "validationType": one_of("", "email", "phone", "custom"),
}
"""The keys of `validate`. Any other is refused: a rule that is misspelt would never be applied."""

SETTINGS: Mapping[str, Reader] = {
    "subtype": one_of("date", "time", "datetime"),
    "decimalDigits": count(0, limits.MAGNITUDE),
    "increment": positive,
    "serializeToString": boolean,
    "disallowPassedDates": boolean,
    "timeInterval": count(1, 24 * 60),
    "timeSerializingFormat": one_of("no_timezone", "utc_offset", "utc_normalized"),
    "use24h": boolean,
    "valuesKey": string,
    "valuesExpression": expression,
    "accept": dynamic(string),
    "multiple": dynamic(boolean),
    "isRepeating": boolean,
    "allowAddRemove": boolean,
    "defaultRepetitions": count(0, limits.ROWS),
    "readonly": dynamic(boolean),
    "disabled": boolean,
    "defaultValue": anything,
    "expression": expression,
    "computeOn": one_of("change", "presubmit"),
    "dataSource": expression,
    "columnsExpression": expression,
    "source": dynamic(string),
    "alt": template,
    "url": dynamic(string),
    "height": anything,
    "searchable": boolean,
    "action": one_of("submit", "reset"),
    "verticalAlignment": string,
    "showOutline": boolean,
}
"""The other attributes that mean something here. Attributes that are not listed only concern the editor."""

PROPERTIES: Mapping[str, Reader] = {
    "hint": template,
    "autocomplete": string,
    "inputmode": string,
    "width": one_of("s", "m", "l"),
    "rows": count(1, 40),
    "maxSize": positive,
    "maxFiles": count(1, limits.FILES),
    "minItems": dynamic(count(0, limits.ROWS)),
    "maxItems": dynamic(count(0, limits.ROWS)),
    "item": template,
    "addLabel": template,
    "requiredMessage": string,
    "rangeMessage": string,
    "decision": lambda value: boolean({"true": True, "false": False}.get(value, value) if isinstance(value, str) else value),
    "summary": string,
}
"""The author's free properties that mean something here; others are kept as they are."""
