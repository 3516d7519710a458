from __future__ import annotations

import json
import math
import os
import shlex
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.config import Config, config_schema, dotted, find_cycle, load, validate_names
from ftui.config.keys import WrongValueError, read_config
from ftui.errors import ConfigError
from ftui.model import CheckConfig, Phase
from tests.conftest import MakeTree


def error_of(root: Path, file: Path | None = None) -> str:
    """The message that loading ends with; one line, as all must be."""
    with pytest.raises(ConfigError) as caught:
        load(root, file)
    message = str(caught.value)
    assert message.isprintable()
    return message


# Files


def test_a_project_without_configuration_has_the_defaults(tree: MakeTree) -> None:
    assert load(tree({"pyproject.toml": "[tool.ruff]\n"})) == Config()
    assert Config() == Config(workers=None, profile="dev", profiles={}, fail_fast=False, checks={}, source=None)


FULL = """
workers = 3
profile = "quick"
fail_fast = true
[profiles]
quick = ["ruff", "mypy"]
[checks.mypy]
args = ["src", ""]
requires = ["ruff"]
timeout = "2m"
budget = 1.5
retries = 2
weight = 4
env = ["HOME", "DJANGO_*", "A=b=c"]
fix = true
[checks.docs]
adapter = "command"
command = "mkdocs build -q 'a b'"
inputs = ["docs/**", "mkdocs.yml"]
writes = ["site/**"]
phase = "slow"
[checks."npm:lint"]
enabled = false
"""


@pytest.mark.parametrize("name", ["ftui.toml", "pyproject.toml"])
def test_every_key_is_read_from_either_file(tree: MakeTree, name: str) -> None:
    text = (
        FULL
        if name == "ftui.toml"
        else "[tool.ftui]" + FULL.replace("[checks", "[tool.ftui.checks").replace("[profiles", "[tool.ftui.profiles")
    )
    config = load(tree({name: text}))
    assert config == Config(
        workers=3,
        profile="quick",
        fail_fast=True,
        profiles={"quick": ("ruff", "mypy")},
        source=name,
        checks={
            "mypy": CheckConfig(
                args=("src", ""),
                requires=("ruff",),
                timeout=120.0,
                budget=1.5,
                retries=2,
                weight=4,
                env=("HOME", "DJANGO_*", "A=b=c"),
                fix=True,
            ),
            "docs": CheckConfig(
                adapter="command",
                command=("mkdocs", "build", "-q", "a b"),
                inputs=("docs/**", "mkdocs.yml"),
                writes=("site/**",),
                phase=Phase.SLOW,
            ),
            "npm:lint": CheckConfig(enabled=False),
        },
    )
    assert isinstance(config.checks["docs"].phase, Phase)


def test_two_files_that_configure_ftui_are_an_error_that_names_both(tree: MakeTree) -> None:
    both = {"ftui.toml": "workers = 1\n", "pyproject.toml": "[tool.ftui]\nworkers = 1\n"}
    message = error_of(tree(both))
    assert "ftui.toml" in message
    assert "pyproject.toml" in message
    assert load(tree({**both, "ftui.toml": "# nothing\n"}, name="one")).source == "pyproject.toml"
    assert load(tree({**both, "pyproject.toml": "[tool.ftui]\n"}, name="two")).source == "ftui.toml"


def test_a_file_that_is_named_takes_the_place_of_the_projects_own(tree: MakeTree, tmp_path: Path) -> None:
    root = tree({"ftui.toml": "workers = 1\n", "ci/checks.toml": "workers = 2\n"})
    other = tree({"pyproject.toml": "[tool.ftui]\nworkers = 3\n"}, name="other") / "pyproject.toml"
    assert load(root, root / "ci" / "checks.toml") == Config(workers=2, source="ci/checks.toml")
    assert load(root, other) == Config(workers=3, source=str(other))
    assert error_of(root, tmp_path / "none.toml") == f"{tmp_path / 'none.toml'}: does not exist"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"workers = 1\nprofile = \n", "ftui.toml: is not valid TOML: Invalid value (at line 2, column 11)"),
        (b"# first\nprofile = '\xff'\n", "ftui.toml: line 2 is not UTF-8; save the file in that encoding"),
        (b"a = " + b"[" * 100_000, "ftui.toml: is nested too deeply"),
        (b"workers = " + b"9" * 5000, "ftui.toml: is not valid TOML: Exceeds the limit (4300 digits)"),
        (b"#" * 2_000_000, "ftui.toml: cannot be read: is larger than 1,048,576 bytes"),
    ],
)
def test_a_file_that_is_no_toml_says_what_and_where(tree: MakeTree, content: bytes, said: str) -> None:
    assert error_of(tree({"ftui.toml": content})).startswith(said)


