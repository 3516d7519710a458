"""The command line: one table of commands and options, with errors that name the nearest valid word."""

from __future__ import annotations

import argparse
import re
import sys
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from ftui import __version__
from ftui.errors import FtuiError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    Commands: TypeAlias = "argparse._SubParsersAction[Parser]"

EXAMPLES = """\
  ftui --no-ui                  watch; options as `ftui run --help` shows them
  ftui run mypy                 run one check, and what it requires
  ftui run --changed main       only what the changes since main affect
"""


class Help(argparse.RawDescriptionHelpFormatter):
    """Help that fits a screen: commands right below their title, and options on the line of what they do."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=31)
        self._action_max_length = 14  # commands and what they do stand in columns, whatever else is listed

    def _format_action(self, action: argparse.Action) -> str:
        text = super()._format_action(action)
        return text.partition("\n")[2] if isinstance(action, argparse._SubParsersAction) else text


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, with the nearest valid word."""

    def read(self, arguments: Sequence[str]) -> argparse.Namespace:
        """The options of a command line.

        Raises:
            FtuiError: an unknown option or argument, named with the nearest one of the command that was given.
        """
        options, unknown = self.parse_known_args(arguments)
        chosen = options.parser or self
        if chosen is not self and arguments[0].startswith("-"):
            raise FtuiError(f"{arguments[0]} belongs behind the command: `{chosen.prog} {arguments[0]}`")
        if unknown:
            known = [option for action in chosen._actions for option in action.option_strings]
            word = unknown[0].partition("=")[0]
            if word.startswith("-"):
                raise FtuiError(f"unknown option {word}{nearest(word, known)}; see `{chosen.prog} --help`")
            raise FtuiError(f"unexpected argument {word!r}; see `{chosen.prog} --help`")
        return options

    def commands(self) -> dict[str, argparse.ArgumentParser]:
        """The sub-commands by name."""
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                return dict(action.choices)
        return {}

    def error(self, message: str) -> NoReturn:
        """Raises the message as an expected error; an unknown command comes with the nearest one."""
        choice = re.search(r"invalid choice: '([^']*)'", message)
        if choice and self.commands():
            raise FtuiError(f"unknown command {choice[1]!r}{nearest(choice[1], self.commands())}")
        raise FtuiError(f"{message.removeprefix('argument ')}; see `{self.prog} --help`")


def build(*, commands: bool = True) -> Parser:
    """The parser of the whole command line; `options.command(options)` runs what was asked for.

    Args:
        commands: whether any of them can have been named; the screen does not wait for what cannot.
    """
    parser = Parser(
        prog="ftui",
        description="Reruns the checks an edit affects, and says what each cost and why it ran.",
        epilog=EXAMPLES,
        usage="ftui [options] | ftui COMMAND ... | ftui --version",
        formatter_class=Help,
        allow_abbrev=False,
    )
    parser.add_argument("--version", "-V", action="version", version=f"ftui {__version__}")
    for group in (_place, _choice, _pass, _fresh, _reports, _debug):
        group(parser)
    for action in parser._actions:
        action.help = argparse.SUPPRESS  # `ftui run --help` says what they are; this help fits a screen
    parser.set_defaults(command=_lazy("watch:watch"), parser=None)
    if commands:
        _commands(parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser, prog="ftui"))
    return parser


