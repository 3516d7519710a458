"""What the cache has to know of a check: plain data, so that it can be kept and read back without the adapters."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Literal, TypeAlias

    from ftui.cache.policy import Policy

    Trusts: TypeAlias = Literal["", "second-size", "mtime-size", "mtime-mode"]

FIELDS: Final = (
    "id", "adapter", "argv", "cwd", "inputs", "config", "env", "requires", "extra", "environment", "cached", "ttl",
    "on_failure", "trusts", "ahead_of",
)  # fmt: skip


class Recipe:
    """Everything of a check that goes into its key, or decides what becomes of a result.

    Attributes:
        id: of the check.
        adapter: its adapter's name, and the version of whoever brings that.
        argv: the whole command.
        cwd: posix path relative to the root.
        inputs: one regular expression for the files that the verdict depends on.
        config: configuration files, relative to the root or absolute, those that do not exist included.
        env: what the check sees beyond the base environment, as in `Check.env`.
        requires: ids of the checks whose keys are part of this one's.
        extra: what plugins add to the key.
        environment: absolute path of the project's virtual environment; empty where it has none.
        cached: whether its results may be stored and replayed at all.
        ttl: seconds that a result holds; None for as long as nothing changes.
        on_failure: when a stored failure runs again.
        trusts: what the tool's own cache takes as proof that a file is as before; empty where it has none.
        ahead_of: id of the check of which it tells a part sooner; empty where there is none.
    """

    __slots__ = FIELDS

    def __init__(
        self,
        *,
        id: str,
        adapter: tuple[str, ...],
        argv: tuple[str, ...],
        cwd: str,
        inputs: str,
        config: tuple[str, ...] = (),
        env: tuple[str, ...] = (),
        requires: tuple[str, ...] = (),
        extra: tuple[str, ...] = (),
        environment: str = "",
        cached: bool = True,
        ttl: float | None = None,
        on_failure: Policy = "on-idle",
        trusts: Trusts = "",
        ahead_of: str = "",
    ) -> None:
        self.id = id
        self.adapter = adapter
        self.argv = argv
        self.cwd = cwd
        self.inputs = inputs
        self.config = config
        self.env = env
        self.requires = requires
        self.extra = extra
        self.environment = environment
        self.cached = cached
        self.ttl = ttl
        self.on_failure = on_failure
        self.trusts = trusts
        self.ahead_of = ahead_of

    def dump(self) -> tuple[object, ...]:
        """Its fields, of built-in types only."""
        return tuple(getattr(self, name) for name in FIELDS)

    @classmethod
    def load(cls, fields: tuple[object, ...]) -> Recipe:
        """The recipe that was dumped."""
        return cls(**dict(zip(FIELDS, fields, strict=True)))  # type: ignore[arg-type]  # as `dump` gave them
