"""May this person do that? One answer for views, API and services.

Permissions are codenames on the agent model. A grant for one agent is a guardian object permission; a grant for all
agents is an ordinary model permission. Nobody is above the rules: superusers get no shortcut here.
"""

from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet
from guardian.models import UserObjectPermission

from reviewapp.core import statements
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


def can_by_key(user: User | AnonymousUser | Any, perm: str, key: Any, *, model: str = "agent") -> bool:
    """Say the same as `can` for a row of which only the primary key was read."""
    if can(user, perm):
        return True
    if not isinstance(user, User) or not user.is_active:
        return False
    label, _, codename = perm.partition(".")
    return codename in _granted(user, label).get(model, {}).get(str(key), set())


def can_for_any(user: User | AnonymousUser | Any, perm: str, *, model: str = "agent") -> bool:
    """Say whether `user` holds `perm` for all rows or for one; nothing is asked about the rows, which are never deleted."""
    if can(user, perm):
        return True
    if not isinstance(user, User) or not user.is_active:
        return False
    label, _, codename = perm.partition(".")
    return any(codename in held for held in _granted(user, label).get(model, {}).values())


def keys_for(user: User | AnonymousUser | Any, perm: str, *, model: str = "agent") -> list[str]:
    """Return the primary keys, as text, of the single rows for which `user` was granted `perm`; not what holds for all."""
    if not isinstance(user, User) or not user.is_active:
        return []
    label, _, codename = perm.partition(".")
    return [key for key, held in _granted(user, label).get(model, {}).items() if codename in held]


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
    if can(user, perm):
        return queryset
    label, _, codename = perm.partition(".")
    of_model = _granted(user, label).get(queryset.model._meta.model_name or "", {})
    return queryset.filter(pk__in=[key for key, held in of_model.items() if codename in held])


def holders(perm: str, on: Model | None) -> QuerySet[User]:
    """Return the active people who hold `perm` for `on`, or for all when `on` is None, by name: whom a page can send you to."""
    label, _, codename = perm.partition(".")
    granted = UserObjectPermission.objects.filter(
        permission__content_type__app_label=label, permission__codename=codename, object_pk=str(on.pk) if on else ""
    )
    everywhere = Q(user_permissions__content_type__app_label=label, user_permissions__codename=codename)
    found = User.objects.filter(everywhere | Q(pk__in=granted.values("user_id")), is_active=True)
    return found.distinct().order_by("display_name")


def _global_permissions(user: User, label: str) -> set[str]:
    return _granted(user, label).get("", {}).get("", set())


def _object_permissions(user: User, on: Model) -> set[str]:
    held = _granted(user, on._meta.app_label)
    return held.get(on._meta.model_name or "", {}).get(str(on.pk), set())


# Both kinds of grants in one statement: every page and every request of the API asks for them.
_GRANTED = """
    SELECT permission.codename, '', ''
    FROM accounts_user_user_permissions held
    JOIN auth_permission permission ON permission.id = held.permission_id
    JOIN django_content_type kind ON kind.id = permission.content_type_id
    WHERE held.user_id = %s AND kind.app_label = %s
    UNION ALL
    SELECT permission.codename, kind.model, held.object_pk
    FROM guardian_userobjectpermission held
    JOIN auth_permission permission ON permission.id = held.permission_id
    JOIN django_content_type kind ON kind.id = held.content_type_id
    WHERE held.user_id = %s AND kind.app_label = %s
"""


def holds(*codenames: str, on: str, model: str = "agents.agent") -> str:
    """Return as a condition inside another statement whether the person, its value `user`, holds all these permissions.

    `codenames` (each another one) and `on` (the row's primary key) are SQL expressions over that statement, never
    anything that came in.
    """
    label, _, name = model.partition(".")
    return f"""(
        SELECT count(*) FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id
        WHERE c.app_label = '{label}' AND c.model = '{name}' AND p.codename IN ({", ".join(codenames)}) AND (EXISTS (
            SELECT FROM accounts_user_user_permissions h WHERE h.user_id = %(user)s::int8 AND h.permission_id = p.id
        ) OR EXISTS (
            SELECT FROM guardian_userobjectpermission h
            WHERE h.user_id = %(user)s::int8 AND h.permission_id = p.id AND h.object_pk = {on}::text
        ))) = {len(codenames)}"""  # noqa: S608 - expressions of the code


# By model and primary key as text; "" and "" for grants for all.
Granted = dict[str, dict[str, set[str]]]


def _granted(user: User, label: str) -> Granted:
    """Return every grant of a person on an app's models; kept on the user object, so it lives as long as a request."""
    cache: dict[str, Granted] = user.__dict__.setdefault("_granted", {})
    if label not in cache:
        found: Granted = {}
        for codename, model, key in statements.run(_GRANTED, [user.pk, label, user.pk, label], again=True):
            found.setdefault(model, {}).setdefault(key, set()).add(codename)
        cache[label] = found
    return cache[label]
