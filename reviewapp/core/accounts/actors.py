"""Who acts: the bridge from signed-in people and keys to the actor an event names."""

from typing import TYPE_CHECKING

from reviewapp.core.events import Actor

if TYPE_CHECKING:
    from reviewapp.core.accounts.models import ServiceAccount, User

SYSTEM = Actor(kind="system", id="countersign", label="Countersign")


def of(user: "User") -> Actor:
    """Return the actor for a person."""
    return Actor(kind="person", id=str(user.pk), label=user.display_name)


def of_service(account: "ServiceAccount") -> Actor:
    """Return the actor for a service account."""
    return Actor(kind="service", id=str(account.pk), label=account.name)
