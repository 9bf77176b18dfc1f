"""Who is signed in."""

from django.http import HttpRequest

from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Unauthenticated


def person(request: HttpRequest) -> User:
    """Return the signed-in person; the middleware has sent everyone else to the sign-in page."""
    if not isinstance(request.user, User):
        raise Unauthenticated("Sign in first.")
    return request.user
