"""Which checks a run decides on: what the adapters offer, adjusted by the user, chosen by profile, name or change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from ftui.cache.session import LOCKS
from ftui.config import BUILTIN_PROFILES, dotted, find_cycle
from ftui.errors import ConfigError, FtuiError, nearest
from ftui.model import Check, Phase, Unused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ftui.config import Config
    from ftui.model import CheckConfig
    from ftui.plugins import Plugins


ADJUSTABLE = (
    *("args", "inputs", "requires", "phase", "timeout", "retries", "budget", "isolate", "writes", "weight"),
    *("cache", "ttl", "on_failure", "on_change"),
)
"""Fields of `CheckConfig` that take the place of those of `Check`."""


class Selection(Struct, frozen=True, kw_only=True):
    """The checks of one run."""

    profile: str
    checks: tuple[Check, ...]
    skipped: dict[str, str]
    """Of those, the ids that will not run, each with the reason."""


def stand_ins(config: Config, known: Iterable[str], lost: Sequence[str]) -> list[Check]:
    """Checks that the configuration names and no adapter offers, where an adapter that failed may be the reason.

    None of them has a verdict. Left out, they would be forgotten, and what requires them would run without them.

    Args:
        config: names them under `checks`, in a profile or as a requirement.
        known: ids of the checks that an adapter offers, or knows and does not offer.
        lost: a sentence for each adapter that failed.
    """
    if not lost:
        return []
    required = [check_id for settings in config.checks.values() for check_id in settings.requires or ()]
    listed = [check_id for ids in config.profiles.values() for check_id in ids]
    missing = {*config.checks, *required, *listed}.difference(known)
    because = f"no adapter offers this check, perhaps because of this: {'; '.join(lost)}"
    return [
        Check(
            id=check_id,
            adapter=check_id.partition(":")[0],
            argv=(check_id,),
            phase=Phase.FAST,  # so that checks of any phase may require it
            unavailable=because,
        )
        for check_id in sorted(missing)
    ]


def configured(
    offered: Iterable[Check], unused: Iterable[Unused], config: Config
) -> tuple[tuple[Check, ...], tuple[Unused, ...]]:
    """Puts the user's settings over what the adapters offer.

    Returns:
        The checks that are enabled, and those that are not with the reason.

    Raises:
        ConfigError: `requires` names a check that is disabled or of a later phase, or goes round in a circle.
    """
    checks: list[Check] = []
    left_out = list(unused)
    for check in offered:
        settings = config.checks.get(check.id)
        if settings is None:
            checks.append(check)
        elif settings.enabled:
            checks.append(adjusted(check, settings))
        else:
            because = f"disabled by {dotted('checks', check.id, 'enabled')} in {config.source}"
            left_out.append(Unused(id=check.id, adapter=check.adapter, because=because))
    _verify_requirements({check.id: check for check in checks}, {unused.id for unused in left_out}, config)
    return tuple(_without_absent_requirements(checks)), tuple(left_out)


def adjusted(check: Check, settings: CheckConfig) -> Check:
    """One check with the user's settings in place of its own; `env` adds to its own."""
    changes = {name: getattr(settings, name) for name in ADJUSTABLE if getattr(settings, name) is not None}
    if settings.env is not None:
        changes["env"] = check.env + settings.env
    return replace(check, **changes)


def _verify_requirements(checks: Mapping[str, Check], disabled: set[str], config: Config) -> None:
    for check_id, settings in config.checks.items():
        check = checks.get(check_id)
        for required_id in settings.requires or ():
            key = dotted("checks", check_id, "requires")
            required = checks.get(required_id)
            if check is None:
                continue
            if required is None:
                why = "is not active here" if required_id in disabled else "does not exist"
                raise ConfigError(
                    f"{required_id!r} {why}{nearest(required_id, checks)}", file=config.source or "", key=key
                )
            if required.phase.rank > check.phase.rank:
                raise ConfigError(
                    f"{required_id!r} runs in the later phase {required.phase}; "
                    f'give {check_id} phase = "{required.phase}" too',
                    file=config.source or "",
                    key=key,
                )
    cycle = find_cycle({check.id: check.requires for check in checks.values()})
    if cycle:
        key = dotted("checks", cycle[0], "requires")
        raise ConfigError(f"goes round in a circle: {' -> '.join(cycle)}", file=config.source or "", key=key)


