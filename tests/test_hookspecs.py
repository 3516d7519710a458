from __future__ import annotations

import inspect
import typing

import pluggy
import pytest

from ftui import hookspecs

manager = pluggy.PluginManager("ftui")
manager.add_hookspecs(hookspecs)
CALLERS = [caller for caller in vars(manager.hook).values() if isinstance(caller, pluggy.HookCaller)]
MEMBERS = [name for name in vars(hookspecs.Project) if not name.startswith("_")]


def test_the_hooks_are_those_that_the_design_names() -> None:
    assert sorted(caller.name for caller in CALLERS) == [
        "ftui_affected",
        "ftui_checks",
        "ftui_event",
        "ftui_fingerprint",
    ]


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
def test_every_hook_says_what_it_is_for_and_is_typed_throughout(caller: pluggy.HookCaller) -> None:
    function = getattr(hookspecs, caller.name)
    assert inspect.getdoc(function)
    assert typing.get_type_hints(function).keys() == {*inspect.signature(function).parameters, "return"}


@pytest.mark.parametrize("name", MEMBERS)
def test_all_that_an_adapter_may_ask_of_a_project_is_documented_and_typed(name: str) -> None:
    member = vars(hookspecs.Project)[name]
    function = member.fget if isinstance(member, property) else member
    assert callable(function)
    assert inspect.getdoc(function)
    hints = typing.get_type_hints(function)
    assert hints.keys() == {*inspect.signature(function).parameters, "return"} - {"self"}