def _commands(commands: Commands) -> None:
    command = partial(_command, commands)
    about = "one pass over the checks, then exit"
    run = command("run", "run:run", about, _place, _choice, _pass, _fresh, _reports, arguments="[CHECK ...] ")
    run.add_argument("checks", nargs="*", metavar="CHECK", help="only these, and what they require")
    run.add_argument(
        "--until-fail", type=_number, metavar="N", help="run them again and again, until one fails or N times"
    )
    run.add_argument(
        "--changed", nargs="?", const="HEAD", metavar="REF", help="only what changes since REF affect [HEAD]"
    )
    why = command("why", "why:why", "why a check would run now, or would not", _place, arguments="CHECK ")
    why.add_argument("check", metavar="CHECK", help="as `ftui list` names it")
    why.add_argument("--format", choices=("text", "json"), default="text", help="on standard output")
    tune = command("tune", "tune:tune", "which changes of the configuration would save most", _place, _choice)
    tune.add_argument(
        "--apply",
        nargs="?",
        type=_number,
        const=1,
        metavar="N",
        help="write advice number N into the configuration [1]",
    )
    tune.add_argument(
        "--measure", action="store_true", help='run the tests with workers and without, for workers = "auto"'
    )
    tune.add_argument("--format", choices=("text", "json"), default="text", help="on standard output")
    deep = command("profile", "profile:profile", "where the time of a check goes", _place, arguments="CHECK ")
    deep.add_argument("check", metavar="CHECK", help="as `ftui list` names it; it runs once more, and nothing is kept")
    deep.add_argument("--format", choices=("text", "json"), default="text", help="on standard output")
    command("list", "listing:list_checks", "checks, phases and profiles, and why each is active or not", _place)
    _plugins(command)
    _history(command)
    _slo(command)
    _flakes(command)
    _log(command)
    command("init", "init:init", "write a commented [tool.ftui] for what is found here", _place)
    _cache(commands)
    replay = command("replay", "replay:replay", "play a recorded event stream", _reports, arguments="FILE ")
    replay.add_argument("file", metavar="FILE", help="as written by --record or --format ndjson")
    schema = command("schema", "schema:schema", "print the JSON schema of the report")
    which = schema.add_mutually_exclusive_group()
    which.add_argument("--config", dest="of", action="store_const", const="config", help="of the configuration")
    which.add_argument("--events", dest="of", action="store_const", const="events", help="of the event stream")
    which.add_argument("--history", dest="of", action="store_const", const="history", help="of `ftui history`")
    which.add_argument("--slo", dest="of", action="store_const", const="slo", help="of `ftui slo`")
    which.add_argument("--flakes", dest="of", action="store_const", const="flakes", help="of `ftui flakes`")
    schema.set_defaults(of="report")
    command("demo", "demo:demo", "run real checks on a small bundled project", _pass, _fresh, _reports)


def _command(
    commands: Commands,
    name: str,
    run: str,
    about: str,
    *groups: Callable[[argparse.ArgumentParser], None],
    arguments: str = "",
) -> Parser:
    sub = commands.add_parser(name, help=about, description=about, formatter_class=Help, allow_abbrev=False)
    sub.usage = f"{sub.prog} {arguments}[options]"
    sub.set_defaults(command=_lazy(run), parser=sub)
    for group in groups:
        group(sub)
    _debug(sub)
    return sub


def _plugins(command: Callable[..., Parser]) -> None:
    about = "what is loaded, from where, and what failed"
    plugins = command("plugins", "listing:list_plugins", about, _place, arguments="[new NAME] ")
    within = plugins.add_subparsers(metavar="WHAT", parser_class=Parser, prog="ftui plugins")
    new = _command(within, "new", "plugins:new", "write a plugin that works, to start from", arguments="NAME ")
    new.add_argument("name", metavar="NAME", help="of the tool that it brings: the folder is ftui-NAME")
    new.add_argument("--into", metavar="DIR", default=".", help="where the folder is made [here]")


def _history(command: Callable[..., Parser]) -> None:
    about = "what earlier runs took and came to"
    history = command("history", "history:history", about, _root, arguments="[CHECK ...] ")
    history.add_argument("checks", nargs="*", metavar="CHECK", help="only these, result by result")
    history.add_argument("--limit", type=_number, default=20, metavar="N", help="runs that are looked at [20]")
    history.add_argument("--run", metavar="ID", help="only this run; the beginning of its id will do")
    history.add_argument("--format", choices=("text", "json", "csv"), default="text", help="on standard output")
    history.add_argument("--html", metavar="FILE", help="write a report for a browser instead")
    history.add_argument("--trace", metavar="FILE", help="write a trace of the run, for Perfetto, instead")