def _without_absent_requirements(checks: list[Check]) -> Iterable[Check]:
    """An adapter may require a check of another adapter that is not used here, or that runs later: it is left out."""
    phases = {check.id: check.phase for check in checks}
    for check in checks:
        kept = tuple(r for r in check.requires if r in phases and phases[r].rank <= check.phase.rank)
        yield check if kept == check.requires else replace(check, requires=kept)


def chosen(checks: tuple[Check, ...], config: Config, *, profile: str | None, names: tuple[str, ...]) -> Selection:
    """The checks that a profile, or a list of names, asks for, with all that they require.

    Raises:
        FtuiError: a name or the profile does not exist.
    """
    by_id = {check.id: check for check in checks}
    wanted_profile = profile or config.profile
    if names:
        for name in names:
            if name not in by_id:
                raise FtuiError(f"no check is called {name!r} here{nearest(name, by_id)}; `ftui list` shows them all")
        wanted = set(names)
    elif wanted_profile in config.profiles:
        wanted = set(config.profiles[wanted_profile])
    elif wanted_profile in BUILTIN_PROFILES:
        wanted = set(members(checks, wanted_profile))
    else:
        known = [*BUILTIN_PROFILES, *config.profiles]
        raise FtuiError(f"no profile is called {wanted_profile!r}{nearest(wanted_profile, known)}")
    wanted = _with_requirements(by_id, wanted & by_id.keys())
    kept = tuple(check for check in checks if check.id in wanted)
    return Selection(profile=wanted_profile, checks=kept, skipped={})


def profiles(config: Config) -> tuple[str, ...]:
    """The names of all profiles: those that are built in, from the smallest, then those of the configuration."""
    return tuple(dict.fromkeys((*BUILTIN_PROFILES, *config.profiles)))


def members(checks: Iterable[Check], profile: str) -> list[str]:
    """The ids of the checks that belong to a built-in profile; each of them contains the smaller ones."""
    contained = BUILTIN_PROFILES[: BUILTIN_PROFILES.index(profile) + 1]
    return [check.id for check in checks if check.smallest_profile in contained]


def _with_requirements(checks: Mapping[str, Check], ids: Iterable[str]) -> set[str]:
    pending = list(ids)
    found: set[str] = set()
    while pending:
        check_id = pending.pop()
        if check_id not in found:
            found.add(check_id)
            pending += checks[check_id].requires
    return found


def affected(checks: Sequence[Check], plugins: Plugins, changed: Iterable[str]) -> dict[str, frozenset[str]]:
    """The checks whose verdicts changed paths may change, in their order, each with those paths.

    A lock file of the root stands for all packages, so it affects every check. A check that requires an affected one
    is affected too.

    Args:
        checks: all that there are.
        plugins: asked which of the paths matter to a check.
        changed: posix paths relative to the root.
    """
    paths = frozenset(changed)
    locks = paths.intersection(LOCKS)
    found = {check.id: plugins.affected(check, paths) | locks for check in checks}
    by_id = {check.id: check for check in checks}

    def whole(check: Check) -> frozenset[str]:
        required = (whole(by_id[name]) for name in check.requires if name in by_id)
        return found[check.id].union(*required)

    return {check.id: matter for check in checks if (matter := whole(check))}


def only_affected(selection: Selection, plugins: Plugins, changed: frozenset[str], since: str) -> Selection:
    """The same selection, in which checks that no changed path affects are skipped.

    A check that an affected one requires is not skipped.

    Args:
        selection: what to choose from.
        plugins: asked which of the changed paths matter to a check.
        changed: posix paths relative to the root.
        since: what the paths were compared with, for the reason.
    """
    by_id = {check.id: check for check in selection.checks}
    needed = _with_requirements(by_id, affected(selection.checks, plugins, changed))
    reason = f"nothing that it reads has changed since {since}"
    return replace(selection, skipped={check.id: reason for check in selection.checks if check.id not in needed})


def mutating(check: Check) -> bool:
    """Whether a check may write to the tree."""
    return check.phase is Phase.MUTATING or bool(check.writes)
