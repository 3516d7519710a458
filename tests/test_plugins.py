from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from pathlib import Path
from types import ModuleType

import pytest

from ftui import __version__
from ftui import plugins as plugins_module
from ftui.config import Config
from ftui.errors import FtuiError
from ftui.events import Event, Problem
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, CheckConfig, Unused
from ftui.plugins import BUILT_IN, BUILTIN, Discovery, PluginInfo, Plugins, bound
from ftui.plugins.needs import newer_needed
from ftui.project import TreeProject
from tests.conftest import MakeTree, write

A_CHECK = Check(id="good", adapter="good", argv=("true",), inputs=("*.py",), config_files=("setup.cfg",))
AN_EVENT = Problem(run_id="1", time_s=0.0, source="test", message="nothing")


class Good:
    """Implements every hook as it should be."""

    def __init__(self) -> None:
        self.seen: list[Event] = []

    @hookimpl
    def ftui_checks(self, project: Project) -> Iterable[Check | Unused]:
        return [A_CHECK, Unused(id="other", adapter="good", because="not found")]

    @hookimpl
    def ftui_affected(self, check: Check, changed: frozenset[str]) -> frozenset[str] | None:
        return changed & {"special"} or None

    @hookimpl
    def ftui_fingerprint(self, check: Check) -> Iterable[str]:
        yield f"good {check.id}"

    @hookimpl
    def ftui_event(self, event: Event) -> None:
        self.seen.append(event)


def plugin(**hooks: Callable[..., object]) -> ModuleType:
    """A module that implements these hooks."""
    module = ModuleType("a_plugin")
    for name, function in hooks.items():
        setattr(module, name, hookimpl(function))
    return module


def adapter(*offered: object) -> ModuleType:
    """A plugin that offers these checks."""

    def ftui_checks(project: Project) -> Iterable[object]:
        return offered

    return plugin(ftui_checks=ftui_checks)


def check(id_: str, adapter_: str = "bad") -> Check:
    return Check(id=id_, adapter=adapter_, argv=("true",))


@pytest.fixture
def project(tree: MakeTree) -> Project:
    return TreeProject(tree({"a.py": ""}), Config())


@pytest.fixture
def loaded() -> tuple[Plugins, Good]:
    """Plugins with one good one, registered first and last around whatever a test adds."""
    plugins, good = Plugins(), Good()
    plugins.register(good, "good")
    return plugins, good


# Built-in adapters


def test_the_built_in_adapters_register_through_the_public_hooks(project: Project) -> None:
    plugins = Plugins()
    plugins.load()
    assert [info.module for info in plugins.loaded] == list(BUILTIN)
    assert {info.origin for info in plugins.loaded} == {BUILT_IN}
    assert all(info.hooks and info.error is None for info in plugins.loaded)
    assert plugins.problems == []
    plugins.load()
    assert len(plugins.loaded) == len(BUILTIN)


def test_a_built_in_adapter_that_is_missing_breaks_nothing_else(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugins_module, "BUILTIN", ("ftui.adapters.not_there", *BUILTIN))
    plugins = Plugins()
    plugins.load()
    missing, *others = plugins.loaded
    assert missing.name == "not-there"
    assert missing.error == "cannot be loaded: ModuleNotFoundError: No module named 'ftui.adapters.not_there'"
    assert plugins.problems == [("adapter not-there", missing.error)]
    assert [info.error for info in others] == [None] * len(BUILTIN)


def test_a_command_of_the_user_takes_the_place_of_an_adapters_check_without_a_problem(tree: MakeTree) -> None:
    root = tree({"a.py": "", "pyproject.toml": "[tool.mypy]\n"})
    plugins = Plugins()
    plugins.load()
    own = CheckConfig(command=(sys.executable, "-c", ""))
    discovery = plugins.discover(TreeProject(root, Config(checks={"mypy": own})))
    assert [check.adapter for check in discovery.checks if check.id == "mypy"] == ["command"]
    assert plugins.problems == []


# A plugin that is as it should be


