"""Why a program could not be started, in words for people."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def explain(error: OSError | ValueError, *, argv: tuple[str, ...], cwd: str, path: str | None) -> str:
    """What kept a program from being started and what to do, in one line.

    Args:
        error: what `subprocess.Popen` raised.
        argv: the command.
        cwd: the folder it was to run in.
        path: the `PATH` that it was to be looked up in.
    """
    if not isinstance(error, OSError):
        return f"its arguments or its environment cannot be passed to a program: {error}"
    if not os.path.isdir(cwd):
        return f"the folder {cwd} to run it in does not exist"
    if not os.access(cwd, os.X_OK):
        return f"the folder {cwd} to run it in may not be entered: mend its permissions"
    sentence = _SENTENCES.get(error.errno or 0)
    if sentence is not None:
        return sentence
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ENOEXEC):
        return _file_at_fault(error.errno, argv[0], cwd, path)
    return error.strerror or str(error)


_SENTENCES = {
    errno.E2BIG: "its arguments and environment are longer than the system allows: check fewer paths at a time",
    errno.EMFILE: "ftui has too many open files: run fewer checks at a time, or raise `ulimit -n`",
    errno.ENFILE: "the system has too many open files: run fewer checks at a time",
    errno.EAGAIN: "the system allows no more processes: run fewer checks at a time, or raise `ulimit -u`",
    errno.ENOMEM: "there is not enough memory: run fewer checks at a time",
    errno.ETXTBSY: "the program is being written to: run it again when that is done",
}


def _file_at_fault(number: int, program: str, cwd: str, path: str | None) -> str:
    import shutil

    # Without a slash it is looked up in PATH, with one it is relative to the folder that the check runs in.
    found = os.path.join(cwd, program) if os.path.dirname(program) else shutil.which(program, path=path)
    if found is None or not os.path.exists(found):
        where = "" if os.path.dirname(program) else " in PATH"
        return f"no such file{where}: install {program}, or correct the command"
    if os.path.isdir(found):
        return f"{program} is a folder: correct the command"
    if number == errno.EACCES and not os.access(found, os.X_OK):
        return f"{program} is not executable: run chmod +x on it"
    interpreter = _interpreter(found)
    if number == errno.ENOEXEC or interpreter is None:
        return f"{program} is neither a program for this machine nor a script that begins with #!"
    return f"the interpreter {interpreter} in the first line of {program} cannot be run: reinstall {program}"


def _interpreter(script: str) -> str | None:
    try:
        with Path(script).open("rb") as file:
            line = file.readline(256)
    except OSError:
        return None
    words = line[2:].split() if line.startswith(b"#!") else []
    return os.fsdecode(words[0]) if words else None
