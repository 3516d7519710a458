"""What a verdict depends on beside the inputs: the tool, its interpreter, configuration, lock files, the environment.

Nothing here gives back an absolute path or the value of a variable, so a key serves every clone and shows no secret.
"""

from __future__ import annotations

import os
import sys

from ftui.cache.digest import sha256_hex
from ftui.cache.packages import Packages, node_packages, python_packages, settings_of
from ftui.cache.regular import open_regular, read_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Final

    from ftui.cache.key import Value
    from ftui.cache.memo import Memo

MISSING: Final = "missing"
"""The value of a file that does not exist: it may appear, and then the key is another one."""
_SCRIPT: Final = 1 << 20
"""A longer file that begins with `#!` is taken for data, such as a zipapp: only its content counts."""


class ToolPrint:
    """The fingerprint of an executable and of what it runs in.

    Attributes:
        tool: name, version (empty when unknown), digest of its content and of its npm package where it has one.
        interpreter: name, version, digests; empty for a program that needs none.
        packages: of the environment that the executable lies in, or that its interpreter belongs to.
        prefix: absolute path of that environment, or None. Not for the key.
    """

    __slots__ = ("interpreter", "packages", "prefix", "tool")

    def __init__(
        self, tool: tuple[str, ...], interpreter: tuple[str, ...], packages: Packages, prefix: str | None
    ) -> None:
        self.tool = tool
        self.interpreter = interpreter
        self.packages = packages
        self.prefix = prefix

    def parts(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The parts of the manifest."""
        return ("tool", self.tool), ("interpreter", self.interpreter), ("packages", self.packages.texts)


def tool(path: str, *, root: str, search: str, memo: Memo, version: str = "") -> ToolPrint:
    """The fingerprint of an executable.

    The content decides, not where it lies or when it was installed: an equal tool in the environment of another clone
    has the same fingerprint. The first line of a script and the paths of root and environment in it do not count; what
    that line names is the interpreter.

    Args:
        path: absolute path of the executable, not resolved: the link selects the environment.
        root: absolute path of the project.
        search: the PATH that the tool will see, for scripts that begin with `/usr/bin/env`.
        memo: remembers digests for as long as the files do not move.
        version: as the tool says it; where empty, that of the installed package of the same name is taken.
    """
    name = os.path.basename(path)
    real = os.path.realpath(path)
    prefix = _environment(path) or _environment(real)
    shebang = _shebang(real, memo)
    runs_in = _program(shebang, search)
    if prefix is None and runs_in is not None and os.path.basename(runs_in).startswith(("python", "pypy")):
        prefix = _environment(runs_in) or os.path.dirname(os.path.dirname(os.path.realpath(runs_in)))
    elif os.path.basename(real).startswith(("python", "pypy")):
        prefix = prefix or os.path.dirname(os.path.dirname(real))
        runs_in = path
    npm = _npm(real, memo)
    packages = python_packages(prefix, root, memo) if prefix else node_packages(npm[0], memo) if npm else Packages(())
    return ToolPrint(
        (
            name,
            version or packages.version(name) or (npm[1] if npm else ""),
            _content(real, root, prefix, memo),
            *npm[2:3],
        ),
        _interpreter(runs_in, memo) if runs_in else (),
        packages,
        prefix,
    )


def platform() -> tuple[str, str]:
    """The system and its architecture."""
    machine = os.environ.get("PROCESSOR_ARCHITECTURE", "") if sys.platform == "win32" else os.uname().machine
    return sys.platform, machine.lower()


def variables(environment: Mapping[str, str], root: str) -> list[tuple[str, str]]:
    """The parts of the manifest for the variables that a check sees.

    Values stand in it as digests only. The root within a value counts as the same in every clone.
    """
    real = os.path.realpath(root)
    return [
        (f"env:{name}", sha256_hex(_bytes(f"{name}={value.replace(real, '{root}').replace(root, '{root}')}"))[:32])
        for name, value in sorted(environment.items())
    ]


def files(kind: str, paths: Iterable[str], root: str, memo: Memo) -> list[tuple[str, Value]]:
    """The parts of the manifest for configuration and lock files.

    Args:
        kind: `config` or `lock`.
        paths: posix relative to the root, or absolute for what lies elsewhere, such as a user's own settings; every
            link of a chain of inherited files, and those that do not exist but would be read if they did. One that ends
            in a slash is a folder, and stands for the names of the folders in it. Those that end in `/**` are left
            out, and those with a NUL, which no file can have.
    """
    return [
        (f"the folders in {path}", _folder_names(os.path.join(root, path), memo))
        if path.endswith("/")
        else (f"{kind}:{_name(path, root)}", file_digest(os.path.join(root, path), memo))
        for path in dict.fromkeys(paths)
        if not path.endswith("/**") and "\0" not in path
    ]


def file_digest(path: str, memo: Memo) -> str:
    """The digest of a file's content (links are followed), `MISSING`, or `unreadable`."""

    def work() -> tuple[list[str], str]:
        return [path], _sha256_of_file(path)

    return str(memo.get(f"file:{path}", work))


def _folder_names(folder: str, memo: Memo) -> tuple[str, ...]:
    def work() -> tuple[list[str], tuple[str, ...]]:
        try:
            with os.scandir(folder) as entries:
                names = sorted(entry.name for entry in entries if entry.is_dir())
        except OSError:
            names = []
        return [folder], tuple(name for name in names if not name.startswith(".") and name != "__pycache__")

    names: tuple[str, ...] = memo.get(f"folders:{folder}", work)
    return names


def imported_files(folder: str, limit: int = 20_000) -> list[str] | None:
    """The files of a folder that imports go to, as a sweep wants them: modules, and all that lies in packages.

    Returns:
        Sorted posix paths relative to the folder; None when there are more than `limit`: then nothing may be cached.
    """
    found: list[str] = []
    packages = set()
    for place, folders, names in os.walk(folder):
        folders[:] = [
            name for name in folders if not name.startswith(".") and name not in ("__pycache__", "node_modules")
        ]
        is_package = not {"__init__.py", "package.json"}.isdisjoint(names) or os.path.dirname(place) in packages
        if is_package:
            packages.add(place)
        start = os.path.relpath(place, folder).replace(os.sep, "/")
        found += [
            name if start == "." else f"{start}/{name}"
            for name in names
            if name.endswith((".py", ".pyi", ".so", ".pyd") if not is_package else "") and not name.endswith(".pyc")
        ]
        if len(found) > limit:
            return None
    return sorted(found)


def _name(path: str, root: str) -> str:
    if not os.path.isabs(path):
        return path
    real = os.path.realpath(root)
    for base, stands_for in ((root, ""), (real, ""), (os.path.dirname(real), "../"), (os.path.expanduser("~"), "~/")):
        if path.startswith(os.path.join(base, "")):
            return stands_for + path[len(os.path.join(base, "")) :].replace(os.sep, "/")
    return f"{os.path.basename(path)} ({sha256_hex(_bytes(path))[:8]})"


def _environment(path: str) -> str | None:
    """The virtual environment that `path` lies in the `bin` of."""
    prefix = os.path.dirname(os.path.dirname(path))
    return prefix if os.path.isfile(os.path.join(prefix, "pyvenv.cfg")) else None


def _shebang(real: str, memo: Memo) -> str:
    """The first line of a script without `#!`, or of the second line where pip had to split it; else empty."""

    def work() -> tuple[list[str], str]:
        try:
            with open_regular(real) as file:
                first, second = file.readline(4096), file.readline(4096)
        except OSError:
            return [real], ""
        if not first.startswith(b"#!"):
            return [real], ""
        if second.startswith(b"'''exec'"):  # too long for the system, or with a space in it
            return [real], os.fsdecode(
                second[len(b"'''exec'") :].strip().removesuffix(b'"$0" "$@"').strip().strip(b'"')
            )
        return [real], os.fsdecode(first[2:].strip())

    return str(memo.get(f"shebang:{real}", work))


def _program(shebang: str, search: str) -> str | None:
    """The absolute path of what a shebang names."""
    if os.path.isfile(shebang):
        return shebang
    words = shebang.split()
    if not words:
        return None
    if os.path.basename(words[0]) != "env":
        return words[0]
    name = next((word for word in words[1:] if not word.startswith("-") and "=" not in word), "")
    for folder in search.split(os.pathsep):
        candidate = os.path.join(folder, name)
        if name and folder and os.access(candidate, os.X_OK):
            return candidate
    return None


def _interpreter(path: str, memo: Memo) -> tuple[str, ...]:
    real = os.path.realpath(path)
    prefix = _environment(path)
    version = settings_of(prefix) if prefix else {}
    base = os.path.dirname(os.path.dirname(real))
    # A Python built with a shared library is a stub, and a patch release may leave it as it was.
    library = f"lib{os.path.basename(real).rstrip('dt')}.so.1.0"
    places = [os.path.join(base, folder, library) for folder in ("lib", "lib64")]
    shared = [digest for place in places if (digest := file_digest(place, memo)) != MISSING]
    return (
        os.path.basename(real),
        version.get("version") or version.get("version_info", ""),
        file_digest(real, memo),
        *shared,
    )


def _content(real: str, root: str, prefix: str | None, memo: Memo) -> str:
    def work() -> tuple[list[str], str]:
        try:
            with open_regular(real) as file:
                content = file.read(_SCRIPT + 1) if file.read(2) == b"#!" else b""
        except OSError:
            return [real], MISSING
        if not content or len(content) > _SCRIPT:
            return [real], _sha256_of_file(real)
        body = content.partition(b"\n")[2]
        for place in sorted(
            {*(filter(None, (prefix, prefix and os.path.realpath(prefix)))), root}, key=len, reverse=True
        ):
            body = body.replace(os.fsencode(place), b"{}")
        return [real], sha256_hex(body)

    return str(memo.get(f"tool:{real}:{prefix}:{root}", work))


def _npm(real: str, memo: Memo) -> tuple[str, str, str] | tuple[()]:
    """For a program inside `node_modules`: that folder, and version and digest of the package that it belongs to."""
    marker = f"{os.sep}node_modules{os.sep}"
    if marker not in real:
        return ()
    above = real.rindex(marker) + len(marker)
    segments = real[above:].split(os.sep)
    package = os.path.join(real[:above], *segments[: 2 if segments[0].startswith("@") else 1], "package.json")

    def work() -> tuple[list[str], tuple[str, str]]:
        import json

        try:
            content = read_regular(package)
            version = json.loads(content).get("version", "")
        except (OSError, ValueError, AttributeError, RecursionError):
            return [package], ("", MISSING)
        return [package], (str(version), sha256_hex(content))

    version, digest = memo.get(f"npm:{package}", work)
    # The outermost node_modules is the one that a package manager keeps its books in.
    return real[: real.index(marker)] + marker.rstrip(os.sep), str(version), str(digest)


def _sha256_of_file(path: str) -> str:
    from hashlib import sha256

    whole = sha256()
    try:
        with open_regular(path) as file:
            while chunk := file.read(1 << 20):
                whole.update(chunk)
    except (FileNotFoundError, NotADirectoryError):
        return MISSING
    except OSError:
        return "unreadable"
    return whole.hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
