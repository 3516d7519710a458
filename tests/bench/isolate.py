"""What a database of its own costs a check: making it before, and dropping it after, by psql and by psycopg.

    python -m tests.bench.isolate [ROUNDS]

Starts a PostgreSQL of its own. The checks do nothing; the medians are of the whole of each, with and without isolation.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from ftui.engine.emitter import Emitter
from ftui.engine.execute import Executor
from ftui.engine.memory import Folders
from ftui.model import Bucket, Check, Outcome
from tests.isolation.server import binaries, running


async def took(check: Check, environ: dict[str, str]) -> float:
    """Seconds from the decision to run a check to its result."""
    executor = Executor(Path(tempfile.gettempdir()), Emitter(lambda event: None), environ)
    start = time.perf_counter()
    done = await executor.execute(check, bucket=Bucket.MISS, reason="", queued_s=0.0, folders=Folders())
    assert done.result.outcome is Outcome.PASSED, done.result.broken_because
    return time.perf_counter() - start


def main(rounds: int) -> None:
    """Prints a line for each kind, measured in turn."""
    programs = binaries()
    assert programs is not None, "there is no PostgreSQL here"
    plain = Check(id="one", adapter="bench", argv=(sys.executable, "-S", "-c", "pass"))
    own = Check(id="one", adapter="bench", argv=plain.argv, isolate=("URL",))
    with running(programs) as server, tempfile.TemporaryDirectory() as state:
        server.run("CREATE DATABASE app")
        os.environ["XDG_STATE_HOME"] = state
        base = {"PATH": os.pathsep.join([str(programs), os.defpath])}
        kinds = {
            "not isolated": (plain, {**base, "URL": server.url("app")}),
            "a file": (own, {**base, "URL": "sqlite:///test.db"}),
            "PostgreSQL by psql": (own, {**base, "URL": server.url("app")}),
            "PostgreSQL by psycopg": (own, {"PATH": os.devnull, "URL": server.url("app")}),
        }
        seconds: dict[str, list[float]] = {name: [] for name in kinds}
        for _ in range(rounds):
            for name, (check, environ) in kinds.items():
                seconds[name].append(asyncio.run(took(check, environ)))
    for name, each in seconds.items():
        print(f"{name:22} {median(each) * 1000:6.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
