"""What of a Python source can change on its own, so that a test may have to do with one part of a file and not another.

- the body of a function, which counts for whoever runs it. A function inside a function belongs to the outer one.
- the head of a function: parameters, docstring, of a test its decorators. It counts for whoever runs the function or
  mentions its name. Where a decorator or a class may have made something else of it, it belongs to the rest.
- a constant of a module, or the docstring of a class, which counts for whoever mentions its name.
- the rest, which counts for whoever imports the file: what runs then, and which functions and constants there are.

Comments and blank lines are no part of anything.
"""

from __future__ import annotations

import ast
import hashlib
from bisect import bisect_right
from typing import TYPE_CHECKING

from .keeping import FUNCTIONS, SCOPES, is_cached, keeps

if TYPE_CHECKING:
    from collections.abc import Iterator

    Function = ast.FunctionDef | ast.AsyncFunctionDef

TOP = ""
"""The name of the rest."""
_INERT = {
    *("property", "setter", "getter", "deleter", "staticmethod", "classmethod", "abstractmethod", "overload"),
    *("override", "cache", "lru_cache", "cached_property", "contextmanager", "asynccontextmanager", "fixture"),
}
"""Decorators that show nothing of the head of a function to anybody who does not mention or call it."""
_MAKERS = ("__init__", "__new__", "__post_init__", "__init_subclass__", "__set_name__")
_LONGEST_NAME = 80


class Source:
    """One file.

    Args:
        content: of the file.
        path: posix.

    Attributes:
        digests: by the name of a part what it says, as a digest.
        keepers: names of the functions that may keep something for later calls, in a cache or a global of any kind.
        named: by what a mention of it looks like, the names of the parts that count for whoever mentions it.
        mentions: by the name of a part what it mentions.
        imports: what it imports anywhere: the dots in front, the module, and the names from it.
    """

    def __init__(self, content: bytes, path: str) -> None:
        self.digests: dict[str, str] = {}
        self.keepers: set[str] = set()
        self.named: dict[str, set[str]] = {}
        self.mentions: dict[str, frozenset[str]] = {}
        self.imports: list[tuple[int, str, tuple[str, ...]]] = []
        self._starts: list[int] = []
        self._ends: list[tuple[int, str]] = []
        stem = path.rpartition("/")[2][: -len(".py")]
        self._has_tests = stem.startswith("test_") or stem.endswith("_test")
        try:
            tree = ast.parse(content)
        except (SyntaxError, ValueError, RecursionError):
            self.digests[TOP] = _digest(repr(content))
            return
        self.imports = list(_imports(tree))
        for name, node, plain in _functions(tree, "", True):
            self._take_function(name, node, plain)
        for documented, text in _documented(tree):
            self._take(self._free(f"={documented}.__doc__"), [text], documented)
        if stem != "conftest" and not stem.startswith("settings"):  # which others read without mentioning anything
            for constant, value in _constants(tree):
                self._take(f"={constant}", [value], constant)
        self.digests[TOP] = _digest(ast.dump(tree, annotate_fields=False))
        self.mentions[TOP] = _mentioned([node for node in tree.body if not _is_all(node)])

    def block_at(self, line: int) -> str:
        """The name of the function that a code object with this first line belongs to, or `TOP`."""
        place = bisect_right(self._starts, line) - 1
        if place < 0:
            return TOP
        end, name = self._ends[place]
        return name if line <= end else TOP

    def _free(self, name: str) -> str:
        """A name that no other part has."""
        while name in self.digests:
            name += "'"
        return name

    def _take(self, name: str, nodes: list[ast.AST], mention: str | None = None) -> None:
        self.digests[name] = _digest("\0".join(ast.dump(node, annotate_fields=False) for node in nodes))
        self.mentions[name] = _mentioned(nodes)
        if mention is not None:
            self.named.setdefault(mention, set()).add(name)

    def _take_function(self, name: str, node: Function, plain: bool) -> None:
        """Notes a function, and leaves in the tree what of it belongs to the rest."""
        name = self._free(name)
        self._starts.append(min([node.lineno, *(each.lineno for each in node.decorator_list)]))
        self._ends.append((node.end_lineno or node.lineno, name))
        if is_cached(node) or keeps(node, making=node.name in _MAKERS):
            self.keepers.add(name)
        if is_cached(node):
            # A call may be answered without its code, and so may what it calls.
            self.named.setdefault(node.name, set()).add(name)
        documented = ast.get_docstring(node, clean=False) is not None
        body = ast.Module(body=node.body[1:] if documented else node.body, type_ignores=[])
        self._take(name, [body])
        # Whether it is a generator shows from outside, without a call of it.
        kind: list[ast.stmt] = [ast.Expr(value=ast.Constant(value=_yields(body)))]
        is_test = self._has_tests and node.name.startswith("test")
        if is_test or (plain and all(_last_name(each) in _INERT for each in node.decorator_list)):
            head: list[ast.AST] = [node.args, *node.body[:documented], *([node.returns] if node.returns else [])]
            # Nobody mentions `__init__` to get at one class's own.
            mention = name.split(".")[-2] if node.name.startswith("__") and "." in name else node.name
            self._take(head_of(name), [*head, *(node.decorator_list if is_test else ())], mention)
            node.args = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
            node.returns = None
            node.decorator_list = [] if is_test else node.decorator_list
            node.body = kind
        else:
            node.body = [*node.body[:documented], *kind]


