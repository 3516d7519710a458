"""The stat index of a tree: its last snapshot, in columns that load and compare as whole blocks of bytes.

A snapshot is both: what is known of a tree, and what the next sweep may take over without reading. Every entry proves
itself by its signature, so it does not matter which of several processes wrote the index last.
"""

from __future__ import annotations

from struct import pack as pack_struct
from struct import unpack as unpack_struct

from ftui.cache.sealed import seal, unseal
from ftui.cache.signature import WIDTH, Disk, packed_signer, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Final, TypeAlias

    from ftui.cache.signature import Trust

    Dumped: TypeAlias = tuple[Trust, int, str, bytes, bytes, bytes, dict[str, bytes], dict[str, bytes]]
    Columns: TypeAlias = tuple[bytearray, bytearray, bytearray]

DIGEST: Final = 32
"""Bytes of a sha256."""
_KIND: Final = b"index 1"
_UNSETTLED, _SETTLED, _UNSTABLE = 0, 1, 2
_BLOCK: Final = 256


class Inputs:
    """The part of a snapshot that one check reads."""

    __slots__ = ("_packed", "digest", "unstable")

    def __init__(self, digest: bytes, packed: bytes, unstable: list[str]) -> None:
        self.digest = digest
        """sha256 over the paths and the digests of their contents."""
        self._packed = packed
        self.unstable = unstable
        """Those whose content could not be told; when there are any, no result may be stored or called a hit."""

    @property
    def positions(self) -> tuple[int, ...]:
        """Where they stand in the snapshot; unpacked when asked for, since most hits need none."""
        return _unpacked(self._packed)


class Snapshot:
    """The state of the files of one tree at one moment.

    Attributes:
        trust: how far the signatures were trusted.
        paths: posix, relative to the root, sorted.
        signatures: `WIDTH` bytes for each path.
        digests: `DIGEST` bytes for each path; zeros where it was unstable.
        states: a byte for each path: whether its signature may stand for its content.
        read: how many files were read to learn it.
    """

    __slots__ = (
        "_name", "_positions", "_selections", "_totals", "digests", "paths", "read", "signatures", "states", "trust"
    )  # fmt: skip

    def __init__(
        self,
        trust: Trust = "full",
        paths: Sequence[str] = (),
        signatures: bytes = b"",
        digests: bytes = b"",
        *,
        states: bytes = b"",
    ) -> None:
        self.trust = trust
        self.paths = paths if isinstance(paths, list) else list(paths)
        self.signatures = signatures
        self.digests = digests
        self.read = 0
        self.states = states
        self._selections: dict[str, bytes] = {}
        self._totals: dict[str, bytes] = {}
        self._positions: dict[str, int] | None = None
        self._name = ""

    @property
    def name(self) -> str:
        """What the tree is called in this state: the start of a digest over all paths and contents."""
        if not self._name:
            self._name = self._total(range(len(self.paths))).hex()[:16]
        return self._name

    def __len__(self) -> int:
        return len(self.paths)

    def position(self, path: str) -> int:
        """Where `path` stands, or -1."""
        if self._positions is None:
            self._positions = {known: place for place, known in enumerate(self.paths)}
        return self._positions.get(path, -1)

    def signature(self, place: int) -> bytes:
        """The packed signature of the path at `place`."""
        return self.signatures[place * WIDTH : place * WIDTH + WIDTH]

    def digest(self, place: int) -> bytes:
        """The digest of the path at `place`."""
        return self.digests[place * DIGEST : place * DIGEST + DIGEST]

    def is_settled(self, place: int) -> bool:
        """Whether the signature of the path at `place` may stand for its content."""
        return self.states[place] == _SETTLED

    def is_unstable(self, place: int) -> bool:
        """Whether the content of the path at `place` could not be told."""
        return self.states[place] == _UNSTABLE

    @property
    def has_unstable(self) -> bool:
        """Whether the content of any path could not be told."""
        return _UNSTABLE in self.states

    @property
    def all_settled(self) -> bool:
        """Whether an equal column of signatures means an equal tree."""
        return self.states.count(_SETTLED) == len(self.paths)

    def inputs(self, selector: str, choose: Callable[[list[str]], Iterable[str]]) -> Inputs:
        """The digest of the files that a check reads.

        Args:
            selector: a name for the choice, such as its patterns joined by NUL; the choice is remembered under it for
                as long as the list of paths is the same, and the digest for as long as no content differs.
            choose: picks from the sorted paths; called only when the choice is not remembered.
        """
        packed = self._selections.get(selector)
        if packed is None:
            chosen = sorted(place for path in choose(self.paths) if (place := self.position(path)) >= 0)
            packed = self._selections[selector] = pack_struct(f"<{len(chosen)}I", *chosen)
        total = self._totals.get(selector)
        if total is None:
            total = self._totals[selector] = self._total(_unpacked(packed))
        unstable = []
        if self.has_unstable:
            unstable = [self.paths[place] for place in _unpacked(packed) if self.is_unstable(place)]
        return Inputs(total, packed, unstable)

    def _total(self, places: Sequence[int]) -> bytes:
        from hashlib import sha256

        names = "\0".join([self.paths[place] for place in places]).encode("utf-8", "surrogatepass")
        digests = self.digests if len(places) == len(self.paths) else b"".join([self.digest(place) for place in places])
        return sha256(pack_struct("<QQ", len(places), len(names)) + names + digests).digest()

    def inherit(self, before: Snapshot) -> None:
        """Takes over what was worked out for an earlier snapshot and still holds for this one."""
        if before.paths == self.paths:
            self._selections = before._selections
            if before.digests == self.digests:
                self._totals = before._totals

    def dump(self) -> bytes:
        """The snapshot as bytes, for the store."""
        names = "\0".join(self.paths)
        columns = (self.trust, len(self.paths), names, self.signatures, self.digests, self.states)
        return seal(_KIND, (*columns, self._selections, self._totals))

    @classmethod
    def load(cls, blob: bytes | None) -> Snapshot:
        """The snapshot that was dumped; an empty one when there is none or the bytes are damaged."""
        nothing: Dumped = ("full", 0, "", b"", b"", b"", {}, {})
        trust, count, names, signatures, digests, states, selections, totals = unseal(_KIND, blob, nothing)
        snapshot = cls(trust, names.split("\0") if count else [], signatures, digests, states=states)
        snapshot._selections = selections
        snapshot._totals = totals
        return snapshot


