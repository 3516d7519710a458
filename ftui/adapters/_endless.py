"""Scripts of package.json that never end by themselves: watchers and servers, however many scripts lie before them.

What ends where `CI=1` is set and nobody sits at a terminal, such as a bare `vitest`, is not among them.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import chain, dropwhile

MANAGERS = ("npm", "pnpm", "yarn", "bun")

_SERVERS = (
    *("nodemon", "ts-node-dev", "tsnd", "webpack-dev-server", "live-server", "browser-sync", "json-server"),
    *("http-server", "serve", "onchange", "chokidar", "watchexec", "entr"),
)
"""Programs that do nothing else."""

_SERVING_UNLESS = {
    "vite": ("build", "optimize"),
    "next": ("build", "lint", "export", "info", "typegen"),
    "parcel": ("build",),
    "start-storybook": (),
}
"""Programs that serve unless one of these words is among their arguments."""

_SERVING_WITH = {
    "nuxt": ("dev", "preview"),
    "astro": ("dev", "preview"),
    "remix": ("dev",),
    "rsbuild": ("dev", "preview"),
    "rspack": ("dev", "serve"),
    "webpack": ("serve", "server", "s", "watch", "w"),
    "vitest": ("watch", "dev"),
    "storybook": ("dev",),
    "gatsby": ("develop", "serve"),
    "vue-cli-service": ("serve",),
    "react-scripts": ("start",),
    "nest": ("start",),
    "ng": ("serve",),
    "expo": ("start",),
    "wrangler": ("dev",),
    "tsx": ("watch",),
    "cypress": ("open",),
    "turbo": ("watch",),
    "nx": ("watch", "serve"),
}
"""Programs that watch or serve where one of these is the first word of their arguments that is no option."""

_SHORT = (
    *("tsc", "vue-tsc", "vitest", "mocha", "ava", "rollup", "webpack", "rspack", "swc", "babel", "tailwindcss"),
    *("sass", "tsup", "esw"),
)
"""Programs to which `-w` means `--watch`: to jest it is a number of workers."""

_WRAPPERS = ("cross-env", "cross-env-shell", "env", "dotenv", "npx", "bunx", "time", "exec", "command", "nice")
_IN_SEQUENCE = ("npm-run-all", "npm-run-all2", "run-s", "run-p", "run-z")
_IN_WORKSPACES = ("lerna", "turbo", "nx", "wsrun", "ultra")
_ELSEWHERE = frozenset(
    (
        *("-r", "--recursive", "-ws", "--workspaces", "--filter", "-F", "--workspace", "-w", "workspace", "workspaces"),
        *("--prefix", "-C", "--dir", "--cwd"),
    )
)
"""Words that make a package manager run a script of another package."""
_SHELLS = ("sh", "bash", "zsh", "dash")
_MOST = 100
"""Scripts that are looked at for one; who calls more is taken to end."""

Scripts = Mapping[str, str]


def endless(name: str, here: Scripts, elsewhere: Sequence[Scripts] = ()) -> str | None:
    """The command that keeps a script from ending, in it or in another that it calls; None where there is none.

    Args:
        name: of the script.
        here: the scripts of its package.
        elsewhere: those of the other packages that it may call.
    """
    return next((" ".join(words) for words in commands(name, here, elsewhere) if _never_ends(words)), None)


def commands(name: str, here: Scripts, elsewhere: Sequence[Scripts] = ()) -> Iterator[list[str]]:
    """The commands of a script and of those that it calls, each from its program on, which has lost its folder."""
    pending: list[tuple[str, Scripts]] = [(name, here)]
    seen: set[tuple[str, int]] = set()
    while pending and len(seen) < _MOST:
        script, scripts = pending.pop()
        if (script, id(scripts)) in seen:
            continue
        seen.add((script, id(scripts)))
        for part in (f"pre{script}", script, f"post{script}"):
            for words in _commands(scripts.get(part, "")):
                yield words
                pending += _called(words, scripts, elsewhere)


def _commands(text: str) -> Iterator[list[str]]:
    """The commands of a text for a shell, those within `sh -c` and `concurrently` too, each from its program on."""
    pending = [text]
    while pending:
        for words in split(pending.pop()):
            command = _bare(words)
            if not command:
                continue
            program, *rest = command
            if program in _SHELLS and "-c" in rest[:-1]:
                pending.append(rest[rest.index("-c") + 1])
            elif program in ("concurrently", "conc"):
                # With -k it ends all others when one ends, as a server when the tests are through.
                pending += [] if {"-k", "--kill-others"}.intersection(rest) else map(_of_concurrently, rest)
            else:
                yield command


def split(text: str) -> Iterator[list[str]]:
    """The words of each command in a text for a shell."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";&|()<>\n")
    lexer.whitespace_split = True
    lexer.whitespace = " \t\r"
    lexer.commenters = ""
    try:
        words = list(lexer)
    except ValueError:  # a quotation that does not end
        words = text.split()
    command: list[str] = []
    for word in words:
        if set(word) <= set(";&|()<>\n"):
            yield command
            command = []
        else:
            command.append(word)
    yield command


