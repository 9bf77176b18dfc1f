"""The life of contracts: drafts, deprecations, what each version changes; and the backlog of flagged decisions."""

import django.db.models.deletion
from django.db import migrations, models

import reviewapp.core.ids
from reviewapp.core import guards

# A breaking change that nobody answered for must not stand in the table, whoever writes to it.
_ANSWERED = migrations.RunSQL(
    """
    ALTER TABLE agents_contract ADD CONSTRAINT contract_breaking_answered CHECK (
        NOT jsonb_path_exists(
            changes, '$[*] ? (@.effect == "breaking" && (!exists(@.reason) || @.reason == ""))'
        )
    );
    """,
    "ALTER TABLE agents_contract DROP CONSTRAINT contract_breaking_answered;",
)
# Rows come and go with the two tables they follow, in the same transaction, by whatever way those are written.
_BACKLOG = migrations.RunSQL(
    """
    CREATE FUNCTION agents_opendecision_flagged() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO agents_opendecision (decision_id, agent_id) VALUES (NEW.id, NEW.agent_id);
        RETURN NULL;
    END $$;
    CREATE TRIGGER agents_decision_open AFTER INSERT ON agents_decision
        FOR EACH ROW WHEN (NEW.status <> 'auto') EXECUTE FUNCTION agents_opendecision_flagged();
    CREATE FUNCTION agents_opendecision_resolved() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM agents_opendecision WHERE decision_id = NEW.decision_id;
        RETURN NULL;
    END $$;
    CREATE TRIGGER agents_resolution_open AFTER INSERT ON agents_resolution
        FOR EACH ROW EXECUTE FUNCTION agents_opendecision_resolved();
    INSERT INTO agents_opendecision (decision_id, agent_id)
        SELECT d.id, d.agent_id FROM agents_decision d
        WHERE d.status <> 'auto' AND NOT EXISTS (SELECT 1 FROM agents_resolution r WHERE r.decision_id = d.id);
    """,
    """
    DROP TRIGGER agents_resolution_open ON agents_resolution;
    DROP TRIGGER agents_decision_open ON agents_decision;
    DROP FUNCTION agents_opendecision_resolved();
    DROP FUNCTION agents_opendecision_flagged();
    """,
)


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0008_outcomes"),
    ]

    operations = [
        migrations.AddField(
            model_name="contract",
            name="changes",
            field=models.JSONField(default=list),
        ),
        migrations.CreateModel(
            name="ContractDraft",
            fields=[
                (
                    "agent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="contract_draft",
                        serialize=False,
                        to="agents.agent",
                    ),
                ),
                ("body", models.JSONField()),
                ("revision", models.PositiveIntegerField(default=1)),
                ("saved_at", models.DateTimeField()),
                ("saved_by", models.CharField(max_length=80)),
                ("saved_by_label", models.CharField(max_length=150)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("saved_by", ""), _negated=True), name="contractdraft_saved_pair"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("revision__gte", 1)), name="contractdraft_revision_from_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpenDecision",
            fields=[
                ("decision_id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "agent",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="agents.agent",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ContractDeprecation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=reviewapp.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("deprecated_at", models.DateTimeField()),
                ("sunset_at", models.DateTimeField()),
                ("reason", models.TextField()),
                ("said_at", models.DateTimeField()),
                ("said_by", models.CharField(max_length=80)),
                ("said_by_label", models.CharField(max_length=150)),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deprecations", to="agents.contract"
                    ),
                ),
            ],
            options={
                "ordering": ["contract", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sunset_at__gt", models.F("deprecated_at"))),
                        name="deprecation_before_sunset",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True), models.Q(("said_by", ""), _negated=True)
                        ),
                        name="deprecation_reasoned_and_said",
                    ),
                ],
            },
        ),
        guards.append_only("agents_contractdeprecation"),
        _ANSWERED,
        _BACKLOG,
    ]
