"""Files kept under the digest of their content, outside of everything that is served as files.

A `Store` may be a directory that all web processes share, or later an object store: callers know no paths.
"""

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol

from django.conf import settings


class Store(Protocol):
    """Keeps contents by digest ("sha256:…"); a content that is put twice is kept once."""

    def put(self, content: bytes) -> str:
        """Keep a content durably; return its digest."""

    def open(self, digest: str) -> IO[bytes]:
        """Return a content to read. Raises `FileNotFoundError`."""

    def remove(self, digest: str) -> None:
        """Forget a content; unknown ones are forgotten already."""

    def older_than(self, seconds: float) -> Iterator[str]:
        """Yield the digests of contents that were last put longer ago."""


def digest_of(content: bytes) -> str:
    """Return the digest under which a content is kept."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Directory:
    """A directory that only the product reads: files by the first two digits of their digest, written whole or not at all."""

    def __init__(self, root: Path) -> None:
        """Keep where the files lie; the directory is made when the first one comes."""
        self._root = root

    def put(self, content: bytes) -> str:
        """Keep a content durably; return its digest."""
        digest = digest_of(content)
        path = self._path(digest)
        if path.exists():
            os.utime(path)
            return digest
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return digest

    def open(self, digest: str) -> IO[bytes]:
        """Return a content to read. Raises `FileNotFoundError`."""
        return self._path(digest).open("rb")

    def remove(self, digest: str) -> None:
        """Forget a content; unknown ones are forgotten already."""
        self._path(digest).unlink(missing_ok=True)

    def older_than(self, seconds: float) -> Iterator[str]:
        """Yield the digests of contents that were last put longer ago; what a crash left half written goes on the way."""
        limit = time.time() - seconds
        for path in sorted(self._root.glob("??/*")):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < limit:
                    if path.name.startswith("."):
                        path.unlink()
                    else:
                        yield f"sha256:{path.parent.name}{path.name}"

    def _path(self, digest: str) -> Path:
        plain = digest.removeprefix("sha256:")
        if len(plain) != 64 or not set(plain) <= set("0123456789abcdef"):
            raise FileNotFoundError(digest)
        return self._root / plain[:2] / plain[2:]


def store() -> Store:
    """Return the store of this installation."""
    return Directory(Path(settings.ATTACHMENTS_DIR))
