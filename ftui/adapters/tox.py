"""Environments of tox."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from ftui.adapters import _output, _python, _tasks
from ftui.adapters._braces import expanded
from ftui.errors import NoVerdict
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Finding, Unused

if TYPE_CHECKING:
    from ftui.model import ProcessResult

_ENVIRONMENT = (
    *("TOX_DISCOVER", "TOX_OVERRIDE", "TOX_WORK_DIR", "PIP_*", "UV_*", "VIRTUALENV_*", *_python.ENVIRONMENT),
)
_MOST = 200
"""Environments that are looked at."""
_NAME = re.compile(r"[\w.][\w.-]*")

_SUMMARY = re.compile(
    r"^  (?P<name>\S+): (?P<end>OK|SKIP|(?:IGNORED )?FAIL code -?\d+) \(\d.*?(?P<ran>\+?cmd\[.*\])? seconds\)$",
    re.MULTILINE,
)
"""What tox 4 says of an environment at the end, with the times of its commands where any ran."""
_NOT_RUN = re.compile(r"^\S+: (?:Exception running subprocess|skipped because) .*$", re.MULTILINE)


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """The environments that the configuration of tox names, where the user's own asks for them."""
    where, names = _environments(project)
    if where is None:
        yield Unused(id="tox", adapter="tox", because="none of: tox.ini, tox.toml, [tool.tox], [tox:tox] in setup.cfg")
        return
    known = [name for name in names if _NAME.fullmatch(name) and not _tasks.is_harmful(name)]
    for name in known:
        if f"tox:{name}" in project.checks:
            install = f"{_python.installer(project)} tox"
            yield _tasks.check(
                project, "tox", name, ("-e", name), where, install=install, env=_ENVIRONMENT, parse=parse
            )
    left = [name for name in known if f"tox:{name}" not in project.checks]
    if left:
        yield _tasks.on_request("tox", left, where)
    elif not known:
        yield Unused(id="tox", adapter="tox", because=f"{where} names no environment")


def parse(result: ProcessResult) -> Iterator[Finding]:
    """Finds out whether a command of the environment failed: tox exits as that did, or with codes of its own.

    Raises:
        NoVerdict: no command ran, because of the environment or because it has none.
    """
    ends = list(_SUMMARY.finditer(result.stdout))
    reason = _NOT_RUN.search(result.stdout)
    if not ends:
        raise NoVerdict(f"tox came to no verdict, or is older than 4{_output.last_words(result)}")
    if reason is not None and result.exit_code:
        raise NoVerdict(reason[0])
    if not all(end["ran"] for end in ends):
        raise NoVerdict("no command of the environment was run")
    yield from ()


def _environments(project: Project) -> tuple[str | None, list[str]]:
    """The file that configures tox, and the environments that it names."""
    pyproject = _python.table(project.toml("pyproject.toml"), "tool", "tox")
    sections = project.ini("tox.ini")
    if any(name == "tox" or name.startswith("testenv") for name in sections):  # others keep their settings there too
        return "tox.ini", _of_ini(sections, "tox")
    if "tox:tox" in (sections := project.ini("setup.cfg")):
        return "setup.cfg", _of_ini(sections, "tox:tox")
    if pyproject is not None:
        legacy = pyproject.get("legacy_tox_ini")
        names = _of_ini(_ini(legacy), "tox") if isinstance(legacy, str) else _of_toml(pyproject)
        return "[tool.tox] of pyproject.toml", names
    if content := project.toml("tox.toml"):
        return "tox.toml", _of_toml(content)
    return None, []


def _of_ini(sections: Mapping[str, Mapping[str, str]], own: str) -> list[str]:
    settings = sections.get(own, {})
    listed = settings.get("env_list") or settings.get("envlist") or ""
    lines = [line.partition("#")[0] for line in listed.splitlines()]
    # Commas part words, but not within braces.
    words = [word.strip() for line in lines for word in re.findall(r"(?:\{[^{}]*\}|[^,{}])+", line)]
    words += [name.removeprefix("testenv:") for name in sections if name.startswith("testenv:")]
    names = (name.replace(" ", "") for word in words for name in islice(expanded(word), _MOST))
    return list(dict.fromkeys(filter(None, islice(names, _MOST))))


def _of_toml(content: Mapping[str, object]) -> list[str]:
    listed = _python.strings(content.get("env_list"))
    return list(islice(dict.fromkeys((*listed, *(_python.table(content, "env") or ()))), _MOST))


def _ini(text: str) -> Mapping[str, Mapping[str, str]]:
    import configparser

    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    return {section: dict(parser.items(section)) for section in parser.sections()}
