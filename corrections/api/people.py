"""The review endpoints act for a person: a personal key or a signed-in session, never a service account."""

from rest_framework.request import Request

from reviewapp.core.accounts.keys import KeyHolder
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import NotAllowed

REVIEW = ("review",)
READ = ("review", "read")
FOLLOW = ("review", "read", "policies")


def person(request: Request, scopes: tuple[str, ...] = REVIEW) -> User:
    """Return the person who asks; raises `NotAllowed` for service accounts and for keys without one of `scopes`."""
    require_scope(request, scopes)
    if not isinstance(request.user, User):
        raise NotAllowed("Reviewing is for people: use a personal key.", code="person_needed")
    return request.user


def require_scope(request: Request, scopes: tuple[str, ...]) -> None:
    """Raise `NotAllowed` when the request came with a key that has none of `scopes`; sessions have no scopes."""
    holder = request.auth
    if isinstance(holder, KeyHolder) and not holder.scopes & set(scopes):
        raise NotAllowed(
            f"This key lacks the scope {' or '.join(scopes)}. Issue one that has it.", code="scope_missing"
        )
