"""The review endpoints act for a person: a personal key or a signed-in session, never a service account."""

from rest_framework.request import Request

from reviewapp.core.accounts import api_auth
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import NotAllowed


def person(request: Request, scope: str = "review") -> User:
    """Return the person who asks; raises `NotAllowed` for service accounts and for keys without `scope`."""
    api_auth.require_scope(request, scope)
    if not isinstance(request.user, User):
        raise NotAllowed("Reviewing is for people: use a personal key.", code="person_needed")
    return request.user
