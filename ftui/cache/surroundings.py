"""What a check runs in, as parts of its key: its program and what that imports, variables, settings above the root."""

from __future__ import annotations

import os

from ftui.cache import fingerprint
from ftui.cache.excludes import git_excludes
from ftui.cache.packages import Packages, node_packages, python_packages, sees_user_packages
from ftui.environment import child_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Final

    from ftui.cache.key import Value
    from ftui.cache.memo import Memo
    from ftui.cache.recipe import Recipe

SHIMS: Final = ("sh", "bash", "dash", "zsh", "ksh", "mise", "rtx", "volta-shim", "rustup")
"""What programs run in, or lead to, that start another one: the shims of pyenv, asdf, mise, volta and rustup."""

PACKAGE: Final = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
"""Where ftui itself lies: a part of the adapter's version."""


class Surroundings:
    """Answers for one look at a tree, each only once.

    Args:
        root: absolute path of the tree.
        environ: what checks' environments are made from.
        memo: what was worked out from files that have not moved since.
        outside: the digest of files of a folder beyond the tree, or None where that cannot be told.
    """

    def __init__(
        self,
        root: str,
        environ: Mapping[str, str],
        memo: Memo,
        outside: Callable[[str, list[str]], str | None],
    ) -> None:
        self.root = root
        self._environ = environ
        self._memo = memo
        self._outside = outside
        self._programs: dict[str, tuple[tuple[str, Value], ...] | str] = {}
        self._environments: dict[tuple[str, ...], dict[str, str]] = {}
        self._variables: dict[tuple[str, ...], list[tuple[str, str]]] = {}

    def variables(self, allow: tuple[str, ...]) -> list[tuple[str, str]]:
        """The parts for the variables that a check sees, by what it is allowed to see beyond the usual ones."""
        known = self._variables.get(allow)
        if known is None:
            known = self._variables[allow] = fingerprint.variables(self._environment(allow), self.root)
        return known

    def _environment(self, allow: tuple[str, ...]) -> dict[str, str]:
        known = self._environments.get(allow)
        if known is None:
            known = self._environments[allow] = child_environment(self._environ, allow, scratch=None, colour=True)
        return known

    def program(self, recipe: Recipe) -> tuple[tuple[str, Value], ...] | str:
        """The parts for the tool and all that it runs in, or why they cannot be told."""
        name = f"{recipe.argv[0]}\0{recipe.cwd}\0{recipe.environment}\0{recipe.env}\0{_folders(recipe)}"
        known = self._programs.get(name)
        if known is None:
            known = self._programs[name] = self._fingerprint(recipe)
        return known

    def _fingerprint(self, recipe: Recipe) -> tuple[tuple[str, Value], ...] | str:
        environment = self._environment(recipe.env)
        search = environment.get("PATH", os.defpath)
        path = program_path(recipe.argv[0], os.path.join(self.root, recipe.cwd), search)
        if path is None:
            return f"{recipe.argv[0]} was not found"
        tool = fingerprint.tool(path, root=self.root, search=search, memo=self._memo)
        runs = tool.interpreter[0] if tool.interpreter else os.path.basename(os.path.realpath(path))
        if runs in SHIMS and recipe.argv[0] not in SHIMS and not path.startswith(os.path.join(self.root, "")):
            return f"{path} is a script that starts another program, and which one cannot be told"
        parts: list[tuple[str, Value]] = [*tool.parts()]
        around = tool.packages.outside if tool.prefix is not None else self._beyond(tool.packages)
        outside = {*around, *self._search_paths(environment, recipe.cwd)}
        outside.update(os.path.normpath(os.path.join(self.root, folder)) for folder in _folders(recipe))
        for name, packages in self._installed(recipe, tool.prefix, environment):
            if packages.texts:
                parts.append((name, packages.texts))
            outside.update(packages.outside)
        for place in sorted(outside):
            digest = self._imported(place)
            if digest is None:
                return f"it imports from {place}, which has too many files to look at"
            parts.append((f"imports:{os.path.basename(place)}", digest))
        return tuple(parts)

    def _installed(
        self, recipe: Recipe, prefix: str | None, environment: Mapping[str, str]
    ) -> Iterable[tuple[str, Packages]]:
        """What else is installed where the tool looks, beside the packages around it.

        Args:
            recipe: of the check.
            prefix: of the Python environment that the tool runs in, or None.
            environment: the variables that it sees.
        """
        if prefix is not None and sees_user_packages(prefix):
            home = environment.get("PYTHONUSERBASE") or os.path.join(environment.get("HOME", ""), ".local")
            yield "user packages", python_packages(home, self.root, self._memo)
        if recipe.environment and recipe.environment != prefix:
            yield "environment", python_packages(recipe.environment, self.root, self._memo)
        if not recipe.environment and "PYTHON*" in recipe.env:
            # A type checker asks the Python that it finds what is installed.
            search = environment.get("PATH", os.defpath)
            for path in filter(None, (program_path(name, self.root, search) for name in ("python", "python3"))):
                python = fingerprint.tool(path, root=self.root, search=search, memo=self._memo)
                if python.prefix != prefix:
                    yield f"packages of {os.path.basename(path)}", python.packages
        if prefix is None:
            # Not a program of a Python environment, so it may well run others from here.
            for place in dict.fromkeys((recipe.cwd, ".", *self._above())):
                folder = os.path.normpath(os.path.join(self.root, place, "node_modules"))
                modules = node_packages(folder, self._memo)
                yield f"node_modules:{place}", Packages(modules.texts, self._beyond(modules))

    def _beyond(self, modules: Packages) -> tuple[str, ...]:
        """Where the linked packages of node lie that are no part of the tree; the others are among the inputs."""
        return tuple(path for path in modules.outside if not self._inside(path))

    def _imported(self, place: str) -> str | None:
        """The digest of a folder that is imported from, or of a module or archive; None where that cannot be told."""
        if os.path.isfile(place):
            return fingerprint.file_digest(place, self._memo)
        paths = fingerprint.imported_files(place)
        return None if paths is None else self._outside(place, paths)

    def _search_paths(self, environment: Mapping[str, str], cwd: str) -> Iterable[str]:
        """The folders that variables add to what is imported; those in the tree are among the inputs."""
        for name in ("PYTHONPATH", "MYPYPATH"):
            for named in environment.get(name, "").split(os.pathsep):
                folder = os.path.normpath(os.path.join(self.root, cwd, named))
                if not self._inside(folder) and not os.path.join(folder, "").startswith(PACKAGE):
                    yield folder

    def _inside(self, folder: str) -> bool:
        return os.path.join(folder, "").startswith(os.path.join(self.root, ""))

    def _above(self) -> Iterable[str]:
        """The folders above the root, relative to it."""
        for depth in range(self.root.count(os.sep)):
            yield "/".join([".."] * (depth + 1))

    def inherited(self, config: Iterable[str]) -> Iterable[tuple[str, str]]:
        """Configuration files above the root, where tools look for them too; only those that exist, so that where a
        clone lies makes no difference. To .gitignore belongs what git itself keeps beside it."""
        folder = os.path.dirname(self.root)
        names = [name for name in config if "/" not in name]
        if ".gitignore" in names:
            for name, path in git_excludes(self.root, self._environ, self._memo):
                yield f"config:{name}", fingerprint.file_digest(path, self._memo)
        while True:
            for name in names:
                path = os.path.join(folder, name)
                if os.path.lexists(path):
                    yield f"config:above the root: {name}", fingerprint.file_digest(path, self._memo)
            if os.path.dirname(folder) == folder:
                return
            folder = os.path.dirname(folder)


def _folders(recipe: Recipe) -> list[str]:
    """The folders beyond the tree that the settings of a tool make it import from."""
    return [path.removesuffix("/**") for path in recipe.config if path.endswith("/**")]


def program_path(name: str, cwd: str, search: str) -> str | None:
    """The absolute path of the program that a command names, found as the system will find it."""
    if os.sep in name or (os.altsep and os.altsep in name):
        path = os.path.normpath(os.path.join(cwd, name))
        return path if os.path.isfile(path) else None
    for folder in search.split(os.pathsep):
        candidate = os.path.join(folder, name)
        if folder and os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return candidate
    return None
