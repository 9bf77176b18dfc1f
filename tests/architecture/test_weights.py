"""What a page makes everybody load stays small: our scripts, and all style sheets as they travel."""

import gzip

import pytest
from django.conf import settings

KILOBYTE = 1_000


@pytest.mark.parametrize(("kind", "ceiling"), [("js", 30 * KILOBYTE), ("css", 20 * KILOBYTE)])
def test_static__of_our_own__stays_below_its_ceiling(kind: str, ceiling: int) -> None:
    files = [path.read_bytes() for path in sorted((settings.BASE_DIR / "static" / kind).glob(f"*.{kind}"))]
    # Scripts are counted as they are read, style sheets as they are sent: each by itself.
    weight = sum(len(one) if kind == "js" else len(gzip.compress(one, 9)) for one in files)

    assert files
    assert weight < ceiling, f"{weight:,} bytes of {kind}, below {ceiling:,}"
