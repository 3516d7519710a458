from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HEAVY = {
    "argparse", "array", "asyncio", "dataclasses", "datetime", "enum", "hashlib", "importlib.metadata",
    "inspect", "json", "logging", "msgspec", "pathlib", "platformdirs", "pluggy", "re", "shutil", "subprocess",
    "threading", "tomllib", "typing",
}  # fmt: skip

WARM = """
import sys, time
real = time.time_ns
time.time_ns = lambda: real() + 3600 * 10**9  # an hour later: all that was just written has settled
before = set(sys.modules)
from ftui.cache.entry import Entry
from ftui.cache.fingerprint import files, platform, tool, variables
from ftui.cache.index import Snapshot, sweep
from ftui.cache.key import Manifest, key
from ftui.cache.ledger import suspect
from ftui.location import cache_folder
from ftui.cache.memo import Memo
from ftui.cache.policy import decide
from ftui.cache.portable import Root
from ftui.cache.store import Store
root, folder, now = sys.argv[1], sys.argv[2], float(sys.argv[3])
store = Store(folder, lambda text: sys.exit(text))
files_of_tree = store.tree(root)
snapshot = Snapshot.load(files_of_tree.load("index"))
memo = Memo.load(files_of_tree.load("memo"))
current = sweep(root, ["a.py", "tool"], snapshot)
inputs = current.inputs("all", lambda paths: paths)
print_of_tool = tool(root + "/tool", root=root, search="", memo=memo)
parts = (*print_of_tool.parts(), *files("config", ["x"], root, memo), *variables({"CI": "1"}, root))
manifest = Manifest((("platform", platform()), *parts, ("inputs", inputs.digest.hex())))
entry = store.get(key(manifest), Root(root))
loaded = sorted(set(sys.modules) - before)
bucket = decide(entry, now=now).bucket
import json
if entry is None:
    stored = Entry(key=key(manifest), check="c", adapter="c", outcome="passed", exit_code=0, duration_s=1.0,
                   created_at=now, manifest=manifest, output=b"fine")
    store.put(stored, root, Root(root))
files_of_tree.save("index", current.dump())
files_of_tree.save("memo", memo.dump())
store.close()
print(json.dumps([bucket, current is snapshot, loaded]))
"""


def look_up(root: Path, folder: Path) -> tuple[str, bool, set[str]]:
    """Bucket, whether the index held, and the modules that the look-up imported."""
    command = [sys.executable, "-S", "-c", WARM, str(root), str(folder), "5e9"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    bucket, unchanged, loaded = json.loads(done.stdout)
    return bucket, unchanged, set(loaded)


def test_a_look_up_that_hits_imports_next_to_nothing(tmp_path: Path) -> None:
    root, folder = tmp_path / "tree", tmp_path / "cache"
    root.mkdir()
    (root / "a.py").write_text("x = 1\n")
    (root / "tool").write_bytes(b"\x7fELF")
    assert look_up(root, folder)[0] == "miss"
    bucket, unchanged, loaded = look_up(root, folder)
    assert (bucket, unchanged) == ("hit", True)
    assert loaded & HEAVY == set()
    assert "ftui.cache.store" in loaded
    (root / "a.py").write_text("x = 2\n")
    assert look_up(root, folder)[:2] == ("miss", False)
