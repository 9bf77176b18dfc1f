"""May this person do that? One answer for views, API and services.

Permissions are codenames on the agent model. A grant for one agent is a guardian object permission; a grant for all
agents is an ordinary model permission. Nobody is above the rules: superusers get no shortcut here.
"""

from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet
from guardian.models import UserObjectPermission
from guardian.shortcuts import get_objects_for_user, get_user_perms

from reviewapp.core.accounts.models import User
from reviewapp.core.errors import NotAllowed

M = TypeVar("M", bound=Model)

_WORDS = {
    "view_agent": "see this agent",
    "review_task": "review decisions of this agent",
    "adjudicate_task": "settle disagreements of this agent",
    "decide_escalation": "decide escalations of this agent",
    "build_policy": "build policy versions of this agent",
    "approve_policy": "approve policy versions of this agent",
    "release_policy": "release policy versions of this agent",
    "audit_agent": "read the audit log of this agent",
    "develop_agent": "change this agent's contract and keys",
    "operate_agent": "operate this agent",
}


def can(user: User | AnonymousUser | Any, perm: str, on: Model | None = None) -> bool:
    """Say whether `user` holds `perm` ("agents.review_task") for the agent `on`, or for all agents when `on` is None.

    Answers are kept on the user object, so they live as long as one request.
    """
    if not isinstance(user, User) or not user.is_active:
        return False
    label, _, codename = perm.partition(".")
    if codename in _global_permissions(user, label):
        return True
    if on is None:
        return False
    return codename in _object_permissions(user, on)


def can_anywhere(user: User | AnonymousUser | Any, perm: str, queryset: QuerySet[M]) -> bool:
    """Say whether `user` holds `perm` for at least one row of `queryset`."""
    return can(user, perm) or visible_to(user, perm, queryset).exists()


def require(user: User | AnonymousUser | Any, perm: str, on: Model | None = None) -> None:
    """Raise `NotAllowed`, naming what is missing, unless `can(user, perm, on)`."""
    if not can(user, perm, on):
        codename = perm.partition(".")[2]
        words = _WORDS.get(codename, codename.replace("_", " "))
        raise NotAllowed(
            f"Your roles do not let you {words}. An administrator can grant it.", extra={"permission": perm}
        )


def visible_to(user: User | AnonymousUser | Any, perm: str, queryset: QuerySet[M]) -> QuerySet[M]:
    """Return the agents of `queryset` for which `user` holds `perm`."""
    if not isinstance(user, User) or not user.is_active:
        return queryset.none()
    # Asked here, because guardian looks at grants for all agents only together with its shortcut for superusers.
    if can(user, perm):
        return queryset
    found: QuerySet[M] = get_objects_for_user(
        user, perm, klass=queryset, with_superuser=False, use_groups=False, accept_global_perms=False
    )
    return found


def holders(perm: str, on: Model) -> QuerySet[User]:
    """Return the active people who hold `perm` for `on`, by name: whom a page can send you to."""
    label, _, codename = perm.partition(".")
    granted = UserObjectPermission.objects.filter(
        permission__content_type__app_label=label, permission__codename=codename, object_pk=str(on.pk)
    )
    everywhere = Q(user_permissions__content_type__app_label=label, user_permissions__codename=codename)
    found = User.objects.filter(everywhere | Q(pk__in=granted.values("user_id")), is_active=True)
    return found.distinct().order_by("display_name")


def _global_permissions(user: User, label: str) -> set[str]:
    cache: dict[str, set[str]] = user.__dict__.setdefault("_global_perms", {})
    if label not in cache:
        cache[label] = set(
            user.user_permissions.filter(content_type__app_label=label).values_list("codename", flat=True)
        )
    return cache[label]


def _object_permissions(user: User, on: Model) -> set[str]:
    cache: dict[tuple[str, Any], set[str]] = user.__dict__.setdefault("_object_perms", {})
    key = (on._meta.label, on.pk)
    if key not in cache:
        cache[key] = set(get_user_perms(user, on).values_list("codename", flat=True))
    return cache[key]
