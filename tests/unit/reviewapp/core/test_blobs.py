"""Contents are kept once, under their digest, in a directory that nobody else reads."""

import os
from pathlib import Path

import pytest

from reviewapp.core.blobs import Directory, digest_of


def test_put__twice__keeps_one_file_that_only_we_read(tmp_path: Path) -> None:
    kept = Directory(tmp_path / "files")
    digest = kept.put(b"abc")
    assert digest == kept.put(b"abc") == digest_of(b"abc")
    (path,) = (tmp_path / "files").glob("??/*")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    with kept.open(digest) as file:
        assert file.read() == b"abc"


def test_remove__then_open__finds_nothing(tmp_path: Path) -> None:
    kept = Directory(tmp_path)
    digest = kept.put(b"abc")
    kept.remove(digest)
    kept.remove(digest)
    with pytest.raises(FileNotFoundError):
        kept.open(digest)


@pytest.mark.parametrize("digest", ["../../etc/passwd", "sha256:..", "sha256:" + "A" * 64, ""])
def test_open__what_is_no_digest__finds_nothing(tmp_path: Path, digest: str) -> None:
    with pytest.raises(FileNotFoundError):
        Directory(tmp_path).open(digest)


def test_older_than__old_ones__and_clears_what_was_left_half_written(tmp_path: Path) -> None:
    kept = Directory(tmp_path)
    old, young = kept.put(b"old"), kept.put(b"young")
    half = tmp_path / "ab" / ".new-x"
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(b"")
    for path in [half, *tmp_path.glob(f"{old[7:9]}/{old[9:]}")]:
        os.utime(path, (0, 0))
    assert list(kept.older_than(60)) == [old]
    assert young in kept.older_than(-60)
    assert not half.exists()