def test_a_folder_in_place_of_the_file_is_named(tree: MakeTree) -> None:
    assert error_of(tree({"ftui.toml/x": ""})).startswith("ftui.toml: cannot be read: ")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is unreadable here")
def test_an_unreadable_file_is_named(tree: MakeTree) -> None:
    root = tree({"ftui.toml": ""})
    (root / "ftui.toml").chmod(0)
    assert error_of(root) == "ftui.toml: cannot be read: Permission denied"


def test_a_broken_pyproject_that_says_nothing_of_ftui_is_left_to_other_tools(tree: MakeTree) -> None:
    assert load(tree({"pyproject.toml": "[tool.ruff\n"})) == Config()


# Keys and values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("worker = 1", "worker: unknown key (did you mean 'workers'?)"),
        ("[tool.ftui]\nworkers = 1", "tool.ftui: is how pyproject.toml spells it; in this file the keys stand at "),
        ("workers = 0", 'workers: must be "auto" or an integer from 1 to 10000, not an integer (0)'),
        ("workers = true", 'workers: must be "auto" or an integer from 1 to 10000, not a boolean (True)'),
        ("workers = 'many'", "workers: must be \"auto\" or an integer from 1 to 10000, not a string ('many')"),
        ("profile = 3", "profile: must be a string with something in it, not an integer (3)"),
        ("fail_fast = 1", "fail_fast: must be true or false, not an integer (1)"),
        ("budgets.dev = 0", "budgets.dev: must be more than 0 seconds"),
        ("budgets = '1s'", "budgets: must be a table, not a string ('1s')"),
        ("efficiency = 80", "efficiency: must be a number from 0 to 1, such as 0.8, not an integer (80)"),
        ("efficiency = '80%'", "efficiency: must be a number from 0 to 1, such as 0.8, not a string ('80%')"),
        ("efficiency = true", "efficiency: must be a number from 0 to 1, such as 0.8, not a boolean (True)"),
        ("efficiency = nan", "efficiency: must be a number from 0 to 1, such as 0.8, not a float (nan)"),
        ("profiles = ['a']", "profiles: must be a table, not a list"),
        ("profiles.quick = 'ruff'", "profiles.quick: must be a list of strings, not a string ('ruff')"),
        ("profiles.quick = ['ruff', 1]", "profiles.quick: must be a list of strings, but contains an integer (1)"),
        ("checks = 1979-05-27", "checks: must be a table, not a date or time"),
        ("checks.mypy = 'src'", "checks.mypy: must be a table, not a string ('src')"),
        ("checks.mypy.tmeout = 1", "checks.mypy.tmeout: unknown key (did you mean 'timeout'?)"),
        ('checks."npm:lint".tmeout = 1', "checks.\"npm:lint\".tmeout: unknown key (did you mean 'timeout'?)"),
        ('checks."a\\nb".weight = 1', 'checks."a\\nb": a name must be printable and without spaces'),
        ("checks.mypy.args = 'src'", "checks.mypy.args: must be a list of strings, not a string ('src')"),
        (
            "checks.mypy.phase = 'slo'",
            "checks.mypy.phase: must be a phase, not a string ('slo') (did you mean 'slow'?)",
        ),
        ("checks.mypy.weight = 0", "checks.mypy.weight: must be an integer from 1 to 10000, not an integer (0)"),
        ("checks.mypy.weight = 1.0", "checks.mypy.weight: must be an integer from 1 to 10000, not a float (1.0)"),
        ("checks.mypy.retries = 11", "checks.mypy.retries: must be an integer from 0 to 10, not an integer (11)"),
        ("checks.mypy.retries = false", "checks.mypy.retries: must be an integer from 0 to 10, not a boolean (False)"),
        ("checks.mypy.inputs = ['']", "checks.mypy.inputs: '' matches no file: "),
        ("checks.mypy.inputs = ['./src']", "checks.mypy.inputs: './src' matches no file: "),
        ("checks.mypy.writes = ['!../x']", "checks.mypy.writes: '!../x' matches no file: "),
        ("checks.mypy.env = ['A', '*']", 'checks.mypy.env: entry 2 is none of "NAME", "NAME_*" and "NAME=value"'),
        ("checks.mypy.isolate = ['URL=x']", "checks.mypy.isolate: entry 1 is no name of a variable"),
        ("checks.pytest.workers = -1", 'checks.pytest.workers: must be "auto" or an integer from 0 to 10000'),
        ("checks.pytest.dist = 'loadfiles'", "checks.pytest.dist: there is no distribution 'loadfiles' (did you mean"),
        ("checks.x.command = ''", "checks.x.command: must be a string with something in it, not a string ('')"),
        ("checks.x.command = []", "checks.x.command: must name a program"),
        ("checks.x.command = \"'' a\"", "checks.x.command: must name a program"),
        ("checks.x.command = [' ']", "checks.x.command: must name a program"),
        (
            f"checks.mypy.weight = 0x{'f' * 5000}",
            "checks.mypy.weight: must be an integer from 1 to 10000, not an integer",
        ),
        (f"checks.mypy.timeout = 0x{'f' * 5000}", "checks.mypy.timeout: must be more than 0 seconds"),
        ('checks.x.command = "a \'b"', "checks.x.command: cannot be split into words: no closing quotation"),
        ("checks.x.shell = true", "checks.x.shell: needs a command that is a string"),
        ("checks.x = {shell = true, command = ['a']}", "checks.x.shell: needs a command that is a string"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_file_and_key(tree: MakeTree, text: str, said: str) -> None:
    assert error_of(tree({"ftui.toml": text + "\n"})).startswith(f"ftui.toml: {said}")


@pytest.mark.parametrize(
    "text",
    [
        "env = 'TOKEN=abc123'",
        "env = ['A', 'MY-TOKEN=abc123']",
        "env = ['abc+123==']",
        "env = ['abc123 ']",
        "env = ['TOKEN=abc123\\u0000']",
        "env = ['A', 123123]",
        "isolate = ['DATABASE_URL=postgres://user:abc123@host/db']",
        "isolate = 'abc123'",
    ],
)
def test_an_entry_that_may_hold_a_secret_is_not_repeated(tree: MakeTree, text: str) -> None:
    said = error_of(tree({"ftui.toml": "[checks.mypy]\n" + text.replace("'", '"')}))
    assert said.startswith(f"ftui.toml: checks.mypy.{text.split()[0]}: ")
    assert "123" not in said


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (90, 90.0),
        (0.25, 0.25),
        ("1.5s", 1.5),
        ("2m", 120.0),
        ("500ms", 0.5),
        ("1h", 3600.0),
        ("7", 7.0),
        (" 3 s ", 3.0),
    ],
)
def test_a_duration_is_a_number_of_seconds_or_has_a_unit(value: object, seconds: float) -> None:
    check = read_config({"checks": {"a": {"timeout": value, "budget": value}}})["checks"]["a"]
    assert check.timeout == check.budget == pytest.approx(seconds)