def _slo(command: Callable[..., Parser]) -> None:
    about = "whether checks and profiles keep to their budgets"
    slo = command("slo", "slo:slo", about, _place, _choice)
    slo.add_argument("--summary", metavar="FILE", help="also write a table in Markdown")
    slo.add_argument("--format", choices=("text", "json"), default="text", help="on standard output")


def _flakes(command: Callable[..., Parser]) -> None:
    about = "checks that came to two outcomes on the same inputs"
    flakes = command("flakes", "flakes:flakes", about, _place, arguments="[CHECK] ")
    flakes.add_argument("check", nargs="?", metavar="CHECK", help="only this one, with both outputs")
    flakes.add_argument("--clear", action="store_true", help="forget them: passes are taken from the cache again")
    flakes.add_argument("--format", choices=("text", "json"), default="text", help="on standard output")


def _log(command: Callable[..., Parser]) -> None:
    log = command("log", "log:log", "what ftui did, line by line", _root)
    log.add_argument("--run", metavar="ID", help="only this run; the beginning of its id will do")
    log.add_argument("--check", metavar="CHECK", help="only this check")
    log.add_argument("--level", choices=("info", "warning", "error"), default="info", help="at least so urgent [info]")
    log.add_argument("--limit", type=_number, default=50, metavar="N", help="lines at most [50]")
    log.add_argument("--all", action="store_true", help="of all projects")
    log.add_argument("--follow", "-f", action="store_true", help="go on with what is added, until interrupted")
    log.add_argument("--format", choices=("text", "json"), default="text", help="on standard output")


def _cache(commands: Commands) -> None:
    cache = commands.add_parser("cache", help="what is kept of earlier runs", allow_abbrev=False)
    command = partial(_command, cache.add_subparsers(metavar="WHAT", required=True, parser_class=Parser))
    command("stats", "cache:stats", "how much is kept, and where")
    command("prune", "cache:prune", "remove what nothing needs any more")
    verify = command("verify", "cache:verify", "drop results that are not what was written", _place)
    verify.add_argument(
        "--audit", nargs="?", type=_number, const=sys.maxsize, metavar="N", help="also run N hits again [all of them]"
    )
    verify.set_defaults(workers=None, fail_fast=False, force=False, format="text", no_ui=False, junit=None, record=None)
    verify.set_defaults(history=True)
    clear = command("clear", "cache:clear", "forget all results", _place)
    clear.add_argument("--tree", action="store_true", help="only those of this project")


def _root(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--root", metavar="DIR", help="the project [found from here upwards]")


def _place(parser: argparse.ArgumentParser) -> None:
    _root(parser)
    parser.add_argument("--config", metavar="FILE", help="instead of the project's own configuration")


def _choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", metavar="NAME", help="fast, dev, full, or one of your own")


def _pass(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", type=_workers, metavar="N|auto", help="worker slots [auto: the cores]")
    parser.add_argument(
        "--fail-fast", action=argparse.BooleanOptionalAction, help="stop at the first failure", default=None
    )
    parser.set_defaults(history=True)


def _fresh(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="run every check, whatever is known from before")


def _reports(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json", "ndjson"), default="text", help="on standard output")
    parser.add_argument("--no-ui", action="store_true", help="plain lines, on a terminal too")
    parser.add_argument("--junit", metavar="FILE", help="also write a JUnit report")
    parser.add_argument("--record", metavar="FILE", help="also write the event stream, for `ftui replay`")


def _debug(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--debug", action="store_true", help="show a traceback where ftui itself fails")


def _workers(text: str) -> int | str:
    if text == "auto":
        return text
    try:
        return _number(text)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number from 1 nor auto") from error


def _number(text: str) -> int:
    if text.isascii() and text.isdecimal() and int(text) >= 1:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")


def _lazy(target: str) -> Callable[[argparse.Namespace], int]:
    """The function `module:name` of this package, imported when it is called: a command pays for itself alone."""

    def call(options: argparse.Namespace) -> int:
        from importlib import import_module

        module, _, name = target.partition(":")
        code: int = getattr(import_module(f"ftui.cli.{module}"), name)(options)
        return code

    return call