def test_every_hook_of_a_good_plugin_is_heard(project: Project, loaded: tuple[Plugins, Good]) -> None:
    plugins, good = loaded
    assert plugins.discover(project) == Discovery(
        checks=(A_CHECK,), unused=(Unused(id="other", adapter="good", because="not found"),)
    )
    assert plugins.affected(A_CHECK, frozenset({"special", "a.py"})) == {"special"}
    assert plugins.fingerprint(A_CHECK) == ("good good",)
    plugins.event(AN_EVENT)
    assert good.seen == [AN_EVENT]
    hooks = ("ftui_affected", "ftui_checks", "ftui_event", "ftui_fingerprint")
    assert plugins.loaded == (PluginInfo(name="good", origin="registered", module=__name__, hooks=hooks),)


def test_inputs_and_configuration_files_decide_what_affects_a_check_where_no_plugin_does() -> None:
    changed = frozenset({"src/a.py", "setup.cfg", "README.md"})
    assert Plugins().affected(A_CHECK, changed) == {"src/a.py", "setup.cfg"}
    assert Plugins().affected(A_CHECK, frozenset({"README.md"})) == frozenset()


def test_a_plugin_cannot_name_paths_that_have_not_changed() -> None:
    plugins = Plugins()
    plugins.register(plugin(ftui_affected=lambda changed: {"other", "a.py"}), "wide")
    assert plugins.affected(A_CHECK, frozenset({"a.py"})) == {"a.py"}


def test_a_check_that_one_adapter_offers_is_not_shown_as_unused_by_another(project: Project) -> None:
    plugins = Plugins()
    plugins.register(adapter(Unused(id="x", adapter="a", because="")), "a")
    plugins.register(adapter(check("x")), "b")
    discovery = plugins.discover(project)
    assert [item.id for item in discovery.checks] == ["x"]
    assert discovery.unused == ()


# A plugin that is not


def boom(*arguments: object) -> None:
    raise ValueError("boom\nwith a second line")


def leave(*arguments: object) -> None:
    sys.exit(3)


@pytest.mark.parametrize(("how", "said"), [(boom, "ValueError: boom with a second line"), (leave, "SystemExit: 3")])
def test_a_plugin_that_raises_in_each_hook_loses_only_itself(
    project: Project, how: Callable[..., object], said: str
) -> None:
    plugins, first, last = Plugins(), Good(), Good()
    plugins.register(first, "first")
    plugins.register(
        plugin(
            ftui_checks=lambda project: how(),
            ftui_affected=lambda check: how(),
            ftui_fingerprint=lambda check: how(),
            ftui_event=lambda event: how(),
        ),
        "bad",
    )
    plugins.register(adapter(check("last")), "last")
    plugins.register(plugin(ftui_event=lambda event: last.seen.append(event)), "observer")
    assert [item.id for item in plugins.discover(project).checks] == ["good", "last"]
    assert plugins.affected(A_CHECK, frozenset({"special"})) == {"special"}
    assert plugins.fingerprint(A_CHECK)[0] == "good good"
    plugins.event(AN_EVENT)
    plugins.event(AN_EVENT)
    assert first.seen == last.seen == [AN_EVENT, AN_EVENT]
    assert plugins.problems == [
        ("plugin bad", f"ftui_checks raised {said}; its checks are left out"),
        ("plugin bad", f"ftui_affected raised {said}"),
        ("plugin bad", f"ftui_fingerprint raised {said}"),
        ("plugin bad", f"ftui_event raised {said}; it is shown no further events"),
    ]


def test_an_adapter_that_raises_midway_loses_the_checks_it_gave_before(project: Project) -> None:
    def ftui_checks(project: Project) -> Iterator[Check]:
        yield check("half")
        boom()

    plugins = Plugins()
    plugins.register(plugin(ftui_checks=ftui_checks), "bad")
    assert plugins.discover(project).checks == ()
    assert len(plugins.problems) == 1


def test_a_fingerprint_that_fails_equals_no_other() -> None:
    plugins = Plugins()
    plugins.register(plugin(ftui_fingerprint=lambda check: [1]), "bad")
    assert plugins.fingerprint(A_CHECK) != plugins.fingerprint(A_CHECK)
    assert plugins.problems == [("plugin bad", "ftui_fingerprint gave something other than strings")]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no alarms")