def test_budgets_of_profiles_are_durations_and_the_efficiency_is_a_share(tree: MakeTree) -> None:
    config = load(tree({"ftui.toml": 'efficiency = 1\n[budgets]\ndev = "500ms"\nquick = 2\n'}))
    assert (config.budgets, config.efficiency) == ({"dev": 0.5, "quick": 2.0}, 1.0)


@pytest.mark.parametrize(
    "value",
    [0, -1, math.inf, -math.inf, math.nan, 10**400, True, "", "0s", "-1s", "1 day", "1e3", "9" * 400, "\u0661s", []],
)
def test_a_duration_that_is_not_finite_and_positive_is_refused(value: object) -> None:
    with pytest.raises(WrongValueError, match="must be more than 0 seconds") as caught:
        read_config({"checks": {"a": {"timeout": value}}})
    assert caught.value.keys == ("checks", "a", "timeout")


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), min_size=1))
def test_a_command_that_is_quoted_for_a_shell_is_the_same_list_of_words(words: list[str]) -> None:
    checks = {"text": {"command": shlex.join(words)}, "list": {"command": words}}
    if words[0].strip():
        read = read_config({"checks": checks})["checks"]
        assert read["text"].command == read["list"].command == tuple(words)


def test_a_shell_is_used_only_where_it_is_asked_for() -> None:
    read = read_config({"checks": {"a": {"command": "echo $HOME | cat", "shell": True}}})["checks"]["a"]
    shell = ("cmd.exe", "/d", "/c") if os.name == "nt" else ("/bin/sh", "-c")
    assert read.command == (*shell, "echo $HOME | cat")
    assert read_config({"checks": {"a": {"command": "echo $HOME", "shell": False}}})["checks"]["a"].command == (
        "echo",
        "$HOME",
    )


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
key_names = st.sampled_from([*msgspec.structs.asdict(CheckConfig()), "shell", "nonsense"])


