"""Which functions of the tree run: seen by the profiler of the interpreter, up to 3.11, or by its monitoring.

Neither is a Python function that is called for every call: the one is written in C, the other is told of code outside
the tree only once. Where another profiler comes in between, the calls are not known, and that is said.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    Place = tuple[str, int]
    """Path as in `co_filename`, and first line."""

_MODULE = "<module>"


class Calls:
    """The calls of some time.

    Attributes:
        places: by node those whose code is the tree's.
        modules: the nodes among them that are the top of a module.
    """

    def __init__(self) -> None:
        self.places: dict[Hashable, Place] = {}
        self.modules: set[Hashable] = set()

    def called(self, node: Hashable) -> Iterable[Hashable]:
        """The nodes that a node called, directly or by way of code outside the tree."""
        raise NotImplementedError

    def is_importing(self, node: Hashable) -> bool:
        """Whether it belongs to the import system."""
        return False

    def below(self, start: Hashable, *, imports: bool) -> set[Place]:
        """The places of all that ran below a node.

        Args:
            start: the node.
            imports: whether what a module runs that was imported there counts too.
        """
        found: set[Place] = set()
        seen, pending = {start}, [start]
        while pending:
            for node in self.called(pending.pop()):
                if node in seen or (not imports and (node in self.modules or self.is_importing(node))):
                    continue
                seen.add(node)
                pending.append(node)
                if node in self.places:
                    found.add(self.places[node])
        return found


class _ProfiledCalls(Calls):
    def __init__(self, entries: Sequence[Any], place_of: Callable[[Any], Place | None]) -> None:
        super().__init__()
        self._entries = entries  # they hold the code objects, so that no node comes to stand for another one
        self._by_node: dict[Hashable, Any] | None = None
        for entry in entries:
            place = place_of(entry.code)
            if place is not None:
                node = id(entry.code)
                self.places[node] = place
                if entry.code.co_name == _MODULE:
                    self.modules.add(node)

    def called(self, node: Hashable) -> Iterable[Hashable]:
        entry = self._linked.get(node)
        return [] if entry is None or entry.calls is None else [id(each.code) for each in entry.calls]

    def is_importing(self, node: Hashable) -> bool:
        entry = self._linked.get(node)
        filename = getattr(entry.code, "co_filename", "") if entry is not None else ""
        return str(filename).startswith("<frozen importlib")

    @property
    def _linked(self) -> dict[Hashable, Any]:
        if self._by_node is None:
            self._by_node = {id(entry.code): entry for entry in self._entries}
        return self._by_node


class _MonitoredCalls(Calls):
    def __init__(self) -> None:
        super().__init__()
        self.codes: dict[Hashable, object] = {}  # so that no node comes to stand for another code object
        self.edges: dict[Hashable, set[Hashable]] = {}

    def called(self, node: Hashable) -> Iterable[Hashable]:
        return self.edges.get(node, ())


class _Profiled:
    """By `_lsprof`, which is what cProfile is made of; it sees one thread."""

    sees_threads = False

    def __init__(self, in_tree: Callable[[str], bool]) -> None:
        from _lsprof import Profiler  # type: ignore[import-not-found,unused-ignore]

        self._in_tree = in_tree
        self._profiler: Any = Profiler(subcalls=True, builtins=False)

    def start(self) -> None:
        self._profiler.enable(subcalls=True, builtins=False)

    def stop(self) -> Calls:
        self._profiler.disable()
        calls = _ProfiledCalls(self._profiler.getstats(), self._place)
        self._profiler.clear()
        return calls

    def _place(self, code: Any) -> Place | None:
        if isinstance(code, str) or not self._in_tree(code.co_filename):
            return None
        return code.co_filename, code.co_firstlineno


class _Monitored:
    """By `sys.monitoring`, under an identifier that is free."""

    sees_threads = True

    def __init__(self, in_tree: Callable[[str], bool]) -> None:
        self._in_tree = in_tree
        self._calls = _MonitoredCalls()
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        self._monitoring = monitoring
        self._tool = next(tool for tool in (4, 3) if monitoring.get_tool(tool) is None)
        monitoring.use_tool_id(self._tool, "ftui")
        monitoring.register_callback(self._tool, monitoring.events.PY_START, self._started)

    def start(self) -> None:
        self._calls = _MonitoredCalls()
        self._monitoring.set_events(self._tool, self._monitoring.events.PY_START)

    def stop(self) -> Calls:
        self._monitoring.set_events(self._tool, 0)
        return self._calls

    def _started(self, code: Any, offset: int) -> object:
        if not self._in_tree(code.co_filename):
            return self._monitoring.DISABLE
        calls, node = self._calls, id(code)
        calls.codes[node] = code
        calls.places[node] = (code.co_filename, code.co_firstlineno)
        if code.co_name == _MODULE:
            calls.modules.add(node)
        caller = sys._getframe(1).f_back
        while caller is not None and not self._in_tree(caller.f_code.co_filename):
            caller = caller.f_back
        if caller is not None:
            calls.edges.setdefault(id(caller.f_code), set()).add(node)
        return None


class Observer:
    """Tells which code of the tree runs between two moments.

    Args:
        root: absolute path of the tree.
    """

    def __init__(self, root: str) -> None:
        self._above = os.path.join(root, "")
        self._known: dict[str, bool] = {}
        self._backend = (_Monitored if hasattr(sys, "monitoring") else _Profiled)(self._in_tree)
        self.sees_threads = self._backend.sees_threads
        self.busy = False
        """Whether it is itself switching on or off what it sees by."""
        self.running = False

    def start(self) -> None:
        """From here on."""
        self.busy, self.running = True, True
        self._backend.start()
        self.busy = False

    def stop(self) -> Calls:
        """What ran since it was started."""
        self.busy, self.running = True, False
        calls = self._backend.stop()
        self.busy = False
        return calls

    def _in_tree(self, filename: str) -> bool:
        known = self._known.get(filename)
        if known is None:
            path = os.path.abspath(filename) if filename and filename[0] != "<" else ""
            inside = path.startswith(self._above) and "site-packages" not in path[len(self._above) :]
            known = self._known[filename] = inside
        return known
