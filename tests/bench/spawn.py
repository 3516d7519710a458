"""What one short child costs: `ftui.engine.process.run` and `xargs -P2`, two wide, interleaved.

python tests/bench/spawn.py [CHILDREN] [ROUNDS]
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time

from ftui.engine.process import Command, run
from ftui.environment import child_environment


def ftui(children: int) -> float:
    command = Command(
        argv=("true",),
        cwd=os.getcwd(),
        env=child_environment(os.environ, (), scratch=None, colour=True),
        timeout=60,
    )

    async def both() -> None:
        left = iter(range(children))

        async def worker() -> None:
            for _ in left:
                exit_ = await run(command, lambda stream, text: None)
                assert exit_.code == 0, exit_

        await asyncio.gather(worker(), worker())

    start = time.perf_counter()
    asyncio.run(both())
    return time.perf_counter() - start


def xargs(children: int) -> float:
    start = time.perf_counter()
    subprocess.run(["xargs", "-P2", "-n1", "true"], input=b"x\n" * children, check=True)
    return time.perf_counter() - start


def main() -> None:
    children = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    samples: dict[str, list[float]] = {"xargs -P2": [], "ftui": []}
    for _ in range(rounds):
        samples["xargs -P2"].append(xargs(children) / children * 1000)
        samples["ftui"].append(ftui(children) / children * 1000)
    floor = statistics.median(samples["xargs -P2"])
    print(f"{'ms per `true`':<14} {'median':>7} {'min':>7} {'max':>7} {'ratio':>6}")
    for name, values in samples.items():
        median = statistics.median(values)
        print(f"{name:<14} {median:7.3f} {min(values):7.3f} {max(values):7.3f} {median / floor:6.2f}")


if __name__ == "__main__":
    main()