def head_of(name: str) -> str:
    """The name of the head of a function."""
    return f"{name}()"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _functions(node: ast.AST, prefix: str, plain: bool) -> Iterator[tuple[str, Function, bool]]:
    """The outermost functions in the order of their lines, each with its qualified name, and whether all classes around
    it are made by nothing but their own statements."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FUNCTIONS):
            yield f"{prefix}{child.name}", child, plain
        elif isinstance(child, ast.ClassDef):
            as_written = plain and not child.decorator_list and not child.keywords
            yield from _functions(child, f"{prefix}{child.name}.", as_written)
        elif not isinstance(child, ast.expr):
            yield from _functions(child, prefix, plain)


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """The constants of a module by name, each of which gives way to nothing in the tree; the docstring is one."""
    if ast.get_docstring(tree, clean=False) is not None and isinstance(tree.body[0], ast.Expr):
        yield "__doc__", tree.body[0].value
        tree.body[0].value = ast.Constant(value=None)
    bound = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)]
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        target = node.target if isinstance(node, ast.AnnAssign) else target
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(target, ast.Name) and node.value is not None:
            name = target.id
            if bound.count(name) == 1 and not name.startswith(("__", "pytest")) and _is_literal(node.value):
                yield name, node.value
                node.value = ast.Constant(value=None)


def _documented(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The docstrings of classes by the name of the class, each of which gives way to nothing in the tree."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            first = child.body[0]
            if isinstance(first, ast.Expr) and ast.get_docstring(child, clean=False) is not None:
                yield child.name, first.value
                first.value = ast.Constant(value=None)
        if not isinstance(child, ast.expr):
            yield from _documented(child)


def _is_literal(node: ast.AST | None) -> bool:
    """Whether it only says a value, and can neither fail nor do anything."""
    if isinstance(node, ast.Dict):
        return all(map(_is_literal, node.keys)) and all(map(_is_literal, node.values))
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(map(_is_literal, node.elts))
    if isinstance(node, ast.UnaryOp):
        return _is_number(node.operand)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, (ast.Add, ast.Sub, ast.Mult)) and _is_number(node.left) and _is_number(node.right)
    return isinstance(node, ast.Constant)


def _is_number(node: ast.AST) -> bool:
    return (isinstance(node, ast.Constant) and isinstance(node.value, (int, float))) or (
        isinstance(node, ast.BinOp) and _is_literal(node)
    )


def _imports(tree: ast.AST) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield 0, each.name, ()
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or "", tuple(each.name for each in node.names)


def _mentioned(nodes: list[ast.stmt] | list[ast.AST]) -> frozenset[str]:
    """All names, attributes, texts that could be a name, and names that are imported under another one."""
    found: set[str] = set()
    for top in nodes:
        for node in ast.walk(top):
            if isinstance(node, ast.Name):
                if isinstance(node.ctx, ast.Load):
                    found.add(node.id)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < _LONGEST_NAME:
                found.update(node.value.split("."))
            elif isinstance(node, ast.alias) and node.asname not in (None, node.name):
                found.add(node.name)
    return frozenset(found)


def _is_all(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


def _yields(node: ast.AST) -> bool:
    return any(
        isinstance(child, (ast.Yield, ast.YieldFrom)) or (not isinstance(child, SCOPES) and _yields(child))
        for child in ast.iter_child_nodes(node)
    )


def _last_name(node: ast.expr) -> str:
    """`fixture` of `@pytest.fixture(scope="module")`."""
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
