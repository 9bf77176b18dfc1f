"""API keys for Django REST framework."""

from dataclasses import dataclass
from uuid import UUID

from rest_framework import authentication
from rest_framework.request import Request

from reviewapp.core import clock
from reviewapp.core.accounts import actors, keys
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import NotAllowed, Unauthenticated
from reviewapp.core.events import Actor


@dataclass(frozen=True, slots=True)
class ServicePrincipal:
    """A service account as `request.user`: it is authenticated, is no person, and holds only its key's scopes."""

    actor: Actor
    scopes: frozenset[str]
    agent_id: UUID | None
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False
    pk: None = None


class KeyAuthentication(authentication.BaseAuthentication):
    """Recognises `Authorization: Bearer cs_…`; without such a header the session is asked next."""

    def authenticate(self, request: Request) -> tuple[User | ServicePrincipal, keys.KeyHolder] | None:
        """Return (person or service, key holder); raises `Unauthenticated` for a bad key."""
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        holder = keys.authenticate(keys.bearer(header), now=clock.now())
        if holder.user_id is not None:
            return User.objects.get(pk=holder.user_id), holder
        return ServicePrincipal(holder.actor, holder.scopes, holder.agent_id), holder

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge for a 401, so that clients know which scheme to use."""
        return 'Bearer realm="countersign"'


def require_scope(request: Request, scope: str) -> None:
    """Raise `NotAllowed` when the request came with a key that lacks `scope`; signed-in sessions have no scopes."""
    holder = request.auth
    if isinstance(holder, keys.KeyHolder) and scope not in holder.scopes:
        raise NotAllowed(f"This key lacks the scope {scope!r}. Issue one that has it.", code="scope_missing")


def actor_of(request: Request) -> Actor:
    """Return who is asking, for events."""
    user = request.user
    if isinstance(user, ServicePrincipal):
        return user.actor
    if not isinstance(user, User):
        raise Unauthenticated("Sign in, or send an API key.")
    return actors.of(user)