def changed_paths(before: Snapshot, after: Snapshot) -> list[str]:
    """The paths whose content differs between two snapshots, or that only one of them has; unstable ones always do."""
    if before is after:
        return []
    if before.paths == after.paths:
        return [after.paths[place] for place in _differing(before, after)]
    changed = set(before.paths) ^ set(after.paths)
    for place, path in enumerate(after.paths):
        known = before.position(path)
        if known >= 0 and (after.is_unstable(place) or before.digest(known) != after.digest(place)):
            changed.add(path)
    return sorted(changed)


def _differing(before: Snapshot, after: Snapshot) -> Iterable[int]:
    """Where two snapshots of the same paths differ; block by block, since mostly one file of thousands does."""
    any_unstable = after.has_unstable
    for begin in range(0, len(after.paths), _BLOCK):
        block = slice(begin * DIGEST, (begin + _BLOCK) * DIGEST)
        if any_unstable or before.digests[block] != after.digests[block]:
            for place in range(begin, min(begin + _BLOCK, len(after.paths))):
                if after.is_unstable(place) or before.digest(place) != after.digest(place):
                    yield place


def signatures_of(root: str, paths: list[str], trust: Trust = "full") -> bytes | None:
    """What a sweep of the same paths would find first, for one that follows at once; None where a path is missing."""
    disk = Disk(root)
    try:
        found, column = _look(disk, paths, trust)
    finally:
        disk.close()
    return column if len(found) == len(paths) else None


