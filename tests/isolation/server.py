"""A PostgreSQL of the tests' own, from the binaries that are installed; it asks for a password."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

USER, PASSWORD = "ann", "s3cr3t/pa55"


def binaries() -> Path | None:
    """Where initdb and postgres are: Debian keeps them off the PATH."""
    on_path = shutil.which("initdb")
    folders = [os.path.dirname(os.path.realpath(on_path))] if on_path else []
    folders += sorted(glob("/usr/lib/postgresql/*/bin"))
    return next((Path(folder) for folder in reversed(folders) if Path(folder, "postgres").exists()), None)


class Server:
    """A server that runs; `url` gives the URL of one of its databases."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, database: str, *, password: str = PASSWORD) -> str:
        """With user and password, as a developer has it in a variable."""
        return f"postgresql://{USER}:{password.replace('/', '%2F')}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str, database: str = "postgres") -> list[str]:
        """Runs a statement and returns the first column of what it gives."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return [str(row[0]) for row in cursor.fetchall()] if cursor.description else []

    def databases(self) -> set[str]:
        """The names of those that are not PostgreSQL's own."""
        return set(self.run("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"))


@contextmanager
def running(programs: Path) -> Iterator[Server]:
    """Starts a server in a temporary folder, as a user that is not root, which it refuses; ends it after the block."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    as_root = sys.platform != "win32" and os.geteuid() == 0
    user = "nobody" if as_root else None
    try:
        (folder / "password").write_text(PASSWORD)
        if as_root:
            for path in (folder, folder / "password"):
                shutil.chown(path, "nobody")
        data = str(folder / "data")
        made = [str(programs / "initdb"), "-D", data, "-U", USER, "--pwfile", str(folder / "password")]
        made += ["-A", "scram-sha-256", "--no-sync", "-E", "UTF8", "--locale=C"]
        subprocess.run(made, user=user, check=True, capture_output=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
        started = [str(programs / "postgres"), "-D", data, "-p", str(port), *settings]
        with subprocess.Popen(started, user=user, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            try:
                said = ""
                while "ready to accept connections" not in said:
                    line = process.stderr.readline()
                    assert line, said
                    said += line
                yield Server(port)
            finally:
                process.terminate()
                process.communicate(timeout=60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
