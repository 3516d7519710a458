"""Which functions may keep something for later calls, so that what they run once counts for all that call them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (*FUNCTIONS, ast.Lambda)

_CACHING = ("cache", "memo", "lazy", "once", "singleton")
_CHANGING = frozenset(("append", "add", "update", "setdefault", "insert", "extend", "pop", "clear", "remove"))


def is_cached(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a decorator may answer a call without the code of the function."""
    decorators = "".join(ast.dump(each).lower() for each in function.decorator_list)
    return any(word in decorators for word in _CACHING)


def keeps(function: ast.AST, outer: frozenset[str] = frozenset(), *, making: bool = False) -> bool:
    """Whether a function writes where it can be read after it has returned.

    Args:
        function: or a lambda.
        outer: the names of the functions around it, which last as long as it is referred to.
        making: whether it is a constructor, whose own object is new.
    """
    inside = list(_own(function))
    own = _names_of(function, inside)
    for node in inside:
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            return True
        if isinstance(node, SCOPES):
            if keeps(node, own | outer):
                return True
            continue
        root = _root(_written(node))
        if root in ("self", "cls"):
            if not making:
                return True
        elif root is not None and root not in own:
            return True
    return False


def _written(node: ast.AST) -> ast.AST | None:
    """The object that a node changes, where it does."""
    if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
        return node
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
        return node.func.value
    return None


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function; of a function inside it only that there is one."""
    for child in ast.iter_child_nodes(function):
        yield child
        if not isinstance(child, SCOPES):
            yield from _own(child)


def _names_of(function: ast.AST, inside: list[ast.AST]) -> frozenset[str]:
    """The local names of a function."""
    arguments = getattr(function, "args", None)
    names = {each.arg for each in ast.walk(arguments) if isinstance(each, ast.arg)} if arguments else set()
    names.update(each.id for each in inside if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load))
    names.update(each.name for each in inside if isinstance(each, (*FUNCTIONS, ast.ClassDef)))
    names.update(each.name for each in inside if isinstance(each, ast.ExceptHandler) and each.name)
    return frozenset(names)


def _root(node: ast.AST | None) -> str | None:
    """The name at the left end of `a.b[c].d`; None where something else stands there."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