@given(st.dictionaries(key_names, json_like, max_size=4))
def test_whatever_a_check_is_configured_with_it_is_read_or_refused_and_the_types_hold(settings: object) -> None:
    try:
        read = read_config({"checks": {"a": settings}})["checks"]["a"]
    except WrongValueError:
        return
    msgspec.json.decode(msgspec.json.encode(read), type=CheckConfig)


# Names


OFFERED = ("ruff", "mypy", "pytest")
ADAPTERS = ("ruff", "mypy", "pytest", "command")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (Config(checks={"mipy": CheckConfig()}), "checks.mipy: no adapter offers this check, and it has no command"),
        (Config(profiles={"q": ("ruf",)}), "profiles.q: there is no check 'ruf' (did you mean 'ruff'?)"),
        (
            Config(checks={"mypy": CheckConfig(requires=("ruf",))}),
            "checks.mypy.requires: there is no check 'ruf' (did you mean 'ruff'?)",
        ),
        (Config(budgets={"fulll": 1.0}), "budgets.fulll: there is no profile 'fulll' (did you mean 'full'?)"),
        (Config(profile="fulll"), "profile: there is no profile 'fulll' (did you mean 'full'?)"),
        (
            Config(checks={"x": CheckConfig(adapter="comand", command=("a",))}),
            "checks.x.adapter: there is no adapter 'comand' (did you mean 'command'?)",
        ),
    ],
)
def test_a_name_that_does_not_exist_is_said_with_the_nearest_that_does(config: Config, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        validate_names(msgspec.structs.replace(config, source="ftui.toml"), OFFERED, ADAPTERS)
    assert str(caught.value).startswith(f"ftui.toml: {said}")


def test_names_of_own_checks_and_profiles_are_valid() -> None:
    config = Config(
        profile="quick",
        profiles={"quick": ("ruff", "docs")},
        checks={
            "docs": CheckConfig(command=("mkdocs",), adapter="command", requires=("ruff",)),
            "ruff": CheckConfig(requires=("docs",)),
        },
    )
    validate_names(config, OFFERED, ADAPTERS)


def test_a_circle_is_found_and_told_in_the_direction_of_requires() -> None:
    assert find_cycle({"a": ["b"], "b": ["c", "d"], "c": [], "d": ["a"]}) in (
        ["a", "b", "d", "a"],
        ["b", "d", "a", "b"],
        ["d", "a", "b", "d"],
    )
    assert find_cycle({"a": ["a"]}) == ["a", "a"]
    assert find_cycle({"a": ["b", "x"], "c": ["a"], "b": []}) is None


ids = st.sampled_from("abcdef")


@given(st.dictionaries(ids, st.lists(ids, max_size=3)))
def test_what_is_called_a_circle_is_one(requires: dict[str, list[str]]) -> None:
    cycle = find_cycle(requires)
    if cycle is not None:
        assert cycle[0] == cycle[-1]
        assert all(after in requires[before] for before, after in pairwise(cycle))


def test_a_key_that_is_more_than_a_word_is_quoted() -> None:
    assert dotted("checks", "npm:lint", "timeout") == 'checks."npm:lint".timeout'


# The schema


def test_the_schema_has_every_field_of_the_structs_and_the_shell_switch() -> None:
    schema = msgspec.json.decode(json.dumps(config_schema()))
    check = schema["properties"]["checks"]["additionalProperties"]
    assert set(schema["properties"]) == set(Config.__struct_fields__) - {"source"}
    assert set(check["properties"]) == {*CheckConfig.__struct_fields__, "shell"}
    assert check["additionalProperties"] is False
    assert check["properties"]["phase"] == {"enum": ["fast", "mutating", "slow"]}
