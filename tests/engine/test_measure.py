from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ftui.engine import measure
from ftui.engine.family import Family
from ftui.engine.measure import FIRST_S, LONGEST_S, Sampler, peak_memory, sampler
from ftui.engine.process import Command, Exit, run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads procfs; see the docstring for other systems")

MIB = 1024 * 1024
ROOT = Path(measure.__file__).parents[2]
HOLD = "import sys, time; held = b'x' * (int(sys.argv[1]) << 20); time.sleep(float(sys.argv[2]))"
BURN = "import sys, time\nwhile time.process_time() < float(sys.argv[1]): pass\n"


def result(*argv: str) -> Exit:
    command = Command(argv=argv, cwd="/", env={"PATH": os.environ["PATH"]}, timeout=20)
    return asyncio.run(run(command, lambda stream, text: None))


def python(script: str, *args: str) -> Exit:
    return result(sys.executable, "-c", script, *args)


def seen_by_a_small_process(*argv: str) -> int | None:
    """The peak that a fresh ftui reports: pytest's own process is too large to tell much from `ru_maxrss`."""
    driver = f"""
import asyncio, os
from ftui.engine.process import Command, run

async def main():
    command = Command(argv={argv!r}, cwd="/", env={{"PATH": os.environ["PATH"]}}, timeout=20)
    print((await run(command, lambda stream, text: None)).peak_rss_bytes)

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", driver], capture_output=True, text=True, cwd=ROOT, timeout=30, check=True
    )
    return None if done.stdout == "None\n" else int(done.stdout)


def test_the_peak_of_a_child_that_holds_60_mib_is_seen() -> None:
    peak = python(HOLD, "60", "0.3").peak_rss_bytes
    assert peak is not None
    assert 60 * MIB < peak < 120 * MIB


def test_a_large_child_is_seen_however_short_it_lives() -> None:
    peak = seen_by_a_small_process(sys.executable, "-c", HOLD, "60", "0")
    assert peak is not None
    assert 60 * MIB < peak < 120 * MIB


def test_the_size_of_ftui_is_not_taken_for_that_of_a_small_child() -> None:
    held = b"x" * (100 * MIB)
    peak = result("true").peak_rss_bytes
    assert peak is None or peak < 20 * MIB
    peak = result("sleep", "0.3").peak_rss_bytes
    assert peak is not None
    assert peak < 20 * MIB
    del held


def test_a_mark_hardly_above_that_of_ftui_is_still_that_of_ftui(monkeypatch: pytest.MonkeyPatch) -> None:
    own = 400 * MIB
    monkeypatch.setattr(measure, "_own_peak", 0)
    monkeypatch.setattr(measure, "_memory", lambda pid: (own, own))
    assert peak_memory(own // 1024 + 128, 0) is None
    assert peak_memory(own // 1024 + 128, 3 * MIB) == 3 * MIB
    assert peak_memory(2 * own // 1024, 0) == 2 * own


def test_the_processes_of_a_tree_count_together() -> None:
    hold = f'{sys.executable} -c "{HOLD}" 40 0.5'
    peak = result("sh", "-c", f"{hold} & {hold} & wait").peak_rss_bytes
    assert peak is not None
    assert 80 * MIB < peak < 160 * MIB


def test_a_process_that_left_the_tree_counts() -> None:
    hold = f'setsid {sys.executable} -c "{HOLD}" 60 5'
    peak = result("sh", "-c", f"({hold} &) ; sleep 0.4").peak_rss_bytes
    assert peak is not None
    assert 60 * MIB < peak < 120 * MIB


def test_cpu_seconds_include_those_of_its_own_children() -> None:
    script = BURN + "import subprocess\nif len(sys.argv) > 2: subprocess.run([sys.executable, '-c', *sys.argv[2:]])"
    cpu = python(script, "0.15", BURN, "0.15").cpu_s
    assert cpu is not None
    assert 0.3 <= cpu < 0.9


def test_cpu_seconds_include_those_of_what_was_left_behind(tmp_path: Path) -> None:
    burn = BURN + f"open({str(tmp_path / 'burnt')!r}, 'w'); time.sleep(600)"
    script = f"""(setsid {sys.executable} -c "$0" 0.3 &); until [ -e {tmp_path}/burnt ]; do sleep 0.01; done"""
    cpu = result("sh", "-c", script, burn).cpu_s
    assert cpu is not None
    assert 0.3 <= cpu < 0.9


def test_waiting_costs_no_cpu() -> None:
    cpu = result("sleep", "0.3").cpu_s
    assert cpu is not None
    assert cpu < 0.1


def test_a_high_water_mark_no_higher_than_ours_says_nothing() -> None:
    own = measure._memory(os.getpid())[1]
    assert peak_memory(own // 1024, 0) is None
    assert peak_memory(own // 1024, 5 * MIB) == 5 * MIB
    assert peak_memory(2 * own // 1024, 5 * MIB) == 2 * own // 1024 * 1024


def test_samples_come_early_and_then_less_often() -> None:
    times: list[float] = []

    class Watched(Family):
        def members(self, limit: int) -> list[int]:
            times.append(time.monotonic())
            return super().members(limit)

    async def main() -> None:
        shared, check = Sampler(), Watched(os.getpid(), "token")
        start = time.monotonic()
        meter = shared.add(check, asyncio.get_running_loop())
        async with asyncio.timeout(20):
            while len(times) < 6:  # noqa: ASYNC110 - the sampler says nothing
                await asyncio.sleep(0.01)
        shared.remove(meter)
        check.forget()
        times[:] = [at - start for at in times]

    asyncio.run(main())
    gaps = [later - earlier for earlier, later in zip([0.0, *times], times, strict=False)]
    assert all(gap >= 0.9 * FIRST_S for gap in gaps)
    assert sum(gaps[-2:]) > LONGEST_S, "the time between them has grown"


def test_a_newcomer_does_not_wait_for_the_next_sample_of_the_others() -> None:
    async def main() -> int:
        slow = asyncio.create_task(run(Command(argv=("sleep", "2"), cwd="/", env={}, timeout=20), lambda *_: None))
        await asyncio.sleep(0.8)
        quick = await run(Command(argv=("sleep", "0.2"), cwd="/", env={}, timeout=20), lambda *_: None)
        slow.cancel()
        await asyncio.wait([slow])
        return quick.peak_rss_bytes or 0

    assert asyncio.run(main()) > 0


def test_nothing_is_sampled_when_nothing_runs() -> None:
    async def main() -> bool:
        await run(Command(argv=("sleep", "0.2"), cwd="/", env={}, timeout=20), lambda *_: None)
        return sampler._timer is None and not sampler._meters

    assert asyncio.run(main())


def test_a_sample_of_many_processes_is_cheap() -> None:
    with subprocess.Popen(["sh", "-c", "for i in $(seq 100); do sleep 60 & done; echo; wait"], stdout=-1) as many:
        assert many.stdout is not None
        many.stdout.readline()
        check = Family(many.pid, "token")
        meter = measure.Meter(check, 0.0)
        start = time.process_time()
        meter.sample(0.0)
        seconds = time.process_time() - start
        check.forget()
        subprocess.run(["pkill", "-P", str(many.pid)], check=True)
    assert meter.peak > 100 * 4096
    assert seconds < 0.05