def sweep(
    root: str,
    paths: list[str],
    before: Snapshot,
    *,
    trust: Trust = "full",
    disk: Disk | None = None,
    seen: bytes | None = None,
) -> Snapshot:
    """Looks at every path, and reads those whose signature does not stand for their content.

    Args:
        root: absolute path of the tree.
        paths: posix, relative to it, sorted, each once. Those that do not exist are left out of the snapshot.
        before: the last snapshot of the tree, or an empty one.
        trust: how far signatures are trusted; a snapshot that was taken under another trust is read anew.
        disk: the machine to ask; by default the real one.
        seen: what `signatures_of` has just said of these very paths.

    Returns:
        `before` itself when nothing moved, so there is nothing to save; otherwise a new snapshot.

    Raises:
        OSError: when the root itself cannot be opened.
    """
    own = disk or Disk(root)
    try:
        paths, column = (paths, seen) if seen is not None else _look(own, paths, trust)
        if before.trust != trust:
            before = Snapshot(trust)
        if before.signatures == column and before.paths == paths and before.all_settled:
            before.read = 0
            return before
        return _learn(own, paths, column, before)
    finally:
        if disk is None:
            own.close()


def glance(root: str, before: Snapshot, paths: Iterable[str]) -> Snapshot | None:
    """Looks again at some of the files of a snapshot and takes the others as they were.

    Returns:
        `before` itself when none of them moved; None when one is gone or was not there, so that only a sweep can tell.

    Raises:
        OSError: when the root itself cannot be opened.
    """
    disk = Disk(root)
    try:
        return _glance(disk, before, paths)
    finally:
        disk.close()


def _glance(disk: Disk, before: Snapshot, paths: Iterable[str]) -> Snapshot | None:
    sign = packed_signer(before.trust)
    moved: dict[int, bytes] = {}
    for path in paths:
        place = before.position(path)
        if place < 0:
            return None
        try:
            signature = sign(disk.lstat(path))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            signature = bytes(WIDTH)
        if not before.is_settled(place) or before.signature(place) != signature:
            moved[place] = signature
    if not moved:
        before.read = 0
        return before
    columns = bytearray(before.signatures), bytearray(before.digests), bytearray(before.states)
    for place, signature in moved.items():
        columns[0][place * WIDTH : place * WIDTH + WIDTH] = signature
        columns[1][place * DIGEST : place * DIGEST + DIGEST] = bytes(DIGEST)
        _learn_one(disk, before.paths[place], before.trust, place, columns)
    return _snapshot(before, before.paths, columns, read=len(moved))


def _look(disk: Disk, paths: list[str], trust: Trust) -> tuple[list[str], bytes]:
    sign, lstat = packed_signer(trust), disk.lstat
    missing: set[str] = set()
    column: list[bytes] = []
    for path in paths:
        try:
            column.append(sign(lstat(path)))
        except (FileNotFoundError, NotADirectoryError):
            missing.add(path)
        except OSError:
            column.append(bytes(WIDTH))  # no signature of a real file: it will be found unstable
    if missing:
        paths = [path for path in paths if path not in missing]
    return paths, b"".join(column)


def _unpacked(places: bytes) -> tuple[int, ...]:
    return unpack_struct(f"<{len(places) // 4}I", places)


def _learn(disk: Disk, paths: list[str], column: bytes, before: Snapshot) -> Snapshot:
    columns = bytearray(column), bytearray(len(paths) * DIGEST), bytearray(len(paths))
    _, digests, states = columns
    same_paths = before.paths == paths
    count = 0
    for place, path in enumerate(paths):
        known = place if same_paths else before.position(path)
        if known >= 0 and before.is_settled(known):
            signature = column[place * WIDTH : place * WIDTH + WIDTH]
            if before.signature(known) == signature:
                digests[place * DIGEST : place * DIGEST + DIGEST] = before.digest(known)
                states[place] = _SETTLED
                continue
        count += 1
        _learn_one(disk, path, before.trust, place, columns)
    return _snapshot(before, paths, columns, read=count)


def _learn_one(disk: Disk, path: str, trust: Trust, place: int, columns: Columns) -> None:
    """Reads one file and puts what that says into its place."""
    signatures, digests, states = columns
    reading = read(disk, path, trust)
    if reading is None:
        states[place] = _UNSTABLE
        return
    signatures[place * WIDTH : place * WIDTH + WIDTH] = reading.signature
    digests[place * DIGEST : place * DIGEST + DIGEST] = reading.digest
    states[place] = _SETTLED if reading.settled else _UNSETTLED


def _snapshot(before: Snapshot, paths: list[str], columns: Columns, *, read: int) -> Snapshot:
    signatures, digests, states = map(bytes, columns)
    now = Snapshot(before.trust, paths, signatures, digests, states=states)
    now.read = read
    now.inherit(before)
    return now
