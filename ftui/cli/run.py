"""`ftui run`: one pass over the checks of a project, shown by as many front ends as were asked for."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from ftui.cache.plan import Plan, Plans, digest_of
from ftui.cli import PASSED
from ftui.cli.front_ends import FrontEnds, exit_code, front_ends
from ftui.cli.recorded import recorded
from ftui.cli.workspace import open_workspace
from ftui.engine import signals
from ftui.engine.core import Engine
from ftui.engine.memory import recipes_of
from ftui.engine.named import named_in_vain
from ftui.engine.select import chosen, only_affected
from ftui.errors import NothingToCheckError
from ftui.location import cache_folder
from ftui.plugins import BUILT_IN
from ftui.redact import Secrets
from ftui.report import github

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from ftui.cache.recipe import Recipe
    from ftui.engine.select import Selection
    from ftui.engine.workspace import Workspace
    from ftui.model import Outcome

TICK = 0.08
"""Seconds between two looks at whether the picture on a terminal has to move."""


def run(options: argparse.Namespace) -> int:
    """Runs what the options ask for and returns the exit code of its outcome."""
    if options.until_fail is not None:
        from ftui.cli.until_fail import until_fail

        return until_fail(options, once)
    return once(options)[0]


def once(options: argparse.Namespace) -> tuple[int, Outcome]:
    """Opens the project and runs what the options ask for once; the exit code and the outcome."""
    workspace = open_workspace(options)
    selection = asyncio.run(_selected(workspace, options)) if options.changed else _chosen(workspace, options, None)
    return one_pass(workspace, selection, options)


def _chosen(workspace: Workspace, options: argparse.Namespace, changed_since: str | None) -> Selection:
    names = list(options.checks)
    if changed_since is not None and changed_since != options.changed:
        names.insert(0, options.changed)
    selection = chosen(workspace.checks, workspace.config, profile=options.profile, names=tuple(names))
    if not selection.checks:
        where = f"profile {selection.profile}" if workspace.checks else str(workspace.root)
        raise NothingToCheckError(f"there is nothing to check in {where}: `ftui list` says what was looked for")
    return selection


async def _selected(workspace: Workspace, options: argparse.Namespace) -> Selection:
    """The selection less what no change affects. `--changed mypy` means the check, where no such revision exists."""
    from ftui.engine.repo import Repo, UnknownRevisionError

    repo = Repo(workspace.root)
    since = options.changed
    try:
        changed = await repo.changed(since)
    except UnknownRevisionError:
        if since not in {check.id for check in workspace.checks}:
            raise
        since = "HEAD"
        changed = await repo.changed(since)
    selection = _chosen(workspace, options, since)
    return only_affected(selection, workspace.plugins, changed, since)


def one_pass(
    workspace: Workspace,
    selection: Selection,
    options: argparse.Namespace,
    *,
    audited: frozenset[str] = frozenset(),
) -> tuple[int, Outcome]:
    """Runs a selection once, and shows it; of the hits, those that are `audited` run too.

    Returns:
        The exit code, which is that of a signal where one ended the run, and the outcome.
    """
    recipes = recipes_of(selection.checks, workspace.plugins, workspace.root)
    with front_ends(options) as shown:
        stopped_by = asyncio.run(_pass(workspace, selection, recipes, options, shown, audited))
    outcome = shown.state.summary().outcome
    if stopped_by is not None:
        return signals.exit_code(stopped_by), outcome
    code = exit_code(shown)
    if code == PASSED and not audited and _repeatable(workspace, selection, options):
        _keep_plan(workspace, recipes, options)
    return code, outcome


def _repeatable(workspace: Workspace, selection: Selection, options: argparse.Namespace) -> bool:
    """Whether the same command would come to the same checks, and needs nothing but their results."""
    asks_for_more = options.force or options.format != "text" or options.junit or options.record or selection.skipped
    listens = any(
        plugin.origin != BUILT_IN and {"ftui_event", "ftui_fingerprint"}.intersection(plugin.hooks)
        for plugin in workspace.plugins.loaded
    )
    in_git = workspace.project.listing.source == "git"
    kept_off = asks_for_more or listens or workspace.plugins.problems or github.in_actions()
    return in_git and not kept_off and not _has_secrets(selection)


def _has_secrets(selection: Selection) -> bool:
    """Whether a secret stands in the settings of a check: what a plan is kept of, it is kept as it is."""
    literal = [entry.partition("=") for check in selection.checks for entry in check.env if "=" in entry]
    return any(Secrets({name: value}) for name, _, value in literal)


def _keep_plan(workspace: Workspace, recipes: Mapping[str, Recipe], options: argparse.Namespace) -> None:
    folder = cache_folder()
    if folder is None:
        return
    plans = Plans(folder, os.getcwd())
    if plans.get(options.arguments, os.environ) is None:
        made_from = workspace.project.decided_by()
        if options.config:
            made_from.append(os.path.abspath(options.config))
        for recipe in recipes.values():  # git may ignore what appears there
            made_from += named_in_vain(recipe.argv, recipe.cwd, workspace.root)
        in_order = sorted(recipes.values(), key=lambda recipe: workspace.phase_of(recipe.id).rank)
        plan = Plan(str(workspace.root), digest_of(workspace.files), in_order)
        plans.put(options.arguments, os.environ, plan, made_from)


async def _pass(
    workspace: Workspace,
    selection: Selection,
    recipes: Mapping[str, Recipe],
    options: argparse.Namespace,
    shown: FrontEnds,
    audited: frozenset[str],
) -> int | None:
    """Runs the engine until it is done; returns the signal that cut it short, if one did."""
    received: list[int] = []
    config = workspace.config
    engine = Engine(
        workspace.root,
        workspace.plugins,
        shown.write,
        workers=worker_slots(options.workers, config.workers),
        fail_fast=config.fail_fast if options.fail_fast is None else options.fail_fast,
        force=options.force,
    )
    shown.on_closed = engine.stop

    def interrupt(number: int) -> None:
        received.append(number)
        engine.stop()

    with signals.interruptible(asyncio.get_running_loop(), interrupt):
        ticking = asyncio.create_task(_tick(shown, engine))
        try:
            async with recorded(shown, workspace, options, engine):
                for source, message in workspace.plugins.problems:
                    engine.problem(source, message)
                workspace.plugins.on_problem = engine.problem
                await engine.run(selection, workspace.files, workspace.list_again, recipes, audited=audited)
        finally:
            ticking.cancel()
    return received[0] if received else None


async def _tick(shown: FrontEnds, engine: Engine) -> None:
    while shown.animated:
        shown.tick(engine.now())
        await asyncio.sleep(TICK)


def worker_slots(wanted: int | str | None, configured: int | None) -> int:
    """The worker slots: the command line, else the configuration, else the cores that this process may use."""
    if isinstance(wanted, int):
        return wanted
    if wanted is None and configured is not None:
        return configured
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
