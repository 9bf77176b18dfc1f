"""Every table is known to be mutable or append-only, and PostgreSQL holds the latter to it."""

import re

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

APPEND_ONLY = {
    "events.Event",
    "agents.Contract",
    "agents.Artifact",
    "agents.Decision",
    "agents.Resolution",
    "corrections.Correction",
    "policies.ReferenceCase",
    "policies.Snapshot",
    "policies.Evaluation",
}
MUTABLE = {
    "events.OutboxEntry",
    "accounts.User",
    "accounts.ServiceAccount",
    "accounts.ApiKey",
    "accounts.Role",
    "accounts.RoleGrant",
    "approvals.ApprovalRequest",
    "agents.Agent",
    "agents.Slot",
    "corrections.Queue",
    "corrections.Task",
    "corrections.Draft",
    "corrections.Consensus",
    "policies.LearningSettings",
    "policies.Build",
    "policies.PolicyVersion",
    "policies.Release",
}
# Append-only or not, the database decides; listed apart because readings and escalations may be either by design.
EITHER = {"corrections.Escalation", "policies.GuardReading"}
OURS = {"events", "accounts", "approvals", "agents", "corrections", "policies"}


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in OURS]


def test_every_model__is_listed():
    assert {model._meta.label for model in our_models()} - APPEND_ONLY - MUTABLE - EITHER == set()


@pytest.mark.django_db
@pytest.mark.parametrize("label", sorted(APPEND_ONLY))
def test_append_only_table__has_triggers_for_update_delete_and_truncate(label):
    table = apps.get_model(label)._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(pg_get_triggerdef(oid), ' ') FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [table],
        )
        (found,) = cursor.fetchone()
    for action in ("UPDATE", "DELETE", "TRUNCATE"):
        assert re.search(rf"\b{action}\b", found or ""), f"{table} may be changed by {action}"


@pytest.mark.django_db
@pytest.mark.parametrize("label", sorted(APPEND_ONLY))
def test_append_only_table__truncate__is_refused(label):
    table = apps.get_model(label)._meta.db_table
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")


def test_every_at_and_by_pair__is_bound_by_a_constraint():
    loose = []
    for model in our_models():
        names = {field.name for field in model._meta.get_fields() if isinstance(field, models.Field)}
        for name in sorted(names):
            partner = name.removesuffix("_at") + "_by"
            if not name.endswith("_at") or partner not in names:
                continue
            at, by = model._meta.get_field(name), model._meta.get_field(partner)
            if not at.null and not by.null:
                continue
            text = " ".join(
                str(one.condition) for one in model._meta.constraints if isinstance(one, models.CheckConstraint)
            )
            if name not in text or partner not in text:
                loose.append(f"{model._meta.label}.{name}")
    # Made before anyone existed: the first accounts and keys are made by the system, so nobody stands behind them.
    allowed = {"accounts.ServiceAccount.created_at", "accounts.ApiKey.created_at"}
    assert set(loose) - allowed == set()
