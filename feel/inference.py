"""The types that expressions have before they run, as far as they show: the parser reads names of members from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache

from feel import ast
from feel.names import Names
from feel.types import ANY, Type


@lru_cache(1_024)
def members(type_: Type) -> Names:
    """The names of a context's members as a table, made once for each type."""
    return Names(type_.fields or ())


class StaticTypes:
    """Types of variables in scope, and from them of expressions."""

    def __init__(self, base: Mapping[str, Type | None]) -> None:
        self._base = base
        self._local: dict[str, list[tuple[int, Type | None]]] = {}
        """The variables in scope by name, each with the number of filters that were open when it came."""
        self._items: list[Type | None] = []
        """What the open filters take one by one."""
        self._seen: dict[ast.Node, Type | None] = {}

    def declare(self, name: str, type_: Type | None) -> None:
        """A variable comes into scope; its type may be unknown."""
        self._local.setdefault(name, []).append((len(self._items), type_))

    def forget(self, name: str) -> None:
        """The last variable of that name leaves the scope."""
        self._local[name].pop()

    def enter_item(self, type_: Type | None) -> None:
        """A filter opens: `item` and the members of its items come into scope."""
        self._items.append(type_)

    def leave_item(self) -> None:
        """The innermost filter ends."""
        self._items.pop()

    def of(self, node: ast.Node) -> Type | None:
        """The type of an expression in the present scope, None when it does not show. Each node is looked at once."""
        if node not in self._seen:
            infer = _INFER.get(type(node))
            self._seen[node] = infer(self, node) if infer else None
        return self._seen[node]

    def item_of(self, node: ast.Node) -> Type | None:
        """The type of what an iteration or a filter over the expression takes one by one."""
        type_ = self.of(node)
        return type_.item if type_ is not None and type_.kind == "list" else type_

    def fields_of(self, node: ast.Node) -> Mapping[str, Type] | None:
        """The members that a path may read off the expression, off each element when it is a list."""
        type_ = self.item_of(node)
        return type_.fields if type_ is not None else None

    def members_of(self, node: ast.Node) -> Names | None:
        """The names of those members, None when they do not show."""
        type_ = self.item_of(node)
        return members(type_) if type_ is not None and type_.fields is not None else None

    def of_name(self, node: ast.Name) -> Type | None:
        """The type of a variable, or of a member of the items of a filter that opened after it came."""
        local = self._local.get(node.name)
        filters, type_ = local[-1] if local else (0, self._base.get(node.name))
        for item in reversed(self._items[filters:]):
            if node.name == "item":
                return item
            if item is not None and item.fields and node.name in item.fields:
                return item.fields[node.name]
        return type_

    def of_path(self, node: ast.Path) -> Type | None:
        """The type of a member; a list of them when the source is a list."""
        source = self.of(node.source)
        field = (self.fields_of(node.source) or {}).get(node.name)
        return Type("list", item=field) if field and source and source.kind == "list" else field

    def of_filter(self, node: ast.Filter) -> Type | None:
        """An index gives an element, a condition a list of them."""
        item = self.item_of(node.source)
        if item is None or _is_index(node.condition):
            return item
        return Type("list", item=item)

    def of_list(self, node: ast.ListLiteral) -> Type | None:
        """A list is as its first element."""
        return Type("list", item=self.of(node.items[0])) if node.items else None

    def of_context(self, node: ast.ContextLiteral) -> Type:
        """A context has the entries that are written in it."""
        return Type("context", fields={name: self.of(entry) or ANY for name, entry in node.entries})

    def of_for(self, node: ast.For) -> Type:
        """A list of what the body gives."""
        return Type("list", item=self.of(node.body))

    def of_if(self, node: ast.If) -> Type | None:
        """Both branches are taken to be of one type."""
        return self.of(node.chosen) or self.of(node.otherwise)

    def of_call(self, node: ast.Call) -> Type | None:
        """What the function's type says that it returns."""
        type_ = self.of(node.function)
        return type_.result if type_ is not None and type_.kind == "function" else None


def _is_index(node: ast.Node) -> bool:
    if isinstance(node, ast.Negative):
        node = node.operand
    return isinstance(node, ast.Literal) and isinstance(node.value, Decimal)


_INFER: dict[type[ast.Node], Callable[..., Type | None]] = {
    ast.Name: StaticTypes.of_name,
    ast.Path: StaticTypes.of_path,
    ast.Filter: StaticTypes.of_filter,
    ast.ListLiteral: StaticTypes.of_list,
    ast.ContextLiteral: StaticTypes.of_context,
    ast.For: StaticTypes.of_for,
    ast.If: StaticTypes.of_if,
    ast.Call: StaticTypes.of_call,
}
