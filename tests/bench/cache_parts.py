"""What the parts of the cache cost, on trees made in a temporary folder. Run: python -m tests.bench.cache_parts"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ftui.cache.folder import TreeFiles
from ftui.cache.index import Snapshot, sweep
from ftui.cache.memo import Memo
from ftui.cache.packages import python_packages
from ftui.cache.portable import Root
from ftui.cache.signature import Disk
from ftui.cache.store import Store
from tests.bench.trees import make_tree
from tests.cache.entries import entry

MODULES = (
    "signature",
    "index",
    "memo",
    "packages",
    "fingerprint",
    "key",
    "entry",
    "portable",
    "policy",
    "guards",
    "folder",
    "database",
    "store",
    "ledger",
)
WARM = """
from ftui.cache.folder import TreeFiles
from ftui.cache.index import Snapshot, sweep
import sys
tree = TreeFiles(sys.argv[1], sys.argv[2])
snapshot = Snapshot.load(tree.load("index"))
sweep(sys.argv[2], snapshot.paths, snapshot)
snapshot.inputs("all", lambda paths: paths)
# Not getrusage: there a child begins with the peak of its parent.
peak = open("/proc/self/status").read().partition("VmHWM:")[2].split()[0] if sys.platform == "linux" else 0
"""


class LaterDisk(Disk):
    """An hour later: all files have settled."""

    __slots__ = ()

    def now(self) -> int:
        return super().now() + 3600 * 10**9


def median_ms(work: Callable[[], object], rounds: int = 7) -> float:
    """Milliseconds of the median round."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return sorted(times)[rounds // 2] * 1000


def show(name: str, value: float, unit: str = "ms") -> None:
    print(f"{name:44} {value:9.2f} {unit}")


def bench_tree(count: int, folder: Path) -> None:
    root = folder / f"tree{count}"
    paths = make_tree(root, count)
    disk = LaterDisk(str(root))
    name = f"{count:,} files: "
    show(name + "first sweep (reads all)", median_ms(lambda: sweep(str(root), paths, Snapshot(), disk=disk), 3))
    snapshot = sweep(str(root), paths, Snapshot(), disk=disk)
    show(name + "sweep, nothing changed", median_ms(lambda: sweep(str(root), paths, snapshot, disk=disk)))
    (root / paths[count // 2]).write_text("changed\n")
    show(name + "sweep, one file edited", median_ms(lambda: sweep(str(root), paths, snapshot, disk=disk)))
    show(name + "inputs digest, first time", median_ms(lambda: Snapshot.load(snapshot.dump()).inputs("x", list)))
    snapshot = sweep(str(root), paths, snapshot, disk=disk)
    snapshot.inputs("all", list)
    tree = TreeFiles(str(folder / "cache"), str(root))
    show(name + "save index", median_ms(lambda: tree.save("index", snapshot.dump())))
    show(name + "load index", median_ms(lambda: Snapshot.load(tree.load("index"))))
    show(name + "size of index", len(snapshot.dump()) / 1e6, "MB")
    command = [sys.executable, "-c", f"{WARM}\nprint(peak)", str(folder / "cache"), str(root)]
    show(name + "peak memory, load + sweep", int(subprocess.check_output(command)) / 1024, "MiB")
    disk.close()


def bench_store(folder: Path) -> None:
    store = Store(str(folder / "store"), print)
    root = Root("/srv/app")
    entries = [entry(str(number), output=b"a line of output\n" * 20) for number in range(1000)]
    show("1,000 puts", median_ms(lambda: [store.put(item, "/srv/app", root) for item in entries], 3))
    show("1,000 gets", median_ms(lambda: [store.get(item.key, root) for item in entries]))
    store.close()
    show("open, get, close", median_ms(lambda: once(str(folder / "store"), entries[0].key, root)))


def once(folder: str, key: str, root: Root) -> None:
    store = Store(folder, print)
    store.get(key, root)
    store.close()


def bench_packages() -> None:
    show(
        "packages of this environment, first time",
        median_ms(lambda: python_packages(sys.prefix, os.getcwd(), Memo({}))),
    )
    memo = Memo({})
    python_packages(sys.prefix, os.getcwd(), memo)
    show(
        "packages of this environment, remembered",
        median_ms(lambda: python_packages(sys.prefix, os.getcwd(), Memo(memo.entries))),
    )


def bench_imports() -> None:
    def start(code: str) -> float:
        return median_ms(lambda: subprocess.run([sys.executable, "-c", code], check=True), 15)

    floor = start("pass")
    show("python -c pass", floor)
    for module in MODULES:
        show(f"+ import ftui.cache.{module}", start(f"import ftui.cache.{module}") - floor)
    everything = "; ".join(f"import ftui.cache.{module}" for module in MODULES)
    show("+ import of all of them", start(everything) - floor)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for count in (200, 5_000, 50_000):
            bench_tree(count, Path(folder))
        bench_store(Path(folder))
    bench_packages()
    bench_imports()


if __name__ == "__main__":
    main()
