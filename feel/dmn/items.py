"""Types of a model: item definitions and references to them (DMN 1.5, 7.3.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from feel.dmn.reading import Element, attribute, child, children, text_in
from feel.names import Names
from feel.types import ANY, Type, referenced_type, restricted

Constrain = Callable[[Element, str], Callable[[object], bool] | None]
"""Compiles allowed values: from the element that holds them and their text to a test of values, None when it cannot."""


class ItemTypes:
    """The types that a model defines, each made when it is first asked for."""

    def __init__(
        self, root: Element, imported: Sequence[tuple[str, ItemTypes]], constrain: Constrain
    ) -> None:
        self._definitions: Mapping[str, Element] = {
            attribute(item, "name"): item for item in children(root, "itemDefinition")
        }
        self._imported = imported
        self._constrain = constrain
        self._made: dict[str, Type] = {}
        self._lent: dict[str, Type | None] = {}
        self._spellings: Names | None = None

    def names(self) -> list[str]:
        """The names of the item definitions."""
        return list(self._definitions)

    def spellings(self) -> Names:
        """All names that expressions may write, those of imported types after the name of their import."""
        if self._spellings is None:
            self._spellings = Names(self._all_names())
        return self._spellings

    def _all_names(self, levels: int = 2) -> list[str]:
        """Imports that are deeper do not count: with each level there may be twice as many ways."""
        imported = self._imported if levels else ()
        lent = [(prefix, name) for prefix, other in imported for name in other._all_names(levels - 1)]
        return [*self._definitions, *(f"{prefix}.{name}" if prefix else name for prefix, name in lent)]

    def find(self, name: str, /) -> Type | None:
        """The type that an expression means by a name: an item definition, of an imported model with its prefix.

        The name of an import may hold dots itself, or be empty.
        """
        if name in self._definitions:
            return self._defined(name)
        if name not in self._lent:
            self._lent[name] = self._find_imported(name)
        return self._lent[name]

    def _find_imported(self, name: str) -> Type | None:
        parts = [("", name), *((name[:place], name[place + 1 :]) for place, letter in enumerate(name) if letter == ".")]
        others = ((other, rest) for prefix, rest in parts for known, other in self._imported if known == prefix)
        return next((found for other, rest in others if (found := other.find(rest))), None)

    def referenced(self, reference: str) -> Type | None:
        """The type of a `typeRef`; None when it is empty or unknown."""
        reference = reference.strip()
        found = self.find(reference)
        if found is None and ":" in reference:  # a qualified name, as DMN 1.1 wrote them
            reference = reference.partition(":")[2]
            found = self.find(reference)
        return found or referenced_type(reference)

    def _defined(self, name: str) -> Type:
        if name not in self._made:
            self._made[name] = ANY  # an alias of itself is anything
            self._make(self._definitions[name], name)
        return self._made[name]

    def _make(self, item: Element, name: str = "") -> Type:
        components = list(children(item, "itemComponent"))
        if not components:
            type_ = self._wrapped(item, self._base(item))
            if name:
                self._made[name] = type_
            return type_
        fields: dict[str, Type] = {}
        type_ = self._wrapped(item, Type("context", fields=fields))
        if name:  # known before its fields are: they may be of this very type
            self._made[name] = type_
        for component in components:
            fields[attribute(component, "name")] = self._make(component)
        return type_

    def _base(self, item: Element) -> Type:
        function = child(item, "functionItem")
        if function is None:
            return self.referenced(text_in(item, "typeRef")) or ANY
        params = children(function, "parameters")
        return Type(
            "function",
            params=tuple(self.referenced(attribute(param, "typeRef")) or ANY for param in params),
            result=self.referenced(attribute(function, "outputTypeRef")) or ANY,
        )

    def _wrapped(self, item: Element, base: Type) -> Type:
        """Allowed values are of the items of a collection, a type constraint of the whole."""
        base = self._restricted(item, "allowedValues", base)
        if attribute(item, "isCollection") == "true":
            base = Type("list", item=base)
        return self._restricted(item, "typeConstraint", base)

    def _restricted(self, item: Element, name: str, base: Type) -> Type:
        values = text_in(child(item, name))
        allowed = self._constrain(item, values) if values else None
        return restricted(base, allowed) if allowed else base
