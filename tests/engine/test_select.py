"""Which checks a run decides on."""

from __future__ import annotations

import pytest

from ftui.config import Config
from ftui.engine.select import Selection, affected, chosen, configured, members, mutating, only_affected, stand_ins
from ftui.errors import ConfigError, FtuiError
from ftui.model import BuiltinProfile, Check, CheckConfig, Phase, Unused
from ftui.plugins import Plugins


def check(check_id: str, phase: Phase = Phase.SLOW, **fields: object) -> Check:
    return Check(id=check_id, adapter=check_id, argv=(check_id,), phase=phase, **fields)  # type: ignore[arg-type]


def config(**checks: CheckConfig) -> Config:
    return Config(checks=checks, source="ftui.toml")


def ids(selection: Selection) -> list[str]:
    return [check.id for check in selection.checks]


LINT = check("lint", Phase.FAST, args=(".",), inputs=("*.py",), env=("LINT_*",))
TYPES = check("types", inputs=("*.py",), config_files=("types.ini",))
TESTS = check("tests", requires=("types",))
SITE = check("site", profile="full", inputs=("docs/**",))
ALL = (LINT, TYPES, TESTS, SITE)


# The user's settings


def test_settings_take_the_place_of_what_the_adapter_says_and_env_adds_to_it() -> None:
    settings = CheckConfig(args=("src",), timeout=5.0, phase=Phase.SLOW, weight=2, env=("CI=1",), requires=())
    (adjusted,), _ = configured([LINT], [], config(lint=settings))
    assert adjusted.command == ("lint", "src")
    assert (adjusted.timeout, adjusted.phase, adjusted.weight) == (5.0, Phase.SLOW, 2)
    assert adjusted.env == ("LINT_*", "CI=1")
    assert adjusted.inputs == LINT.inputs


def test_empty_settings_change_nothing() -> None:
    assert configured(ALL, [], config(lint=CheckConfig(), types=CheckConfig())) == (ALL, ())


def test_a_disabled_check_is_left_out_with_the_key_that_did_it() -> None:
    npm = check("npm:lint")
    unused = Unused(id="black", adapter="black", because="not configured")
    checks, left_out = configured([LINT, npm], [unused], config(**{"npm:lint": CheckConfig(enabled=False)}))
    assert checks == (LINT,)
    because = 'disabled by checks."npm:lint".enabled in ftui.toml'
    assert left_out == (unused, Unused(id="npm:lint", adapter="npm:lint", because=because))


