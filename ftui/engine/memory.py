"""The cache as the engine uses it: one thread that looks at the tree, looks results up, and keeps what may be kept."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from ftui import __version__
from ftui.cache.byte_code import remove_stale
from ftui.cache.index import Snapshot, changed_paths
from ftui.cache.policy import may_store
from ftui.cache.recipe import Recipe
from ftui.cache.session import Session
from ftui.cache.store import Store
from ftui.cache.tool_cache import ToolCaches
from ftui.engine.braces import stands_for
from ftui.engine.named import named_files
from ftui.location import cache_folder
from ftui.model import Check, CheckResult, Finding, Severity
from ftui.project import environment_of
from ftui.tree import Globs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from ftui.cache.entry import Entry
    from ftui.cache.session import Lookup
    from ftui.plugins import Plugins

T = TypeVar("T")


class Ran(Struct, frozen=True):
    """A check that has run since the tree was last looked at."""

    check: Check
    found: Any
    """The `Lookup` from before it ran."""
    result: CheckResult
    output: str


class Folders(Struct, frozen=True):
    """The folders of a check that outlive its run; None where there is no place for them."""

    cache: str | None = None
    """For the tool's own cache."""
    kept: str | None = None
    """For what its adapter keeps of this tree."""
    more: dict[str, str] = {}
    """What else stands for something: `{key}`, `{key:ID}` and `{kept:ADAPTER}`."""


class Look(Struct, frozen=True):
    """What a look at the tree has found."""

    snapshot: Snapshot
    changed: tuple[str, ...]
    """The paths that are not as they were at the look before, sorted."""
    made: frozenset[str]
    """Those of them that were not there then."""
    whole: bool
    """Whether everything was looked at, and not only some files."""
    first: bool
    """Whether there was no look before."""
    relisted: bool
    """Whether files have come or gone."""
    began_ns: int
    """When it began, nanoseconds since 1970."""


class Memory:
    """Looks up and keeps results, in a thread of its own, since all of that waits for the disk.

    Args:
        root: the project's root.
        recipes: what the cache has to know of each check, by id.
        environ: what checks' environments are made from.
        list_tree: lists the files of the tree.
        on_look: called in the event loop with what each look has found, before anything else is done with it.

    Attributes:
        messages: lines for the user about the store.
        snapshot: the tree as it was last looked at.
    """

    def __init__(
        self,
        root: Path,
        recipes: Mapping[str, Recipe],
        environ: Mapping[str, str],
        list_tree: Callable[[], Sequence[str]],
        *,
        on_look: Callable[[Look], None] = lambda look: None,
    ) -> None:
        self._root = root
        self._recipes = recipes
        self._environ = environ
        self._list_tree = list_tree
        self._on_look = on_look
        self.messages: list[str] = []
        self.snapshot = Snapshot()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ftui-cache")
        self._session: Session | None = None
        self._tool_caches: ToolCaches | None = None
        self._looked_ns = 0
        self._last: Snapshot | None = None
        self._cleaned: Snapshot | None = None
        self._folder = cache_folder()

    def use(self, recipes: Mapping[str, Recipe]) -> None:
        """From here on the checks are these; results of others that still run can be settled all the same."""
        self._recipes = {**self._recipes, **recipes}

    async def look(self, files: Sequence[str] | None = None) -> Snapshot:
        """Looks at the tree; what is looked up from here on is about what this finds.

        Args:
            files: the files of the tree, where they have just been listed.
        """
        return self._seen(await self._in_thread(lambda: self._look(files)))

    async def glance(self, paths: Iterable[str]) -> Snapshot:
        """Looks at some files of the tree, and at everything where that does not tell.

        Args:
            paths: files that may have changed.
        """
        return self._seen(await self._in_thread(lambda: self._glance(paths)))

    def _seen(self, look: Look) -> Snapshot:
        self.snapshot = look.snapshot
        self._on_look(look)
        return look.snapshot

    async def look_up(
        self,
        check_ids: Iterable[str],
        *,
        forced: Collection[str] = (),
        audited: Collection[str] = (),
    ) -> dict[str, Lookup]:
        """What the cache knows of checks, in the tree as it was last looked at.

        Args:
            check_ids: of the checks.
            forced: those of them that are to run, whatever is stored.
            audited: those whose hits run all the same: where one does not hold, the check is demoted.
        """
        return await self._in_thread(
            lambda: {
                check_id: self._opened().look_up(check_id, force=check_id in forced, audited=check_id in audited)
                for check_id in check_ids
            }
        )

    async def rekeyed(self, keys: Mapping[str, str]) -> list[str]:
        """The ids of the checks that have another key than this, in the tree as it was last looked at.

        Args:
            keys: by id the key that a check had.
        """
        return await self._in_thread(lambda: self._rekeyed(keys))

    async def settle(self, ran: Sequence[Ran]) -> dict[str, list[str]]:
        """Looks at the tree once more and keeps the results whose inputs have not moved while they were found.

        Returns:
            By check id the inputs that have moved.
        """
        look, moved = await self._in_thread(lambda: self._settle(ran))
        self._seen(look)
        return moved

    async def prepare(self, found: Lookup) -> Folders:
        """Sees to it that nothing left behind by earlier runs can make a check lie that is about to run."""
        return await self._in_thread(lambda: self._prepare(found))

    def take_messages(self) -> list[str]:
        """The messages so far, each once and only once."""
        messages, self.messages[:] = list(dict.fromkeys(self.messages)), ()
        return messages

    async def close(self) -> None:
        """Keeps what was learnt and ends the thread."""
        try:
            await self._in_thread(self._close)
        finally:
            self._thread.shutdown()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    # In the thread

    def _opened(self) -> Session:
        if self._session is None:
            store = Store(self._folder, self.messages.append)
            self._session = Session(str(self._root), self._recipes, store, self._environ)
        if self._session.recipes is not self._recipes:
            self._session.recipes = self._recipes
            self._session.renew()
        return self._session

    def _close(self) -> None:
        if self._tool_caches is not None:
            self._tool_caches.close()
        if self._session is not None:
            self._session.close()
            self._session.store.close()

    def _look(self, files: Sequence[str] | None) -> Look:
        session, began_ns = self._opened(), time.time_ns()
        paths = list(self._list_tree() if files is None else files)
        self._looked_ns = time.time_ns()
        return self._found(session.look(paths), began_ns, whole=True)

    def _glance(self, paths: Iterable[str]) -> Look:
        session = self._opened()
        self._looked_ns = time.time_ns()
        snapshot = session.glance(paths)
        return self._look(None) if snapshot is None else self._found(snapshot, self._looked_ns, whole=False)

    def _found(self, snapshot: Snapshot, began_ns: int, *, whole: bool) -> Look:
        before, self._last = self._last, snapshot
        snapshot.name  # noqa: B018 - worked out here rather than in the event loop
        if before is None:
            return Look(snapshot, (), frozenset(), whole, first=True, relisted=True, began_ns=began_ns)
        relisted = before.paths != snapshot.paths
        changed = tuple(changed_paths(before, snapshot))
        made = frozenset(path for path in changed if before.position(path) < 0) if relisted else frozenset[str]()
        return Look(snapshot, changed, made, whole, first=False, relisted=relisted, began_ns=began_ns)

    def _rekeyed(self, keys: Mapping[str, str]) -> list[str]:
        session = self._opened()
        session.renew()
        return [check_id for check_id, key in keys.items() if session.identify(check_id).key != key]

    def _settle(self, ran: Sequence[Ran]) -> tuple[Look, dict[str, list[str]]]:
        session = self._opened()
        look = self._look(None)
        moved_by: dict[str, list[str]] = {}
        for each in ran:
            found: Lookup = each.found
            moved = session.moved(found, look.snapshot)
            if moved:
                moved_by[each.check.id] = moved
                continue
            self._tools(session).put_back(found)
            if may_store(each.result.outcome, each.result.exit_code, moved=False, unstable=bool(found.uncached)):
                self._keep(each)
        return look, moved_by

    def _keep(self, ran: Ran) -> None:
        """Stores a verdict, unless it contradicts a hit that was audited: then that one goes, and nothing is stored."""
        session = self._opened()
        found: Lookup = ran.found
        decision, outcome = found.decision, ran.result.outcome
        stored = decision.shown if decision is not None and decision.audited else None
        if stored is None or stored.outcome == outcome:
            session.keep(found, _entry_fields(ran.result, ran.output))
            return
        from ftui.cache.ledger import note_audit

        note_audit(session.store, stored, outcome.value, _bytes(ran.output), session.root)
        self.messages.append(
            f"the stored result of {ran.check.id} did not hold: it {stored.outcome}, and an audit on the same files "
            f"{outcome.value}; it is flaky or depends on something that is not in its key, so it always runs now"
        )

    def _prepare(self, found: Lookup) -> Folders:
        session = self._opened()
        if self._cleaned is not found.snapshot:
            self._cleaned = found.snapshot
            remove_stale(session.root, found.snapshot, self._looked_ns, session.files if session.store.usable else None)
        more = stands_for(session, found)
        return Folders(self._tools(session).take(found), more.pop("{kept}", None), more)

    def _tools(self, session: Session) -> ToolCaches:
        if self._tool_caches is None:
            self._tool_caches = ToolCaches(session)
        return self._tool_caches


