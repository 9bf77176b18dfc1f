"""Answers are bound to the agent and contract of their decision, and waiting for people ends once."""

import django.db.models.deletion
from django.db import migrations, models

from reviewapp.core import guards

_BIND = migrations.RunSQL(
    """
    ALTER TABLE agents_resolution DISABLE TRIGGER agents_resolution_no_change;
    UPDATE agents_resolution resolution SET agent_id = decision.agent_id, contract_id = decision.contract_id
        FROM agents_decision decision WHERE decision.id = resolution.decision_id;
    ALTER TABLE agents_resolution ENABLE TRIGGER agents_resolution_no_change;
    -- Foreign keys are checked late, and a table with checks to come cannot be altered.
    SET CONSTRAINTS ALL IMMEDIATE;
    """,
    migrations.RunSQL.noop,
)
# A trigger, not a foreign key over three columns: that would cost every decision another unique index.
_BOUND = migrations.RunSQL(
    """
    CREATE FUNCTION agents_resolution_bound() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (
            SELECT 1 FROM agents_decision decision
            WHERE decision.id = NEW.decision_id
              AND decision.agent_id = NEW.agent_id AND decision.contract_id = NEW.contract_id
        ) THEN
            RAISE EXCEPTION 'agents_resolution: it is bound to the agent and contract of its decision'
                USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER agents_resolution_bound BEFORE INSERT ON agents_resolution
        FOR EACH ROW EXECUTE FUNCTION agents_resolution_bound();
    """,
    "DROP TRIGGER agents_resolution_bound ON agents_resolution; DROP FUNCTION agents_resolution_bound();",
)
# Who waits already gets the whole review time again: an update must not answer a whole backlog at once.
_WAITING = migrations.RunSQL(
    """
    INSERT INTO agents_deadline (decision_id, agent_id, due_at, outcome)
    SELECT decision.id, decision.agent_id,
           now() + make_interval(mins => coalesce((contract.body ->> 'review_minutes')::int, 60)), ''
    FROM agents_decision decision JOIN agents_contract contract ON contract.id = decision.contract_id
    WHERE decision.status <> 'auto' AND decision.mode <> 'record'
      AND NOT EXISTS (SELECT 1 FROM agents_resolution resolution WHERE resolution.decision_id = decision.id)
    """,
    migrations.RunSQL.noop,
)


def _bound_to(model: str, *, null: bool) -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False, null=null, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=model
    )


class Migration(migrations.Migration):
    dependencies = [("agents", "0006_decision_mode")]
    operations = [
        migrations.AddField("resolution", "agent", _bound_to("agents.agent", null=True)),
        migrations.AddField("resolution", "contract", _bound_to("agents.contract", null=True)),
        _BIND,
        migrations.AlterField("resolution", "agent", _bound_to("agents.agent", null=False)),
        migrations.AlterField("resolution", "contract", _bound_to("agents.contract", null=False)),
        _BOUND,
        migrations.AlterField("resolution", "output", models.JSONField(null=True)),
        migrations.AlterField(
            "resolution",
            "source",
            models.CharField(
                choices=[
                    ("auto", "Policy"),
                    ("review", "Review"),
                    ("escalation", "Escalation"),
                    ("adjudication", "Adjudication"),
                    ("contract", "Contract’s terms"),
                ],
                max_length=12,
            ),
        ),
        migrations.RemoveConstraint("resolution", "resolution_source"),
        migrations.AddConstraint(
            "resolution",
            models.CheckConstraint(
                condition=models.Q(source__in=["auto", "review", "escalation", "adjudication", "contract"]),
                name="resolution_source",
            ),
        ),
        migrations.AddConstraint(
            "resolution",
            models.CheckConstraint(
                condition=models.Q(output__isnull=False) | models.Q(source="contract"),
                name="resolution_people_say_something",
            ),
        ),
        migrations.AddIndex("resolution", models.Index(fields=["agent", "id"], name="resolution_stream")),
        migrations.CreateModel(
            name="Deadline",
            fields=[
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="deadline",
                        serialize=False,
                        to="agents.decision",
                    ),
                ),
                ("agent", _bound_to("agents.agent", null=False)),
                ("due_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Waiting"),
                            ("answered", "Answered"),
                            ("fallback", "Fallback given"),
                            ("deny", "Denied"),
                            ("review", "Left to people"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("settled_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["due_at"],
                "indexes": [models.Index(fields=["due_at"], condition=models.Q(outcome=""), name="deadline_waiting")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(outcome__in=["", "answered", "fallback", "deny", "review"]),
                        name="deadline_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(outcome="", settled_at__isnull=True)
                        | (~models.Q(outcome="") & models.Q(settled_at__isnull=False)),
                        name="deadline_settled_pair",
                    ),
                ],
            },
        ),
        guards.state_machine("agents_deadline", "outcome", {"": ["answered", "fallback", "deny", "review"]}),
        guards.frozen("agents_deadline", ["decision_id", "agent_id", "due_at"]),
        guards.no_delete("agents_deadline"),
        _WAITING,
    ]