def _of_concurrently(word: str) -> str:
    """An argument of concurrently as a command: `npm:build` stands for `npm run build`."""
    manager, colon, script = word.partition(":")
    return f"{manager} run {shlex.quote(script)}" if colon and manager in (*MANAGERS, "node", "deno") else word


def _bare(words: list[str]) -> list[str]:
    """A command from its program on, which is named without folder and suffix."""
    while words:
        program = posixpath.basename(words[0].replace("\\", "/")).removesuffix(".cmd").removesuffix(".js")
        if re.match(r"[A-Za-z_]\w*=", words[0]):
            words = words[1:]
        elif program in _WRAPPERS:
            words = list(dropwhile(_is_option, words[1:]))
        elif program in MANAGERS and words[1:2] and words[1] in ("exec", "dlx", "x"):
            words = list(dropwhile(_is_option, words[2:]))
        else:
            return [program, *words[1:]]
    return []


def _is_option(word: str) -> bool:
    return word.startswith("-")


def _never_ends(command: list[str]) -> bool:
    program, *rest = command
    if program in _SERVERS:
        return True
    if program in _SERVING_UNLESS and not {*_SERVING_UNLESS[program], "--help", "--version"}.intersection(rest):
        return True
    if next((word for word in rest if not _is_option(word)), None) in _SERVING_WITH.get(program, ()):
        return True
    for word, following in zip(rest, [*rest[1:], ""], strict=False):
        flag, _, value = word.partition("=")
        if flag in ("--watch", "--watchAll", "--watch-path") or (flag == "-w" and program in _SHORT):
            return (value or following) not in ("false", "0")
    return False


def _called(words: list[str], here: Scripts, elsewhere: Sequence[Scripts]) -> Iterator[tuple[str, Scripts]]:
    """The scripts that a command runs."""
    program, *rest = words
    nouns = [word for word in rest if not _is_option(word)]
    if program in _IN_SEQUENCE:
        patterns = [] if {"-r", "--race"}.intersection(rest) else [noun.split(" ")[0] for noun in nouns]
    elif program in _IN_WORKSPACES:
        targets = (word.partition("=")[2] for word in rest if word.startswith(("--target=", "--targets=")))
        patterns = [*nouns, *chain.from_iterable(target.split(",") for target in targets)]
    elif program in MANAGERS:
        scopes = (here, *elsewhere) if _ELSEWHERE.intersection(word.partition("=")[0] for word in rest) else (here,)
        names = ["test", *nouns[1:]] if nouns[:1] in (["t"], ["tst"]) else nouns
        # The first word that is a script is the one; a pattern can only come from concurrently.
        known = (name for name in names if "*" in name or any(name in scripts for scripts in scopes))
        patterns = list(dict.fromkeys(known))[:1]
    else:
        return
    outside = program in _IN_WORKSPACES or (program in MANAGERS and len(scopes) > 1)
    for scripts in (here, *elsewhere) if outside else (here,):
        for pattern in patterns:
            for name in scripts:
                if name == pattern or ("*" in pattern and fnmatchcase(name, pattern)):
                    yield name, scripts
