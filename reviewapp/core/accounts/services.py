"""Writing accounts: people, service accounts, keys and roles. Every change is an event."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from guardian.shortcuts import assign_perm, remove_perm

from reviewapp.core import clock, events
from reviewapp.core.accounts import actors, keys, roles
from reviewapp.core.accounts.models import ApiKey, Role, RoleGrant, ServiceAccount, User
from reviewapp.core.errors import Conflict, Invalid, Missing

events.external(
    "user.created",
    "service.created",
    "key.issued",
    "key.revoked",
    "role.granted",
    "role.withdrawn",
)


@transaction.atomic
def create_user(
    *, username: str, display_name: str, email: str = "", password: str | None = None, by: events.Actor
) -> User:
    """Create a person who can sign in; without a password only a personal key lets them in.

    Raises `Invalid` naming the field, and `Conflict` when the user name is taken.
    """
    user = User(username=username, display_name=display_name.strip(), email=email)
    if password is None:
        user.set_unusable_password()
    else:
        user.set_password(password)
    try:
        user.full_clean(validate_constraints=False)
    except ValidationError as fault:
        taken = User.objects.filter(username=username).exists()
        if taken:
            raise Conflict(f"The user name {username!r} is taken.", fields={"username": "Choose another."}) from None
        raise Invalid(
            "The account is not complete.", fields={k: " ".join(v) for k, v in fault.message_dict.items()}
        ) from fault
    user.save()
    events.record("user.created", subject=("user", str(user.pk)), actor=by)
    return user


def change_preferences(*, user: User, changes: Mapping[str, Any]) -> User:
    """Change how a person sees the pages: theme, density, single_keys, time_zone. No event: it concerns nobody else.

    Raises `Invalid` naming the field.
    """
    faults = {}
    if "theme" in changes and changes["theme"] not in User.Theme.values:
        faults["theme"] = f"Use one of {', '.join(User.Theme.values)}."
    if "density" in changes and changes["density"] not in User.Density.values:
        faults["density"] = f"Use one of {', '.join(User.Density.values)}."
    if "time_zone" in changes and changes["time_zone"] not in available_timezones():
        faults["time_zone"] = "Use a zone such as Europe/Berlin."
    if faults:
        raise Invalid("The preference is not known.", fields=faults)
    names = [name for name in ("theme", "density", "single_keys", "time_zone") if name in changes]
    for name in names:
        setattr(user, name, changes[name])
    if names:
        user.save(update_fields=names)
    return user


def move_tour(*, user: User, step: int) -> User:
    """Keep where a person is in the tour: 0 before it, 6 after it. No event: it concerns nobody else."""
    user.tour_step = step
    user.save(update_fields=["tour_step"])
    return user


@transaction.atomic
def create_service_account(*, name: str, agent_id: UUID | None = None, by: User | None) -> ServiceAccount:
    """Create a service account, bound to one agent or (None) to all. Raises `Conflict` when the name is taken."""
    try:
        with transaction.atomic():
            account = ServiceAccount.objects.create(
                name=name.strip(), agent_id=agent_id, created_at=clock.now(), created_by=by
            )
    except IntegrityError:
        raise Conflict(f"A service account named {name!r} exists.", fields={"name": "Choose another name."}) from None
    events.record(
        "service.created", subject=("service", str(account.pk)), actor=_actor(by), data={"name": account.name}
    )
    return account


@transaction.atomic
def issue_key(
    *,
    name: str,
    scopes: Sequence[str],
    user: User | None = None,
    service: ServiceAccount | None = None,
    expires_at: datetime | None = None,
    by: User | None,
) -> tuple[ApiKey, str]:
    """Issue a key to a person or a service account; return the row and the raw key, which exists nowhere else.

    Raises `Invalid` for unknown scopes, an expiry in the past, or a missing name.
    """
    now = clock.now()
    faults: dict[str, str] = {}
    if not name.strip():
        faults["name"] = "Give the key a name, so that people know what it is for."
    if unknown := sorted(set(scopes) - set(keys.SCOPES)):
        faults["scopes"] = f"Unknown: {', '.join(unknown)}. Known: {', '.join(keys.SCOPES)}."
    if not scopes:
        faults["scopes"] = "Choose at least one scope."
    if expires_at is not None and expires_at <= now:
        faults["expires_at"] = "Choose a time in the future."
    if faults:
        raise Invalid("The key cannot be issued.", fields=faults)
    raw, prefix, digest = keys.generate()
    key = ApiKey.objects.create(
        name=name.strip(),
        prefix=prefix,
        digest=digest,
        user=user,
        service=service,
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        created_at=now,
        created_by=by,
    )
    events.record(
        "key.issued", subject=("key", str(key.pk)), actor=_actor(by), data={"prefix": prefix, "scopes": key.scopes}
    )
    return key, raw


@transaction.atomic
def revoke_key(*, key_id: UUID, by: User) -> ApiKey:
    """Revoke a key at once; revoking twice changes nothing. Raises `Missing` for an unknown key."""
    key = ApiKey.objects.select_for_update().filter(pk=key_id).first()
    if key is None:
        raise Missing("This key does not exist.")
    if key.revoked_at is None:
        key.revoked_at, key.revoked_by = clock.now(), by
        key.save(update_fields=["revoked_at", "revoked_by"])
        events.record("key.revoked", subject=("key", str(key.pk)), actor=actors.of(by), data={"prefix": key.prefix})
    return key


def sync_roles() -> None:
    """Write the built-in roles as rows; run after every migration, changes only what differs."""
    for spec in roles.ROLES:
        Role.objects.update_or_create(
            code=spec.code,
            defaults={"name": spec.name, "description": spec.description, "permissions": list(spec.permissions)},
        )


@transaction.atomic
def grant_role(
    *, user: User, role: str, agent: Model | None = None, model: type[Model] | None = None, by: events.Actor
) -> RoleGrant:
    """Give `user` a role for `agent`, or (agent None) for all agents, then `model` names the agent model.

    Granting twice changes nothing. Raises `Missing` for an unknown role.
    """
    row = Role.objects.filter(code=role).first()
    if row is None:
        raise Missing(f"There is no role {role!r}.")
    grant, created = RoleGrant.objects.get_or_create(
        user=user,
        role=row,
        agent_id=agent.pk if agent is not None else None,
        defaults={"granted_at": clock.now(), "granted_by_id": by.id},
    )
    if created:
        _materialise(user, row.permissions, agent, model)
        scope = str(getattr(agent, "slug", "")) if agent is not None else ""
        events.record("role.granted", subject=("user", str(user.pk)), actor=by, scope=scope, data={"role": role})
    return grant


@transaction.atomic
def withdraw_role(
    *, user: User, role: str, agent: Model | None = None, model: type[Model] | None = None, by: events.Actor
) -> None:
    """Take a role away again; permissions that another grant still gives stay."""
    agent_id = agent.pk if agent is not None else None
    deleted, _ = RoleGrant.objects.filter(user=user, role_id=role, agent_id=agent_id).delete()
    if not deleted:
        return
    kept = {
        perm
        for grant in RoleGrant.objects.filter(user=user, agent_id=agent_id).select_related("role")
        for perm in grant.role.permissions
    }
    lost = [perm for perm in Role.objects.get(code=role).permissions if perm not in kept]
    if agent is not None:
        for codename in lost:
            remove_perm(f"{agent._meta.app_label}.{codename}", user, agent)
    elif model is not None:
        user.user_permissions.remove(*_permissions(model, lost))
    scope = str(getattr(agent, "slug", "")) if agent is not None else ""
    events.record("role.withdrawn", subject=("user", str(user.pk)), actor=by, scope=scope, data={"role": role})


def _materialise(user: User, codenames: Sequence[str], agent: Model | None, model: type[Model] | None) -> None:
    if agent is not None:
        for codename in codenames:
            assign_perm(f"{agent._meta.app_label}.{codename}", user, agent)
    elif model is not None:
        user.user_permissions.add(*_permissions(model, codenames))
    else:
        raise ValueError("a grant for all agents needs the agent model")


def _permissions(model: type[Model], codenames: Sequence[str]) -> list[Permission]:
    kind = ContentType.objects.get_for_model(model)
    return list(Permission.objects.filter(content_type=kind, codename__in=codenames))


def _actor(by: User | None) -> events.Actor:
    return actors.of(by) if by is not None else actors.SYSTEM
