"""sha256 of what is already in memory, without OpenSSL: loading that takes longer than the digests of a warm run."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import sha256 as _sha256
else:
    try:
        from _sha2 import sha256 as _sha256  # Python 3.12 and later
    except ImportError:
        try:
            from _sha256 import sha256 as _sha256
        except ImportError:  # a Python that was built without its own hashes
            from hashlib import sha256 as _sha256


def sha256(data: bytes) -> bytes:
    """The 32 bytes of the sha256 of `data`."""
    return _sha256(data).digest()


def sha256_hex(data: bytes) -> str:
    """The sha256 of `data` as 64 hexadecimal digits."""
    return _sha256(data).hexdigest()
