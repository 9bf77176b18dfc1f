"""Keyset paging: a page starts after a row, so deep pages cost what the first one does."""

from collections.abc import Sequence

from django.core import signing

from reviewapp.core.errors import Invalid


def write(*parts: str) -> str:
    """Return an opaque, signed cursor that stands after a row with these key parts."""
    return signing.dumps(list(parts), salt="countersign.page", compress=False)


def read(cursor: str, *, parts: int) -> Sequence[str]:
    """Return the key parts of a cursor, empty for the first page. Raises `Invalid` for one that is not ours."""
    if not cursor:
        return ()
    try:
        found = signing.loads(cursor, salt="countersign.page")
    except signing.BadSignature:
        raise Invalid(
            "This page link is not valid. Start at the first page.", fields={"after": "Leave it out."}
        ) from None
    if not isinstance(found, list) or len(found) != parts:
        raise Invalid("This page link is not valid. Start at the first page.", fields={"after": "Leave it out."})
    return [str(part) for part in found]
