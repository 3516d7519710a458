"""Which parts of a Python file an edit changes, and which mentions make a part count."""

from __future__ import annotations

import pytest

from ftui.adapters.pytest_plugin.ftui_pytest_parts.source import TOP, Source

CODE = """
'''About.'''
import functools
import other as known, same as same
LIMIT, TIMES = 3, 4
SIZE = 2 * 3
__version__ = "1"

class Plain(Base):
    "A docstring."
    kind = "a"

    def __init__(self, size=1):
        self.size = size

    @property
    def twice(self):
        "Twice."
        return self.size * 2

    @register("x")
    def hooked(self, by=1):
        return by

@dataclass
class Made:
    def get(self, key=None):
        return key

def outer(a, *, b=SIZE):
    def inner(c=1):
        return c
    return inner

def outer():
    yield 1

@functools.cache
def kept():
    return build()
"""


def changed(old: str, new: str, path: str = "a.py") -> set[str]:
    """The names of the parts that replacing a text changes."""
    assert old in CODE
    before, after = (Source(code.encode(), path).digests for code in (CODE, CODE.replace(old, new, 1)))
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("return self.size * 2", "return self.size * 3", {"Plain.twice"}),
        ("return c", "return -c", {"outer"}),
        ("yield 1", "yield 2", {"outer'"}),
        ("yield 1", "return 1", {"outer'", TOP}),
        ("b=SIZE", "b=0", {"outer()"}),
        ("size=1", "size=2", {"Plain.__init__()"}),
        ('"Twice."', '"Two times."', {"Plain.twice()"}),
        ("key=None", "key=0", {TOP}),
        ("by=1", "by=2", {TOP}),
        ('"x"', '"y"', {TOP}),
        ("SIZE = 2 * 3", "SIZE = 2 * 4", {"=SIZE"}),
        ("SIZE = 2 * 3", "SIZE = int(6)", {"=SIZE", TOP}),
        ("LIMIT, TIMES = 3", "LIMIT, TIMES = 2", {TOP}),
        ('__version__ = "1"', '__version__ = "2"', {TOP}),
        ('kind = "a"', 'kind = "b"', {TOP}),
        ("A docstring.", "Another one.", {"=Plain.__doc__"}),
        ("About.", "On.", {"=__doc__"}),
        ("import functools", "import functools  # for caches", set()),
        ("import functools", "\n\nimport functools", set()),
        ("def kept", "def held", {"kept", "kept()", "held", "held()", TOP}),
    ],
)
def test_an_edit_changes_the_parts_that_it_is_in(old: str, new: str, parts: set[str]) -> None:
    assert changed(old, new) == parts


def test_a_file_that_is_no_python_has_one_part() -> None:
    assert Source(b"def (", "a.py").digests.keys() == {TOP}


def test_the_decorators_of_a_test_are_its_own() -> None:
    code = b"@mark(1)\ndef test_a(): pass\n"
    before, after = Source(code, "test_a.py").digests, Source(code.replace(b"1", b"2"), "test_a.py").digests
    assert {name for name in before if before[name] != after[name]} == {"test_a()"}


def test_a_part_counts_for_whoever_mentions_its_name() -> None:
    source = Source(CODE.encode(), "a.py")
    assert source.named["SIZE"] == {"=SIZE"}
    assert source.named["Plain"] == {"=Plain.__doc__", "Plain.__init__()"}
    assert source.named["kept"] == {"kept", "kept()"}
    assert "SIZE" in source.mentions["outer()"]
    assert {"other", "same", "SIZE", "LIMIT"} & source.mentions[TOP] == {"other"}


@pytest.mark.parametrize("stem", ["conftest", "settings"])
def test_constants_that_others_read_without_a_mention_belong_to_the_rest(stem: str) -> None:
    assert "=SIZE" not in Source(CODE.encode(), f"{stem}.py").digests


@pytest.mark.parametrize(
    ("body", "keeps"),
    [
        ("x = 1; return x", False),
        ("x = []; x.append(1); return x", False),
        ("seen.append(1)", True),
        ("seen[1] = 2", True),
        ("global one; one = 1", True),
        ("self.value = 1", True),
        ("cls.value = 1", True),
        ("def inner(): found[1] = 1\n    found = {}; return inner", True),
        ("one.two.three = 1", True),
        ("return [x for x in self.items]", False),
    ],
)
def test_functions_that_may_keep_something_for_later_are_known(body: str, keeps: bool) -> None:
    source = Source(f"def function(self, cls):\n    {body}\n".encode(), "a.py")
    assert ("function" in source.keepers) is keeps


def test_a_constructor_keeps_what_it_makes_for_nobody_else() -> None:
    assert not Source(b"class A:\n    def __init__(self):\n        self.a = 1\n", "a.py").keepers


def test_a_line_belongs_to_the_outermost_function_around_it() -> None:
    source = Source(CODE.encode(), "a.py")
    lines = CODE.splitlines()
    assert source.block_at(lines.index("        return c") + 1) == "outer"
    assert source.block_at(lines.index("    @property") + 1) == "Plain.twice"
    assert source.block_at(lines.index("SIZE = 2 * 3") + 1) == TOP