def recipes_of(checks: Iterable[Check], plugins: Plugins, root: Path) -> dict[str, Recipe]:
    """What the cache has to know of each check, by id.

    Args:
        checks: as they are going to run.
        plugins: say what else a key depends on, and who brings an adapter.
        root: the project's root.
    """
    origins = {plugin.name: plugin.origin for plugin in plugins.loaded}
    environment = environment_of(root) or ""
    return {
        check.id: Recipe(
            id=check.id,
            adapter=(check.adapter, __version__, origins.get(check.adapter, "")),
            argv=check.command,
            cwd=check.cwd,
            inputs=Globs(check.inputs).regex,
            config=(*check.config_files, *named_files(check.command, check.cwd, root)),
            env=check.allowed,
            requires=check.requires,
            extra=(*plugins.fingerprint(check), *(f"isolated: {name}" for name in check.isolate)),
            environment=environment,
            cached=check.cache and check.unavailable is None,
            ttl=check.ttl,
            on_failure=check.on_failure,
            trusts=check.trusts or "",
            ahead_of=check.ahead_of or "",
        )
        for check in checks
    }


def _entry_fields(result: CheckResult, output: str) -> dict[str, object]:
    return {
        "outcome": result.outcome.value,
        "exit_code": result.exit_code,
        "duration_s": result.duration_s,
        "cpu_s": result.cpu_s,
        "peak_rss_bytes": result.peak_rss_bytes,
        "findings": tuple((f.message, f.path, f.line, f.column, f.severity.value, f.rule) for f in result.findings),
        "output": _bytes(output),
    }


def _bytes(output: str) -> bytes:
    return output.encode("utf-8", "surrogatepass")


def findings_of(entry: Entry) -> tuple[Finding, ...]:
    """The findings of a stored result."""
    return tuple(
        Finding(message, path, line, column, Severity(severity), rule)
        for message, path, line, column, severity, rule in entry.findings
    )
