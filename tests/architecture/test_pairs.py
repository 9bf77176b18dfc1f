"""Who and when belong together: every pair of columns `x_at` and `x_by` is bound by the database."""

import pytest
from django.apps import apps
from django.db import connection, models

from tests.architecture.test_tables import OURS

# Pairs of which one half may be empty by itself, and why.
EXCUSED = {
    "accounts.ServiceAccount.created": "the first ones are made by the system, behind which nobody stands",
    "accounts.ApiKey.created": "the first ones are made by the system, behind which nobody stands",
}
# Who without an own when: the moment is another column, and why nobody may stand there.
ALONE = {
    "policies.Build.requested_by": "asked for at `created_at`; empty when the scheduler asked",
    "policies.PolicyVersion.built_by": "built at `created_at`; empty when the scheduler asked",
}


def _pairs() -> dict[str, tuple[models.Field, models.Field]]:
    found = {}
    for model in apps.get_models():
        if model._meta.app_label not in OURS:
            continue
        fields = {field.name.removesuffix("_id"): field for field in model._meta.concrete_fields}
        for name, field in fields.items():
            who = fields.get(name.removesuffix("_at") + "_by")
            if name.endswith("_at") and who is not None:
                found[f"{model._meta.label}.{name.removesuffix('_at')}"] = (field, who)
    return found


PAIRS = _pairs()


def test_pairs__are_found():
    assert "approvals.ApprovalRequest.decided" in PAIRS
    assert "accounts.RoleGrant.granted" in PAIRS
    assert set(EXCUSED) <= set(PAIRS)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(set(PAIRS) - set(EXCUSED)))
def test_pair__bound_by_the_database(name):
    """Both columns are never empty, or one check constraint speaks of both."""
    when, who = PAIRS[name]
    if not when.null and not who.null:
        return
    table = when.model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(a.attname) FROM pg_constraint c JOIN pg_attribute a "
            "ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) "
            "WHERE c.conrelid = %s::regclass AND c.contype = 'c' GROUP BY c.oid",
            [table],
        )
        bound = [set(columns) for (columns,) in cursor.fetchall()]

    assert any({when.column, who.column} <= columns for columns in bound), f"{table}: {when.column}, {who.column}"


def test_who_without_when__is_listed_with_its_reason():
    alone = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for field in model._meta.concrete_fields
        if field.name.removesuffix("_id").endswith("_by")
        and f"{model._meta.label}.{field.name.removesuffix('_id').removesuffix('_by')}" not in PAIRS
    }

    assert alone == set(ALONE)
