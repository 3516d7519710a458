"""The plugin manager: finds plugins, calls their hooks, and keeps what they do wrong to themselves.

Every implementation of a hook is called on its own. One that raises, answers with the wrong thing or prints becomes a
problem that names the plugin, and the others go on; pluggy's own call would stop at the first exception.
"""

from __future__ import annotations

import os
from contextlib import nullcontext, redirect_stdout
from functools import partial
from importlib import import_module
from io import StringIO
from threading import RLock
from typing import TYPE_CHECKING, TypeVar

import pluggy
from msgspec import Struct

from ftui import __version__, hookspecs
from ftui.errors import FtuiError, nearest
from ftui.model import Check, Unused
from ftui.plugins import bound
from ftui.plugins.answers import Fault, answer, offers, paths, strings
from ftui.plugins.needs import newer_needed
from ftui.tree import Globs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from importlib.metadata import EntryPoint

    from ftui.events import Event
    from ftui.hookspecs import Project

T = TypeVar("T")

_STDOUT = RLock()
"""Standard output belongs to the process: two threads must not lead it elsewhere at once."""

GROUP = "ftui"
"""Of the entry points that name plugins."""

BUILTIN = (
    "ftui.adapters.command",  # first, so that a check of the user's own wins over an adapter's of the same name
    "ftui.adapters.ruff",
    "ftui.adapters.ruff_format",
    "ftui.adapters.black",
    "ftui.adapters.isort",
    "ftui.adapters.mypy",
    "ftui.adapters.pyright",
    "ftui.adapters.ty",
    "ftui.adapters.pytest",
    "ftui.adapters.coverage",
    "ftui.adapters.npm",
    "ftui.adapters.tox",
    "ftui.adapters.nox",
    "ftui.adapters.make",
    "ftui.adapters.just",
)
"""Modules of the adapters that come with ftui. They register as any plugin does, in this order."""

BUILT_IN = "built in"


class PluginInfo(Struct, frozen=True, kw_only=True):
    """One plugin, for `ftui plugins`."""

    name: str
    origin: str
    """`built in`, or the distribution that brings it with its version."""
    module: str
    hooks: tuple[str, ...] = ()
    """The hooks that it implements, sorted."""
    error: str | None = None
    """Why it is not in use."""


class Discovery(Struct, frozen=True, kw_only=True):
    """What the adapters say of a project, in the order in which they registered."""

    checks: tuple[Check, ...]
    unused: tuple[Unused, ...]
    lost: tuple[str, ...] = ()
    """Whose checks are missing, because of what it did wrong: a sentence for each."""


