"""Distributions with plugins that do wrong, each in a way of its own, and one that does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.conftest import write

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
import os, subprocess, sys, time
from ftui.hookspecs import hookimpl
from ftui.model import Check, Finding, Unused
RUN = (sys.executable, "-IS", "-c", "print('ran')")
def check(name, **more):
    return Check(**{"id": name, "adapter": name.partition(":")[0], "argv": RUN, "inputs": ("*.txt",), **more})
"""
CHECKS = "@hookimpl\ndef ftui_checks(project):\n    "
PARSE = "@hookimpl\ndef ftui_checks(project):\n    return [check('{name}', parse=parse)]\ndef parse(result):\n    "
EVENT = "@hookimpl\ndef ftui_event(event):\n    "
FINGERPRINT = "@hookimpl\ndef ftui_fingerprint(check):\n    "
AFFECTED = "@hookimpl\ndef ftui_affected(check, changed):\n    "
HANG = "while True: time.sleep(0.01)"
PRINTED = "printed to standard output, which belongs to the report; this was dropped"
LEFT_OUT = "; its checks are left out"


class Rude(NamedTuple):
    """A plugin that does wrong."""

    source: str
    said: str
    """How the line begins that names it; it stands in every command that asks the plugin."""
    requires: str = ""


LOADING = {
    "importing": Rude("raise RuntimeError('no licence')", "cannot be loaded: RuntimeError: no licence"),
    "leaving": Rude("raise SystemExit('bye')", "cannot be loaded: SystemExit: bye"),
    "endless": Rude(HANG, "cannot be loaded: NoAnswer: it did not return within"),
    "hookless": Rude("", "cannot be loaded: it implements no hook of ftui"),
    "misspelt": Rude("@hookimpl\ndef ftui_chekcs(project): ...", "cannot be loaded: there is no hook 'ftui_chekcs'"),
    "newer": Rude("from ftui.model import NotThereYet", "cannot be loaded: it needs ftui 99.1 or newer", "ftui>=99.1"),
}
"""What cannot be loaded."""

OFFERING = {
    "raising": Rude(CHECKS + "raise ValueError('boom')", "ftui_checks raised ValueError: boom" + LEFT_OUT),
    "exiting": Rude(CHECKS + "os.sys.exit(3)", "ftui_checks raised SystemExit: 3" + LEFT_OUT),
    "cancelling": Rude(
        CHECKS + "import asyncio; raise asyncio.CancelledError", "ftui_checks raised CancelledError" + LEFT_OUT
    ),
    "hanging": Rude(CHECKS + HANG, "ftui_checks raised NoAnswer: it did not return within"),
    "wrong-type": Rude(CHECKS + "return ['ruff']", "ftui_checks gave 'str', neither Check nor Unused" + LEFT_OUT),
    "no-list": Rude(CHECKS + "return 3", "ftui_checks gave 'int', which is no list" + LEFT_OUT),
    "wrong-field": Rude(
        CHECKS + "return [check('w', cwd=3)]",
        "ftui_checks gave a wrong Check: cwd: expected `str`, got `int` (w)" + LEFT_OUT,
    ),
    "circle": Rude(
        CHECKS + "return [check('circle', requires=('circle',))]",
        "ftui_checks gave checks that go round in a circle: circle -> circle" + LEFT_OUT,
    ),
    "duplicate": Rude(CHECKS + "return [check('good')]", "check 'good' is left out: adapter good has one of that name"),
    "printing": Rude(CHECKS + "print('{')\n    return []", PRINTED),
    "writing": Rude(CHECKS + "os.write(1, b'{')\n    return []", PRINTED),
    "original": Rude(CHECKS + "sys.__stdout__.write('{')\n    return []", PRINTED),
    "starting": Rude(CHECKS + "subprocess.run([sys.executable, '-c', 'print(1)'])\n    return []", PRINTED),
}
"""What does wrong when it is asked for its checks."""

RUNNING = {
    "parse-raises": Rude(PARSE + "raise KeyError('x')", "could not read the output of parse-raises: KeyError: 'x'"),
    "parse-exits": Rude(PARSE + "sys.exit(3)", "could not read the output of parse-exits: SystemExit: 3"),
    "parse-hangs": Rude(PARSE + HANG, "could not read the output of parse-hangs: NoAnswer: it did not return within"),
    "parse-hangs-apart": Rude(
        (PARSE + HANG).replace("parse=parse", "parse=parse, env=('A={{scratch}}',)"),
        "could not read the output of parse-hangs-apart: NoAnswer: it did not return within",
    ),
    "parse-gives-none": Rude(PARSE + "return None", "could not read the output of parse-gives-none: TypeError: "),
    "parse-gives-text": Rude(PARSE + "return ['x']", "could not read the output of parse-gives-text: TypeError: "),
    "parse-gives-wrong": Rude(
        PARSE + "return [Finding('x', line='3')]", "could not read the output of parse-gives-wrong: TypeError: "
    ),
    "parse-prints": Rude(PARSE + "print('{')\n    return []", PRINTED),
    "parse-prints-apart": Rude(
        (PARSE + "print('{')\n    return []").replace("parse=parse", "parse=parse, env=('A={{scratch}}',)"), PRINTED
    ),
    "event-raises": Rude(EVENT + "raise ValueError('boom')", "ftui_event raised ValueError: boom; it is shown no furt"),
    "event-hangs": Rude(EVENT + HANG, "ftui_event raised NoAnswer: it did not return within"),
    "event-prints": Rude(EVENT + "print('{'); os.write(1, b'{')", PRINTED),
    "fingerprint-raises": Rude(FINGERPRINT + "raise ValueError('boom')", "ftui_fingerprint raised ValueError: boom"),
    "fingerprint-hangs": Rude(FINGERPRINT + HANG, "ftui_fingerprint raised NoAnswer: it did not return within"),
    "fingerprint-wrong": Rude(FINGERPRINT + "return [1]", "ftui_fingerprint gave something other than strings"),
}
"""What does wrong in a run."""

CHANGING = {
    "affected-raises": Rude(AFFECTED + "raise ValueError('boom')", "ftui_affected raised ValueError: boom"),
    "affected-hangs": Rude(AFFECTED + HANG, "ftui_affected raised NoAnswer: it did not return within"),
    "affected-wrong": Rude(AFFECTED + "return 'a.txt'", "ftui_affected gave 'str', neither a frozenset of paths nor"),
    "affected-prints": Rude(AFFECTED + "print('{')", PRINTED),
}
"""What does wrong when something has changed."""


def install(site: Path, rude: dict[str, Rude]) -> Path:
    """Puts plugins into a folder for PYTHONPATH, the good one before them."""
    plugins = {"good": Rude(CHECKS + "return [check('good', because='always')]", ""), **rude}
    for name, plugin in plugins.items():
        module = f"rude_{name.replace('-', '_')}"
        info = f"{'a' if name == 'good' else 'b'}_{module}-1.0.dist-info"
        requires = f"Requires-Dist: {plugin.requires}\n" if plugin.requires else ""
        source = plugin.source.replace("{name}", name).replace("{{", "{").replace("}}", "}")
        write(
            site,
            {
                f"{module}.py": f"{HEAD}{source}\n",
                f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n{requires}",
                f"{info}/entry_points.txt": f"[ftui]\n{name} = {module}\n",
            },
        )
    return site