def test_what_the_configuration_names_and_a_failed_adapter_does_not_offer_has_no_verdict() -> None:
    named = Config(
        checks={
            "bandit": CheckConfig(timeout=5.0),
            "docs": CheckConfig(command=("mkdocs",)),
            "types": CheckConfig(requires=("bandit", "audit")),
        },
        profiles={"quick": ("lint", "listed")},
    )
    known = ["docs", "types", "lint"]
    made = stand_ins(named, known, ["plugin bandit: ftui_checks raised ValueError: boom"])
    assert [each.id for each in made] == ["audit", "bandit", "listed"]
    assert {each.unavailable for each in made} == {
        "no adapter offers this check, perhaps because of this: plugin bandit: ftui_checks raised ValueError: boom"
    }
    (first, bandit, *_), _ = configured([*made, TYPES], [], named)
    assert (first.id, bandit.timeout) == ("audit", 5.0)
    assert stand_ins(named, known, []) == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            config(tests=CheckConfig(requires=("lint",)), lint=CheckConfig(enabled=False)),
            "ftui.toml: checks.tests.requires: 'lint' is not active here",
        ),
        (
            config(tests=CheckConfig(requires=("black",))),
            "ftui.toml: checks.tests.requires: 'black' is not active here",
        ),
        (
            config(lint=CheckConfig(requires=("types",))),
            "ftui.toml: checks.lint.requires: 'types' runs in the later phase slow; give lint phase = \"slow\" too",
        ),
        (
            config(types=CheckConfig(requires=("tests",))),
            "ftui.toml: checks.types.requires: goes round in a circle: types -> tests -> types",
        ),
        (
            config(site=CheckConfig(requires=("site",))),
            "ftui.toml: checks.site.requires: goes round in a circle: site -> site",
        ),
    ],
)
def test_a_requirement_that_cannot_be_kept_is_an_error_with_file_and_key(settings: Config, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        configured(ALL, [Unused(id="black", adapter="black", because="")], settings)
    assert str(raised.value).startswith(message)


def test_a_disabled_check_may_require_whatever_it_likes() -> None:
    settings = config(tests=CheckConfig(requires=("lint",), enabled=False), lint=CheckConfig(enabled=False))
    checks, _ = configured(ALL, [], settings)
    assert [check.id for check in checks] == ["types", "site"]


@pytest.mark.parametrize(
    "wanted", [check("absent-elsewhere"), check("types")], ids=["of an adapter that is not used", "of a later phase"]
)
def test_what_an_adapter_requires_in_vain_is_left_out(wanted: Check) -> None:
    others = [wanted] if wanted.id == "types" else []
    eager = check("eager", Phase.FAST, requires=(wanted.id,))
    checks, _ = configured([*others, eager], [], config())
    assert checks[-1].requires == ()


def test_what_an_adapter_requires_of_a_check_that_the_user_disabled_is_left_out() -> None:
    checks, _ = configured(ALL, [], config(types=CheckConfig(enabled=False)))
    assert {check.id: check.requires for check in checks}["tests"] == ()


# Profiles and names


@pytest.mark.parametrize(
    ("profile", "expected"),
    [("fast", ["lint"]), ("dev", ["lint", "types", "tests"]), ("full", ["lint", "types", "tests", "site"])],
)
def test_a_built_in_profile_contains_the_smaller_ones(profile: str, expected: list[str]) -> None:
    assert members(ALL, profile) == expected
    assert ids(chosen(ALL, Config(), profile=profile, names=())) == expected


@pytest.mark.parametrize(
    ("phase", "profile", "smallest"),
    [
        (Phase.FAST, None, "fast"),
        (Phase.MUTATING, None, "fast"),
        (Phase.SLOW, None, "dev"),
        (Phase.FAST, "full", "full"),
    ],
)
def test_without_a_word_of_its_own_a_check_belongs_where_its_phase_does(
    phase: Phase, profile: BuiltinProfile | None, smallest: str
) -> None:
    assert check("any", phase, profile=profile).smallest_profile == smallest


def test_the_command_line_wins_over_the_configured_profile() -> None:
    settings = Config(profile="mine", profiles={"mine": ("site",), "fast": ("types",)})
    assert ids(chosen(ALL, settings, profile=None, names=())) == ["site"]
    assert ids(chosen(ALL, settings, profile="dev", names=())) == ["lint", "types", "tests"]
    assert ids(chosen(ALL, settings, profile="fast", names=())) == ["types"], "the user's own wins over a built-in one"


def test_a_profile_brings_what_its_checks_require_and_passes_over_what_is_not_active() -> None:
    settings = Config(profiles={"mine": ("tests", "black")})
    assert ids(chosen(ALL, settings, profile="mine", names=())) == ["types", "tests"]


def test_names_win_over_a_profile_and_keep_the_order_of_the_checks() -> None:
    selection = chosen(ALL, Config(), profile="fast", names=("tests", "lint"))
    assert (ids(selection), selection.profile) == (["lint", "types", "tests"], "fast")


@pytest.mark.parametrize(
    ("profile", "names", "message"),
    [
        ("fulll", (), "no profile is called 'fulll' (did you mean 'full'?)"),
        (None, ("type",), "no check is called 'type' here (did you mean 'types'?); `ftui list` shows them all"),
    ],
)
def test_an_unknown_name_is_an_error_with_the_nearest(
    profile: str | None, names: tuple[str, ...], message: str
) -> None:
    with pytest.raises(FtuiError) as raised:
        chosen(ALL, Config(), profile=profile, names=names)
    assert str(raised.value) == message


# Changes


@pytest.mark.parametrize(
    ("changed", "skipped"),
    [
        (set(), {"lint", "types", "tests", "site"}),
        ({"a.py"}, {"site"}),
        ({"docs/index.md"}, {"lint"}),
        ({"types.ini"}, {"lint", "site"}),
    ],
)
def test_what_no_change_affects_is_skipped_unless_something_requires_it(changed: set[str], skipped: set[str]) -> None:
    selection = chosen(ALL, Config(), profile="full", names=())
    found = only_affected(selection, Plugins(), frozenset(changed), "main")
    assert found.checks == selection.checks
    assert found.skipped == dict.fromkeys(skipped, "nothing that it reads has changed since main")


@pytest.mark.parametrize(
    ("one", "expected"),
    [(check("a"), False), (check("a", Phase.MUTATING), True), (check("a", Phase.FAST, writes=("*.py",)), True)],
)
def test_a_check_that_may_write_is_mutating_in_whatever_phase(one: Check, expected: bool) -> None:
    assert mutating(one) is expected


# What changes affect


def test_changed_paths_affect_those_who_read_them_and_each_with_its_own_paths() -> None:
    found = affected(ALL, Plugins(), ["a.py", "docs/index.md", "nobody.rs"])
    assert {name: set(paths) for name, paths in found.items()} == {
        "lint": {"a.py"},
        "types": {"a.py"},
        "tests": {"a.py", "docs/index.md", "nobody.rs"},
        "site": {"docs/index.md"},
    }


def test_who_requires_an_affected_check_is_affected_by_its_paths_however_far_off() -> None:
    first = check("first", inputs=("*.py",))
    second = check("second", inputs=("*.md",), requires=("first",))
    third = check("third", inputs=("*.rst",), requires=("second",))
    found = affected((third, second, first), Plugins(), ["a.py", "b.rst"])
    assert list(found) == ["third", "second", "first"]
    assert found == {"first": {"a.py"}, "second": {"a.py"}, "third": {"a.py", "b.rst"}}


def test_a_requirement_that_is_not_chosen_affects_nobody() -> None:
    assert affected((check("tests", inputs=("*.md",), requires=("types",)),), Plugins(), ["a.py"]) == {}


@pytest.mark.parametrize("lock", ["uv.lock", "package-lock.json"])
def test_a_lock_file_of_the_root_affects_every_check_and_one_further_down_only_who_reads_it(lock: str) -> None:
    assert affected((LINT, SITE), Plugins(), [lock]) == {"lint": {lock}, "site": {lock}}
    assert affected((LINT, SITE), Plugins(), [f"sub/{lock}"]) == {}


def test_no_path_affects_nobody() -> None:
    assert affected(ALL, Plugins(), []) == {}
