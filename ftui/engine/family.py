"""Which processes belong to a check: what it starts, and what is left of it when it is gone.

On Linux ftui is a child subreaper (prctl(2)): whatever a check leaves behind, also with setsid or a double fork,
becomes a child of ftui, and reading one file tells whether there is anything. Elsewhere every process of the system
has to be asked, so that is done only where something was cut short and when the last check ends.
"""

from __future__ import annotations

import os
import sys
import time

from ftui.engine.child import UNKILLABLE_S

MARKER = "FTUI_CHECK"
"""The variable that tells a check's processes from those of others."""

_PR_SET_CHILD_SUBREAPER = 36

_PATIENCE_S = 60.0
"""How long a zombie that no check owns is left to whoever may still wait for it."""

_adopting: bool | None = None
"""Whether orphans come to this process; None until someone asks."""
_families: dict[int, Family] = {}
_strangers: dict[int, float] = {}


def marker(token: str) -> str:
    """The value of `MARKER` for a check: those of the runs that this one is a part of, and its own."""
    return f"{os.environ.get(MARKER, '')} {token}".lstrip()


def adopt_orphans() -> bool:
    """Makes orphaned descendants of this process its children, from now on.

    Returns:
        Whether the system can do that, and list them.
    """
    global _adopting
    if _adopting is None:
        _adopting = (
            sys.platform == "linux"
            and os.path.exists(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
            and _become_subreaper()
        )
    return _adopting


class Family:
    """The processes of one check.

    A process is known by its session, which only setsid(2) leaves, or else by the marker in the environment that it
    was started with. A daemon that clears its environment is known if its session was noticed (`members`) while it
    hung on the tree. Nothing else is touched: as a subreaper ftui also inherits the browser that a user opened.

    Args:
        root: process id of the check's own process, the leader of a session of its own.
        token: a unique part of the marker in its environment.
    """

    def __init__(self, root: int, token: str) -> None:
        self.root = root
        self._token = token.encode()
        self._sessions = {root}
        _families[root] = self

    def forget(self) -> None:
        """Has to be called before the root is reaped, since its id may then be given to another process."""
        del _families[self.root]

    def left_behind(self, *, thorough: bool) -> list[int]:
        """The processes, alive or zombies, that outlived their parents.

        Args:
            thorough: look also where that is expensive.
        """
        if adopt_orphans():
            return [pid for pid in children(os.getpid()) if pid not in _families and self._owns(pid)]
        if thorough or len(_families) == 1:
            return [pid for pid in _everyone() if pid != self.root and self._owns(pid)]
        return []

    def members(self, limit: int) -> list[int]:
        """The root and all that descends from it, up to `limit` processes; notices their sessions."""
        found = [self.root, *self.left_behind(thorough=False)] if adopt_orphans() else [self.root]
        for pid in found:
            if len(found) >= limit:
                break
            found += children(pid)
        sessions = {session for pid in found if (session := _session(pid)) is not None}
        self._sessions |= sessions - {_session(0)}
        return found[:limit]

    def _owns(self, pid: int) -> bool:
        session = _session(pid)
        if session in self._sessions:
            return True
        if (session is not None and session == _session(0)) or self._token not in _environment(pid):
            return False
        if session is not None:
            # Remembered, since a process that is about to die has an environment no more.
            self._sessions.add(session)
        return True

    @staticmethod
    def knows(session: int) -> bool:
        """Whether a session belongs to a running check."""
        return any(session in family._sessions for family in _families.values())


def end_all_with(word: str) -> None:
    """Kills every process of the user that has a word in its environment, and waits until they are gone.

    Args:
        word: so long and random that it tells the processes of a dead run from all others.
    """
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and any(word in value for value in process.environ().values()):
                process.kill()
                found.append(process)
        except (psutil.Error, OSError):  # of another user, or gone meanwhile
            continue
    psutil.wait_procs(found, timeout=UNKILLABLE_S)


def reap_strangers() -> None:
    """Reaps what ftui has adopted from no running check, such as a daemon that ended before anyone noticed it.

    That cannot be told from a child that other code in this process started in a session of its own and will still
    wait for, so only those go that nobody has waited for in a while.
    """
    if sys.platform != "linux" or not adopt_orphans():
        return
    now, before = time.monotonic(), _strangers.copy()
    _strangers.clear()
    for pid in children(os.getpid()):
        session = _session(pid)
        if session is None or session == _session(0) or Family.knows(session) or not _is_zombie(pid):
            continue
        if now - before.get(pid, now) > _PATIENCE_S:
            os.waitpid(pid, os.WNOHANG)
        else:
            _strangers[pid] = before.get(pid, now)


def children(pid: int) -> list[int]:
    """Ids of the processes that `pid` has started or adopted, zombies included; none when it is gone."""
    if sys.platform != "linux":
        return _psutil_children(pid)
    # The kernel gives orphans to the first thread, and a check is started by the thread that asks here.
    threads = [str(pid)] if pid == os.getpid() else _threads(pid)
    return [int(child) for thread in threads for child in read(f"/proc/{pid}/task/{thread}/children").split()]


def read(path: str) -> bytes:
    """The content of a file of procfs; empty when its process is gone or not ours to look into."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.readall()
    except OSError:
        return b""


def _threads(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def _session(pid: int) -> int | None:
    if sys.platform == "win32":
        return None
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _is_zombie(pid: int) -> bool:
    if sys.platform != "linux":
        return False
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return False


def _become_subreaper() -> bool:
    import ctypes

    return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


def _environment(pid: int) -> bytes:
    if sys.platform == "linux":
        return read(f"/proc/{pid}/environ")
    import psutil

    try:
        return str(psutil.Process(pid).environ().get(MARKER, "")).encode()
    except psutil.Error:
        return b""


def _everyone() -> list[int]:
    import psutil

    return [int(pid) for pid in psutil.pids()]


def _psutil_children(pid: int) -> list[int]:
    import psutil

    try:
        return [int(child.pid) for child in psutil.Process(pid).children()]
    except psutil.Error:
        return []
