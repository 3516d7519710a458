"""The plugin manager: finds plugins, calls their hooks, and keeps what they do wrong to themselves.

Every implementation of a hook is called on its own. One that raises, answers with the wrong thing or prints becomes a
problem that names the plugin, and the others go on; pluggy's own call would stop at the first exception.
"""

from __future__ import annotations

import os
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar, cast

import pluggy
from msgspec import Struct

from ftui import hookspecs
from ftui.errors import FtuiError, nearest
from ftui.model import Check, Unused
from ftui.plugins import bound
from ftui.plugins.answers import Fault, NotAsked, answer, expect_no_circle, offers, paths, sentence, strings
from ftui.plugins.entry_points import GROUP, installed, module_of
from ftui.plugins.quiet import Quiet, quiet
from ftui.tree import Globs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ftui.events import Event
    from ftui.hookspecs import Project

T = TypeVar("T")

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
_PRINTED = "printed to standard output, which belongs to the report; this was dropped"


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
        self._makers: dict[str, str] = {}
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
            for origin, point in installed(self._problem):
                self._load(point.name, origin, point.value.partition(":")[0].strip(), partial(module_of, point))

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

    # Hooks

    def discover(self, project: Project) -> Discovery:
        """Asks every adapter for its checks. What is not right in an adapter's answer costs it the whole answer.

        Of two checks with one id the first stays; built-in adapters come first.
        """
        checks: dict[str, Check] = {}
        unused: dict[str, Unused] = {}
        makers: dict[str, str] = {}
        lost = [f"{_source(plugin.name, plugin.origin)} {plugin.error}" for plugin in self._loaded if plugin.error]
        order = [plugin.name for plugin in self._loaded]
        impls = self._manager.hook.ftui_checks.get_hookimpls()
        for impl in sorted(impls, key=lambda impl: order.index(impl.plugin_name)):
            source = self._sources[impl.plugin_name]
            try:
                offered = self._call(source, "ftui_checks raised", partial(offers, impl, project))
                expect_no_circle(offered, checks)
            except Fault as fault:
                lost.append(f"{source}: {fault}")
                self._fault(source, fault, "; its checks are left out")
                continue
            for item in offered:
                if isinstance(item, Unused):
                    unused.setdefault(item.id, item)
                elif item.id not in checks:
                    checks[item.id] = item
                    if _is_foreign(source):
                        makers[item.id] = source
                elif project.options(item.id).command is None:  # where the user defined it, that is meant
                    first = checks[item.id].adapter
                    self._problem(source, f"check {item.id!r} is left out: adapter {first} has one of that name")
        self._makers = makers
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
                self._fault(source, fault)
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
                self._fault(source, fault)
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
                self._fault(source, fault, "; it is shown no further events")

    # Isolation

    async def read(self, check: Check, reading: Callable[[], T], *, apart: bool) -> T:
        """Has the functions of a check read what its process has left behind; what they raise is raised.

        Args:
            check: whose functions are called.
            reading: calls them.
            apart: whether that may take long, and is done in a thread.

        Raises:
            Fault: they did not return, or raised what would end more than their check.
        """
        import asyncio

        source = self._makers.get(check.id)
        if source is None:
            return await asyncio.to_thread(reading) if apart else reading()
        self._expect_answer(source, "")
        said = Quiet()
        try:
            work = partial(_outcome, reading, said)
            value, error = await bound.in_thread(work) if apart else bound.bounded(work)
        except bound.NoAnswer:
            raise self._no_answer(source, "") from None
        if said.printed:
            self._problem(source, _PRINTED)
        if error is not None:
            raise error if isinstance(error, (Exception, KeyboardInterrupt)) else Fault(sentence(error))
        return cast("T", value)

    def _call(self, source: str, verb: str, action: Callable[[], T]) -> T:
        """Runs a plugin's code; whatever it raises, short of an interrupt, becomes a `Fault`, and so does no answer."""
        self._expect_answer(source, f"{verb} ")
        said = Quiet()
        try:
            if _is_foreign(source):
                with quiet(said):
                    return bound.bounded(action)
            return action()
        except (Fault, KeyboardInterrupt):
            raise
        except bound.NoAnswer:
            raise self._no_answer(source, f"{verb} ") from None
        except BaseException as error:
            raise Fault(f"{verb} {sentence(error)}") from error
        finally:
            if said.printed:
                self._problem(source, _PRINTED)

    def _expect_answer(self, source: str, before: str) -> None:
        if source in self._hung:
            raise NotAsked(f"{before}NoAnswer: it is not asked any more, since an earlier call did not return")

    def _no_answer(self, source: str, before: str) -> Fault:
        self._hung.add(source)
        return Fault(f"{before}NoAnswer: it did not return within {bound.LONGEST_S:g} s")

    def _fault(self, source: str, fault: Fault, consequence: str = "") -> None:
        if not isinstance(fault, NotAsked):  # what it did is said already
            self._problem(source, f"{fault}{consequence}")

    def _problem(self, source: str, message: str) -> None:
        if (source, message) not in self.problems:
            self.problems.append((source, message))
            if self.on_problem is not None:
                self.on_problem(source, message)


def _is_foreign(source: str) -> bool:
    """Whether code is not ftui's own: its adapters may have a huge tree to list, and print nothing."""
    return source.startswith("plugin ")


def _outcome(reading: Callable[[], T], said: Quiet) -> tuple[T | None, BaseException | None]:
    """What comes of it, and what it raises."""
    try:
        with quiet(said):
            return reading(), None
    except bound.NoAnswer:
        raise
    except BaseException as error:
        return None, error


def _source(name: str, origin: str) -> str:
    """A plugin, as problems name it."""
    return f"{'adapter' if origin == BUILT_IN else 'plugin'} {name}"