class Plugins:
    """Every plugin that is loaded.

    Attributes:
        problems: what plugins did wrong so far, each once: the source as in `events.Problem`, and the message.
        on_problem: called with each further problem; None to collect them only.
    """

    def __init__(self, on_problem: Callable[[str, str], None] | None = None) -> None:
        self.problems: list[tuple[str, str]] = []
        self.on_problem = on_problem
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)
        self._loaded: list[PluginInfo] = []
        self._sources: dict[str, str] = {}
        self._observers: tuple[pluggy.HookImpl, ...] = ()
        self._hung: set[str] = set()
        self._has_builtin = False
        self._has_entry_points = False

    @property
    def loaded(self) -> tuple[PluginInfo, ...]:
        """Every plugin that was asked for, those that failed included, in order of registration."""
        return tuple(self._loaded)

    # Loading

    def load(self, *, entry_points: bool = False) -> None:
        """Loads the built-in adapters, each only once.

        Args:
            entry_points: also load what installed distributions name in the entry-point group `ftui`. Reading these
                costs more than Python's own start.
        """
        if not self._has_builtin:
            self._has_builtin = True
            for module in BUILTIN:
                name = module.rpartition(".")[2].replace("_", "-")
                self._load(name, BUILT_IN, module, partial(import_module, module))
        if entry_points and not self._has_entry_points:
            self._has_entry_points = True
            for origin, point in self._entry_points():
                self._load(point.name, origin, point.module, partial(_module_of, point))

    def register(self, plugin: object, name: str, origin: str = "registered") -> None:
        """Takes in a plugin that is already imported: a module, or an object whose methods are hooks."""
        module = getattr(plugin, "__name__", type(plugin).__module__)
        self._load(name, origin, str(module), lambda: plugin)

    def require(self, name: str) -> None:
        """Makes sure of a plugin that the user asked for by name.

        Raises:
            FtuiError: it is not installed, or it cannot be used.
        """
        self.load(entry_points=True)
        for plugin in self._loaded:
            if plugin.name == name:
                if plugin.error is not None:
                    raise FtuiError(f"plugin {name}: {plugin.error}")
                return
        known = [plugin.name for plugin in self._loaded]
        raise FtuiError(f"no plugin is called {name!r}{nearest(name, known)}: install the package that brings it")

    def _load(self, name: str, origin: str, module: str, load: Callable[[], object]) -> None:
        source = _source(name, origin)
        try:
            hooks = self._call(source, "cannot be loaded:", lambda: self._register(load(), name))
        except Fault as fault:
            self._problem(source, str(fault))
            self._loaded.append(PluginInfo(name=name, origin=origin, module=module, error=str(fault)))
            return
        self._sources[name] = source
        self._loaded.append(PluginInfo(name=name, origin=origin, module=module, hooks=hooks))
        self._observers = tuple(self._manager.hook.ftui_event.get_hookimpls())

    def _register(self, plugin: object, name: str) -> tuple[str, ...]:
        for other in self._loaded:
            if other.name == name and other.error is None:
                raise Fault(f"cannot be loaded: another plugin has this name ({other.origin}, {other.module})")
        self._manager.register(plugin, name)
        try:
            return tuple(sorted(self._verified_hooks(plugin)))
        except Fault:
            self._manager.unregister(name=name)
            raise

    def _verified_hooks(self, plugin: object) -> Iterator[str]:
        known = [name for name in dir(hookspecs) if name.startswith("ftui_")]
        callers = self._manager.get_hookcallers(plugin)
        if not callers:
            raise Fault("cannot be loaded: it implements no hook of ftui")
        for caller in callers:
            impl = next(impl for impl in caller.get_hookimpls() if impl.plugin is plugin)
            if not caller.has_spec() and not impl.optionalhook:
                raise Fault(f"cannot be loaded: there is no hook {caller.name!r}{nearest(caller.name, known)}")
            if impl.wrapper or impl.hookwrapper:
                raise Fault(f"cannot be loaded: it wraps {caller.name}, which would reach into other plugins")
            yield caller.name

    def _entry_points(self) -> Iterable[tuple[str, EntryPoint]]:
        from importlib.metadata import entry_points

        def described() -> list[tuple[str, EntryPoint]]:
            found: dict[tuple[str, str], tuple[str, EntryPoint]] = {}
            for point in entry_points(group=GROUP):
                # A distribution that is installed twice on the path, in development for example, is one plugin.
                origin = f"{point.dist.name} {point.dist.version}" if point.dist else "unknown distribution"
                found.setdefault((point.name, point.value), (origin, point))
            return list(found.values())

        try:
            return self._call("plugins", "the entry points cannot be read:", described)
        except Fault as fault:
            self._problem("plugins", str(fault))
            return ()

    # Hooks

    def discover(self, project: Project) -> Discovery:
        """Asks every adapter for its checks. What is not right in an adapter's answer costs it the whole answer.

        Of two checks with one id the first stays; built-in adapters come first.
        """
        checks: dict[str, Check] = {}
        unused: dict[str, Unused] = {}
        lost = [f"{_source(plugin.name, plugin.origin)} {plugin.error}" for plugin in self._loaded if plugin.error]
        order = [plugin.name for plugin in self._loaded]
        impls = self._manager.hook.ftui_checks.get_hookimpls()
        for impl in sorted(impls, key=lambda impl: order.index(impl.plugin_name)):
            source = self._sources[impl.plugin_name]
            try:
                offered = self._call(source, "ftui_checks raised", partial(offers, impl, project))
            except Fault as fault:
                lost.append(f"{source}: {fault}")
                self._problem(source, f"{fault}; its checks are left out")
                continue
            for item in offered:
                if isinstance(item, Unused):
                    unused.setdefault(item.id, item)
                elif item.id not in checks:
                    checks[item.id] = item
                elif project.options(item.id).command is None:  # where the user defined it, that is meant
                    first = checks[item.id].adapter
                    self._problem(source, f"check {item.id!r} is left out: adapter {first} has one of that name")
        left = tuple(item for item in unused.values() if item.id not in checks)
        return Discovery(checks=tuple(checks.values()), unused=left, lost=tuple(lost))

    def affected(self, check: Check, changed: frozenset[str]) -> frozenset[str]:
        """Which of the changed paths can change the verdict of a check.

        The plugins are asked, the last registered first; where none answers, the check's inputs and configuration
        files decide.
        """
        for impl in reversed(self._manager.hook.ftui_affected.get_hookimpls()):
            source = self._sources[impl.plugin_name]
            try:
                answer = self._call(source, "ftui_affected raised", partial(paths, impl, check, changed))
            except Fault as fault:
                self._problem(source, str(fault))
                continue
            if answer is not None:
                return answer & changed
        return frozenset(Globs(check.inputs).filter(changed)) | changed.intersection(check.config_files)

    def fingerprint(self, check: Check) -> tuple[str, ...]:
        """What the plugins add to the cache key of a check.

        A plugin that fails leaves a part that no other fingerprint has: what it knew could matter.
        """
        parts: list[str] = []
        for impl in self._manager.hook.ftui_fingerprint.get_hookimpls():
            source = self._sources[impl.plugin_name]
            try:
                parts += self._call(source, "ftui_fingerprint raised", partial(strings, impl, check))
            except Fault as fault:
                self._problem(source, str(fault))
                parts.append(f"unknown: {os.urandom(16).hex()}")
        return tuple(parts)

    def event(self, event: Event) -> None:
        """Shows an event to the observers; one that raises sees no more."""
        for impl in self._observers:
            source = self._sources[impl.plugin_name]
            try:
                self._call(source, "ftui_event raised", partial(answer, impl, event=event))
            except Fault as fault:
                # Before the problem is reported, which is an event too.
                self._observers = tuple(other for other in self._observers if other is not impl)
                self._problem(source, f"{fault}; it is shown no further events")

    # Isolation

    def _call(self, source: str, verb: str, action: Callable[[], T]) -> T:
        """Runs a plugin's code; whatever it raises, short of an interrupt, becomes a `Fault`, and so does no answer."""
        if source in self._hung:
            raise Fault(f"{verb} NoAnswer: it is not asked any more, since an earlier call did not return")
        printed = StringIO()
        is_foreign = source.startswith("plugin ")  # ftui's own adapters may have a huge tree to list
        try:
            with _STDOUT, redirect_stdout(printed), bound.bounded() if is_foreign else nullcontext():
                return action()
        except Fault:
            raise
        except bound.NoAnswer:
            self._hung.add(source)
            raise Fault(f"{verb} NoAnswer: it did not return within {bound.LONGEST_S:g} s") from None
        except (Exception, SystemExit) as error:
            raise Fault(f"{verb} {_sentence(error)}") from error
        finally:
            if printed.closed or printed.tell():
                self._problem(source, "printed to standard output, which belongs to the report; this was dropped")

    def _problem(self, source: str, message: str) -> None:
        if (source, message) not in self.problems:
            self.problems.append((source, message))
            if self.on_problem is not None:
                self.on_problem(source, message)


def _source(name: str, origin: str) -> str:
    """A plugin, as problems name it."""
    return f"{'adapter' if origin == BUILT_IN else 'plugin'} {name}"


def _module_of(point: EntryPoint) -> object:
    """What an entry point names.

    Raises:
        Fault: it needs another ftui, so whatever importing it would say is beside the point.
    """
    needed = newer_needed(point.dist.requires or () if point.dist else (), __version__)
    if needed is not None:
        raise Fault(f"cannot be loaded: it needs ftui {needed} or newer, and this is {__version__}: upgrade ftui")
    return point.load()


def _sentence(error: BaseException) -> str:
    from traceback import format_exception_only

    words = " ".join(format_exception_only(error)[-1].split())
    return words.removeprefix(f"{type(error).__module__}.")