def test_a_plugin_that_never_returns_from_a_hook_is_ended_and_not_asked_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def hang(hook: str) -> None:
        calls.append(hook)
        try:
            threading.Event().wait()
        except Exception:
            raise AssertionError("a plugin can swallow it") from None

    monkeypatch.setattr(bound, "LONGEST_S", 0.05)
    before = signal.getsignal(signal.SIGALRM)
    plugins = Plugins()
    plugins.register(
        plugin(ftui_checks=lambda project: hang("checks"), ftui_affected=lambda check: hang("affected")), "hung"
    )
    plugins.register(plugin(ftui_event=lambda event: hang("event")), "deaf")
    plugins.register(Good(), "good")
    for _ in range(2):
        assert [item.id for item in plugins.discover(project).checks] == ["good"]
        assert plugins.affected(A_CHECK, frozenset({"special"})) == {"special"}
        plugins.event(AN_EVENT)
    assert calls == ["checks", "event"]
    assert plugins.problems[0] == (
        "plugin hung",
        "ftui_checks raised NoAnswer: it did not return within 0.05 s; its checks are left out",
    )
    assert {source for source, _ in plugins.problems} == {"plugin hung", "plugin deaf"}
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.parametrize("where", ["in a thread", "without alarms"])
def test_where_no_alarm_can_end_it_a_plugin_that_never_returns_is_left_to_itself(
    project: Project, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    over = threading.Event()
    monkeypatch.setattr(bound, "LONGEST_S", 0.05)
    if where == "without alarms":
        monkeypatch.delattr(signal, "setitimer", raising=False)
    plugins = Plugins()
    plugins.register(plugin(ftui_checks=lambda project: over.wait()), "hung")
    plugins.register(plugin(ftui_checks=lambda project: boom()), "raising")
    plugins.register(plugin(ftui_checks=lambda project: sys.stdout.write("{") and None), "printing")
    plugins.register(Good(), "good")
    found: list[Discovery] = []
    if where == "in a thread":
        thread = threading.Thread(target=lambda: found.append(plugins.discover(project)))
        thread.start()
        thread.join()
    else:
        found.append(plugins.discover(project))
    over.set()
    assert [item.id for item in found[0].checks] == ["good"]
    assert dict(plugins.problems) == {
        "plugin hung": "ftui_checks raised NoAnswer: it did not return within 0.05 s; its checks are left out",
        "plugin raising": "ftui_checks raised ValueError: boom with a second line; its checks are left out",
        "plugin printing": "printed to standard output, which belongs to the report; this was dropped",
    }


def test_an_interrupt_is_not_taken_for_a_fault_of_the_plugin(project: Project) -> None:
    def ftui_checks(project: Project) -> None:
        raise KeyboardInterrupt

    plugins = Plugins()
    plugins.register(plugin(ftui_checks=ftui_checks), "slow")
    with pytest.raises(KeyboardInterrupt):
        plugins.discover(project)


@pytest.mark.parametrize(
    ("offered", "said"),
    [
        (["ruff"], "ftui_checks gave 'str', neither Check nor Unused"),
        ([check("a"), None], "ftui_checks gave 'NoneType', neither Check nor Unused"),
        ([Check(id="", adapter="bad", argv=("a",))], "a wrong Check: id is no printable name without spaces: ''"),
        ([Check(id="a b", adapter="bad", argv=("a",))], "a wrong Check: id is no printable name without spaces: 'a b'"),
        ([Check(id="a", adapter="", argv=("a",))], "a wrong Check: adapter is no printable name without spaces: ''"),
        ([Unused(id="a", adapter="", because="")], "a wrong Unused: adapter is no printable name"),
        ([Check(id="a", adapter="bad", argv="ruff check")], "a wrong Check: argv is no tuple of strings (a)"),  # type: ignore[arg-type]
        ([Check(id="a", adapter="bad", argv=())], "a wrong Check: argv is empty (a)"),
        ([Check(id="a", adapter="bad", argv=("a",), inputs=["*"])], "inputs is no tuple of strings (a)"),  # type: ignore[arg-type]
        ([Check(id="a", adapter="bad", argv=("a",), phase="slow")], "phase is no Phase (a)"),  # type: ignore[arg-type]
        ([Check(id="a", adapter="bad", argv=("a",), timeout=0.0)], "timeout is no number from 0.001 (a)"),
        ([Check(id="a", adapter="bad", argv=("a",), timeout=None)], "timeout is no number from 0.001 (a)"),  # type: ignore[arg-type]
        ([Check(id="a", adapter="bad", argv=("a",), weight=0)], "weight is no number from 1 (a)"),
        ([Check(id="a", adapter="bad", argv=("a",), parse=None)], "the reader of deep_look cannot be called (a)"),  # type: ignore[arg-type]
        ([Check(id="a", adapter="bad", argv=("a",), deep_look=("-v",))], "reader of deep_look cannot be called (a)"),  # type: ignore[arg-type]
        ([Check(id="a", adapter="bad", argv=("a\0",))], "argv has a NUL in it (a)"),
        ([Check(id="a", adapter="bad", argv=("a",), cwd="../b")], "cwd leads out of the root (a)"),
        ([Check(id="a", adapter="bad", argv=("a",), cwd="/b")], "cwd leads out of the root (a)"),
        ([Check(id="a", adapter="bad", argv=("a",), cwd=3)], "cwd: expected `str`, got `int` (a)"),  # type: ignore[arg-type]
        ([Check(id="a", adapter="bad", argv=("a",), profile="big")], "profile: invalid enum value 'big' (a)"),  # type: ignore[arg-type]
        ([Check(id="a", adapter="bad", argv=("a",), failed_codes=1)], "failed_codes: expected `array | null`"),  # type: ignore[arg-type]
        ([Check(id="a", adapter="bad", argv=("a",), ttl="1h")], "ttl: expected `float | null`, got `str` (a)"),  # type: ignore[arg-type]
        ([Unused(id="a", adapter="bad", because=None)], "a wrong Unused: because is no string (a)"),  # type: ignore[arg-type]
    ],
)
def test_an_answer_of_the_wrong_type_costs_the_plugin_its_checks(
    project: Project, offered: list[object], said: str
) -> None:
    plugins = Plugins()
    plugins.register(adapter(check("fine"), *offered), "bad")
    plugins.register(Good(), "good")
    assert [item.id for item in plugins.discover(project).checks] == ["good"]
    ((source, message),) = plugins.problems
    assert source == "plugin bad"
    assert said in message
    assert message.endswith("; its checks are left out")


@pytest.mark.parametrize("requires", [("b",), ("a", "early")])
def test_checks_that_require_each_other_cost_the_plugin_its_checks(project: Project, requires: tuple[str, ...]) -> None:
    plugins = Plugins()
    plugins.register(adapter(Check(id="early", adapter="one", argv=("true",), requires=("b",))), "one")
    plugins.register(adapter(Check(id="b", adapter="two", argv=("true",), requires=requires)), "two")
    plugins.register(Good(), "good")
    circle = " -> ".join(["b", "b"] if "b" in requires else ["b", "early", "b"])
    discovery = plugins.discover(project)
    assert [item.id for item in discovery.checks] == ["early", "good"]
    said = f"ftui_checks gave checks that go round in a circle: {circle}"
    assert plugins.problems == [("plugin two", f"{said}; its checks are left out")]
    assert discovery.lost == (f"plugin two: {said}",)


def test_an_answer_without_an_end_is_stopped(project: Project) -> None:
    plugins = Plugins()
    plugins.register(plugin(ftui_checks=lambda project: repeat(check("a"))), "bad")
    assert plugins.discover(project).checks == ()
    assert plugins.problems == [("plugin bad", "ftui_checks gave more than 10,000 things; its checks are left out")]


@pytest.mark.parametrize("answer", ["ruff", 3, check("a")])
def test_an_answer_that_is_no_list_is_a_problem(project: Project, answer: object) -> None:
    plugins = Plugins()
    plugins.register(plugin(ftui_checks=lambda project: answer), "bad")
    plugins.register(plugin(ftui_checks=lambda project: None), "silent")
    assert plugins.discover(project).checks == ()
    ((source, message),) = plugins.problems
    assert source == "plugin bad"
    assert "which is no list" in message


def test_paths_of_the_wrong_type_leave_the_decision_to_the_others() -> None:
    plugins = Plugins()
    plugins.register(plugin(ftui_affected=lambda check: "a.py"), "bad")
    assert plugins.affected(A_CHECK, frozenset({"a.py", "b.md"})) == {"a.py"}
    assert plugins.problems == [("plugin bad", "ftui_affected gave 'str', neither a frozenset of paths nor None")]


def test_of_two_checks_with_one_id_the_first_stays_and_the_second_plugin_is_named(project: Project) -> None:
    plugins = Plugins()
    plugins.register(adapter(check("same", "one")), "one")
    plugins.register(adapter(check("same", "two"), check("more", "two")), "two")
    assert [(item.id, item.adapter) for item in plugins.discover(project).checks] == [("same", "one"), ("more", "two")]
    assert plugins.problems == [("plugin two", "check 'same' is left out: adapter one has one of that name")]


def test_what_a_plugin_prints_never_reaches_standard_output(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    def ftui_checks(project: Project) -> Iterator[Check]:
        sys.stdout.write("debugging\n")
        yield check("a")

    def ftui_event(event: Event) -> None:
        sys.stdout.close()

    plugins = Plugins()
    plugins.register(plugin(ftui_checks=ftui_checks, ftui_event=ftui_event), "chatty")
    assert [item.id for item in plugins.discover(project).checks] == ["a"]
    plugins.event(AN_EVENT)
    sys.stdout.write("still open\n")
    assert capfd.readouterr().out == "still open\n"
    said = "printed to standard output, which belongs to the report; this was dropped"
    assert plugins.problems == [("plugin chatty", said)]


def test_a_problem_is_reported_as_it_happens_also_while_an_event_is_shown() -> None:
    reported: list[tuple[str, str]] = []
    plugins = Plugins()

    def report(source: str, message: str) -> None:
        reported.append((source, message))
        plugins.event(AN_EVENT)  # as the engine does: a problem is an event

    plugins.on_problem = report
    plugins.register(plugin(ftui_event=lambda event: boom()), "one")
    plugins.register(plugin(ftui_event=lambda event: boom()), "two")
    plugins.event(AN_EVENT)
    assert [source for source, _ in reported] == ["plugin one", "plugin two"]


# Registration


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (plugin(ftui_chekcs=lambda project: []), "there is no hook 'ftui_chekcs' (did you mean 'ftui_checks'?)"),
        (plugin(ftui_checks=lambda tree: []), "PluginValidationError: "),
        (ModuleType("empty"), "it implements no hook of ftui"),
        (None, "it implements no hook of ftui"),
    ],
)
def test_what_is_no_plugin_is_refused_with_the_reason(project: Project, bad: object, said: str) -> None:
    plugins = Plugins()
    plugins.register(bad, "bad")
    (info,) = plugins.loaded
    assert info.error is not None
    assert info.error.startswith(f"cannot be loaded: {said}")
    assert plugins.problems == [("plugin bad", info.error)]
    assert plugins.discover(project).checks == ()


