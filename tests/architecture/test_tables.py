"""Every table is known to be mutable or append-only, and PostgreSQL holds the latter to it: tried with raw SQL."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

OURS = {"events", "accounts", "approvals", "notices", "incidents", "agents", "corrections", "policies"}

# What happened, what was decided, what was learned from: rows are written once.
APPEND_ONLY = {
    "events.Event",
    "agents.Contract",
    "agents.ContractDeprecation",
    "agents.Artifact",
    "agents.ArtifactSignature",
    "agents.Revocation",
    "agents.ChannelStatement",
    "agents.Decision",
    "agents.Resolution",
    "agents.Amendment",
    "agents.Outcome",
    "agents.FeatureView",
    "agents.FeatureVersion",
    "agents.FeatureValue",
    "corrections.Correction",
    "corrections.Undo",
    "corrections.Recall",
    "corrections.Certificate",
    "corrections.CertificateRevocation",
    "corrections.CertificateWarning",
    "corrections.FirstJudgement",
    "corrections.Escalation",
    "corrections.Handover",
    "corrections.DeadlineAction",
    "policies.ReferenceCase",
    "policies.Snapshot",
    "policies.Evaluation",
    "policies.GuardReading",
    "incidents.IncidentEntry",
}
# What changes, with the reason. Those that never vanish are in NO_DELETE too.
MUTABLE = {
    "events.OutboxEntry": "goes once its event has reached every handler",
    "accounts.User": "people change their name, theme and password",
    "accounts.User_groups": "Django's own; groups are not used",
    "accounts.User_user_permissions": "permissions for all agents, written from role grants",
    "accounts.ServiceAccount": "is disabled",
    "accounts.ApiKey": "is revoked, remembers its last use",
    "accounts.Role": "installations adapt roles",
    "accounts.RoleGrant": "roles are withdrawn; the event log remembers",
    "approvals.ApprovalRequest": "is decided once; what was asked is frozen",
    "notices.Notice": "is read, and forgotten after some months; what it says is frozen",
    "notices.Wish": "people change how they are told",
    "notices.Choice": "people change how they are told",
    "notices.Message": "is tried until it arrives or is given up; goes with its notice",
    "incidents.Incident": "ends, and people look after it and resolve it; what it is about is frozen",
    "incidents.IncidentAction": "is finished once; what was planned is frozen",
    "agents.Agent": "is paused; its identity is frozen",
    "agents.Deadline": "ends once, by an answer or by the contract; what it is about is frozen",
    "agents.WebhookEndpoint": "is rotated, paused, switched off; whose it is and where it points is frozen",
    "agents.WebhookDelivery": "is tried until it arrives or is given up; what it says is frozen",
    "agents.Slot": "points at what serves; its serial only rises",
    "agents.ContractDraft": "is written until it is published or discarded",
    "agents.DecisionKey": "goes when the month of its decision leaves; what it says is frozen",
    "agents.OpenDecision": "goes once its decision is resolved",
    "corrections.Queue": "is configured",
    "corrections.DeadlineRules": "is configured; every change is an event",
    "corrections.PriorityWeights": "is configured; every change is an event",
    "corrections.Skill": "its name is corrected; made by an event",
    "corrections.SkillNeed": "is configured; every change is an event",
    "corrections.SavedView": "is renamed, shared and deleted by its owner; every change is an event",
    "corrections.SearchText": "made from other rows, and at any time again",
    "corrections.RoutingRule": "replaced as a whole; every change is an event with all rules",
    "corrections.Calendar": "hours and holidays change; every change is an event",
    "corrections.Task": "is claimed, done or cancelled; what it is about is frozen",
    "corrections.Attachment": "is part of a draft until a correction takes it, then stays; what it is is frozen",
    "corrections.Draft": "saves itself while a person types",
    "corrections.Consensus": "is replaced by a later one; what it says is frozen",
    "policies.LearningSettings": "is configured; every change is an event",
    "policies.Build": "runs from queued to its end",
    "policies.PolicyVersion": "goes from built to served; what it is is frozen",
    "policies.Release": "goes from stage to stage; what it releases is frozen",
}
NO_DELETE = {
    "incidents.Incident",
    "incidents.IncidentAction",
    "approvals.ApprovalRequest",
    "agents.Agent",
    "agents.Deadline",
    "agents.Slot",
    "agents.WebhookDelivery",
    "agents.WebhookEndpoint",
    "corrections.Task",
    "corrections.Consensus",
    "policies.Build",
    "policies.PolicyVersion",
    "policies.Release",
}


def _ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in OURS]


def _refused(label: str, statement: str, words: str) -> None:
    table = apps.get_model(label)._meta.db_table
    with connection.cursor() as cursor:
        # References that are checked late would make PostgreSQL refuse TRUNCATE for another reason.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - a table of ours
        assert cursor.fetchone()[0], f"no row of {label}: a trigger per row would not be tried"
    with pytest.raises(IntegrityError, match=words), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table=table))


def test_every_model__is_listed_once():
    assert {model._meta.label for model in _ours()} == APPEND_ONLY | set(MUTABLE)
    assert not APPEND_ONLY & set(MUTABLE)
    assert set(MUTABLE) >= NO_DELETE


def test_every_app_of_ours__is_looked_at():
    found = {config.label for config in apps.get_app_configs() if not config.path.count("site-packages")}

    assert {label for label in found if list(apps.get_app_config(label).get_models())} == OURS


@pytest.mark.parametrize("label", sorted(APPEND_ONLY))
@pytest.mark.parametrize("statement", ["UPDATE {table} SET id = id", "DELETE FROM {table}", "TRUNCATE {table} CASCADE"])
def test_append_only__changed_with_raw_sql__database_refuses(everything, label, statement):
    meta = apps.get_model(label)._meta
    # A key of several columns has none of its own: any column will do.
    key = meta.pk.column or meta.concrete_fields[0].column

    _refused(label, statement.replace("id = id", f"{key} = {key}"), "append-only")


@pytest.mark.parametrize("label", sorted(NO_DELETE))
@pytest.mark.parametrize("statement", ["DELETE FROM {table}", "TRUNCATE {table} CASCADE"])
def test_no_delete__rows_removed_with_raw_sql__database_refuses(everything, label, statement):
    _refused(label, statement, "keeps its rows|append-only")


def test_slot__serial_goes_back__database_refuses(everything):
    _refused("agents.Slot", "UPDATE {table} SET serial = serial - 1", "must rise")