def test_a_plugin_may_not_wrap_the_hooks_of_others(project: Project) -> None:
    module = ModuleType("wrapper")

    def ftui_checks(project: Project) -> Iterator[None]:
        yield

    module.ftui_checks = hookimpl(wrapper=True)(ftui_checks)  # type: ignore[attr-defined]
    plugins = Plugins()
    plugins.register(module, "wrapper")
    assert plugins.loaded[0].error is not None
    assert "it wraps ftui_checks" in plugins.loaded[0].error


def test_the_second_plugin_of_one_name_is_refused(project: Project) -> None:
    plugins = Plugins()
    plugins.register(Good(), "good")
    plugins.register(adapter(check("a")), "good")
    assert [info.error is None for info in plugins.loaded] == [True, False]
    assert "another plugin has this name" in str(plugins.loaded[1].error)
    assert [item.id for item in plugins.discover(project).checks] == ["good"]


# Entry points


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path with two distributions: one brings a good plugin, the other three that cannot be loaded."""
    site = tmp_path / "site"
    write(
        site,
        {
            "good_plugin_of_test.py": "from ftui.hookspecs import hookimpl\n\n\n"
            "@hookimpl\ndef ftui_fingerprint(check):\n    return ['from afar']\n",
            "broken_plugin_of_test.py": "print('importing')\nraise RuntimeError('no licence')\n",
            "leaving_plugin_of_test.py": "raise SystemExit('bye')\n",
            "good_dist-1.2.dist-info/METADATA": "Metadata-Version: 2.1\nName: good-dist\nVersion: 1.2\n",
            "good_dist-1.2.dist-info/entry_points.txt": "[ftui]\nfine = good_plugin_of_test\n",
            "bad_dist-3.dist-info/METADATA": "Metadata-Version: 2.1\nName: bad-dist\nVersion: 3\n",
            "bad_dist-3.dist-info/entry_points.txt": "[ftui]\n"
            "broken = broken_plugin_of_test\nleaving = leaving_plugin_of_test\nabsent = not_there_of_test:plugin\n",
        },
    )
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr(plugins_module, "BUILTIN", ())
    return site


@pytest.mark.usefixtures("installed")
def test_entry_points_are_read_only_when_asked_for_and_a_broken_one_is_a_warning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plugins = Plugins()
    plugins.load()
    assert list(plugins.loaded) == []
    plugins.load(entry_points=True)
    found: dict[str, PluginInfo] = {info.name: info for info in plugins.loaded}
    fine = PluginInfo(
        name="fine", origin="good-dist 1.2", module="good_plugin_of_test", hooks=("ftui_fingerprint",), error=None
    )
    assert found["fine"] == fine
    assert found["broken"].origin == "bad-dist 3"
    assert found["broken"].error == "cannot be loaded: RuntimeError: no licence"
    assert found["leaving"].error == "cannot be loaded: SystemExit: bye"
    assert str(found["absent"].error).startswith("cannot be loaded: ModuleNotFoundError: ")
    assert plugins.fingerprint(A_CHECK) == ("from afar",)
    assert {source for source, _ in plugins.problems} == {"plugin broken", "plugin leaving", "plugin absent"}
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("installed")
def test_a_plugin_asked_for_by_name_must_load() -> None:
    plugins = Plugins()
    plugins.require("fine")
    with pytest.raises(FtuiError, match=r"^plugin broken: cannot be loaded: RuntimeError: no licence$"):
        plugins.require("broken")
    with pytest.raises(FtuiError, match=r"^no plugin is called 'fin' \(did you mean 'fine'\?\): install the package"):
        plugins.require("fin")


def test_a_distribution_that_is_on_the_path_twice_is_one_plugin(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = "good_dist-1.1.dist-info/"
    write(
        tmp_path / "again",
        {
            f"{again}METADATA": "Metadata-Version: 2.1\nName: good-dist-fork\nVersion: 1.1\n",
            f"{again}entry_points.txt": (installed / "good_dist-1.2.dist-info" / "entry_points.txt").read_text(),
        },
    )
    monkeypatch.syspath_prepend(str(tmp_path / "again"))
    plugins = Plugins()
    plugins.load(entry_points=True)
    assert [info.name for info in plugins.loaded].count("fine") == 1


def test_a_plugin_that_needs_a_newer_ftui_is_not_imported_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        tmp_path / "site",
        {
            "new_plugin_of_test.py": "from ftui.model import WhatDoesNotExistYet\n",
            "new_dist-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: new-dist\nVersion: 1\n"
            "Requires-Dist: ftui<100,>=99.1\n",
            "new_dist-1.dist-info/entry_points.txt": "[ftui]\nnew = new_plugin_of_test\n",
        },
    )
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    plugins = Plugins()
    plugins.load(entry_points=True)
    said = f"cannot be loaded: it needs ftui 99.1 or newer, and this is {__version__}: upgrade ftui"
    assert plugins.problems == [("plugin new", said)]
    with pytest.raises(FtuiError, match=r"^plugin new: cannot be loaded: it needs ftui 99\.1 or newer"):
        plugins.require("new")


@pytest.mark.parametrize(
    ("requirement", "needed"),
    [
        ("ftui>=1.2,<2", "1.2"),
        ("ftui (>=1.2)", "1.2"),
        ("ftui[tools] ~= 1.2", "1.2"),
        ("FTUI==1.2.0rc1; python_version >= '3.11'", "1.2.0"),
        ("ftui", None),
        ("ftui<2,!=1.2", None),
        ("ftui>=1.1.0", None),
        ("ftui>=1.2; extra == 'next'", None),
        ("ftui-bandit>=9", None),
        ("ftui.extras>=9", None),
    ],
)
def test_only_a_lower_bound_of_ftui_itself_makes_it_too_old(requirement: str, needed: str | None) -> None:
    assert newer_needed(["pluggy>=9", requirement], "1.1") == needed
