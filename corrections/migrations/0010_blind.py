"""Blind review: a first judgement comes before the agent's answer, and PostgreSQL lets nobody submit without one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reviewapp.core.ids
from reviewapp.core import guards

OF_TASK = migrations.RunSQL(
    """
    ALTER TABLE corrections_firstjudgement ADD CONSTRAINT firstjudgement_of_task FOREIGN KEY (task_id, decision_id)
        REFERENCES corrections_task (id, decision_id);
    """,
    "ALTER TABLE corrections_firstjudgement DROP CONSTRAINT firstjudgement_of_task;",
)

# Blind stays blind: a case that was opened so is not uncovered by changing its row.
FROZEN = migrations.RunSQL(
    """
    CREATE FUNCTION corrections_task_blind() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.blind <> NEW.blind THEN
            RAISE EXCEPTION 'corrections_task: blind cannot change after insert' USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER corrections_task_blind BEFORE UPDATE OF blind ON corrections_task
        FOR EACH ROW EXECUTE FUNCTION corrections_task_blind();
    """,
    "DROP TRIGGER corrections_task_blind ON corrections_task; DROP FUNCTION corrections_task_blind();",
)

FIRST = migrations.RunSQL(
    """
    CREATE FUNCTION corrections_blind_first() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM corrections_task task WHERE task.id = NEW.task_id AND task.blind) AND NOT EXISTS (
            SELECT 1 FROM corrections_firstjudgement own
            WHERE own.decision_id = NEW.decision_id AND own.author_id = NEW.author_id
        ) THEN
            RAISE EXCEPTION 'corrections_correction: a blind case is judged first without the answer'
                USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER corrections_blind_first BEFORE INSERT ON corrections_correction
        FOR EACH ROW EXECUTE FUNCTION corrections_blind_first();

    CREATE FUNCTION corrections_first_of_all() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM corrections_task task WHERE task.id = NEW.task_id AND task.blind) OR EXISTS (
            SELECT 1 FROM corrections_correction said
            WHERE said.decision_id = NEW.decision_id AND said.author_id = NEW.author_id
        ) THEN
            RAISE EXCEPTION 'corrections_firstjudgement: of a blind case, before anything else is said of it'
                USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER corrections_first_of_all BEFORE INSERT ON corrections_firstjudgement
        FOR EACH ROW EXECUTE FUNCTION corrections_first_of_all();
    """,
    """
    DROP TRIGGER corrections_first_of_all ON corrections_firstjudgement; DROP FUNCTION corrections_first_of_all();
    DROP TRIGGER corrections_blind_first ON corrections_correction; DROP FUNCTION corrections_blind_first();
    """,
)


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0014_webhook_retention"),
        ("corrections", "0009_handover"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FirstJudgement",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=reviewapp.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("output", models.JSONField(null=True)),
                ("justification", models.TextField(blank=True)),
                ("confidence", models.PositiveSmallIntegerField(null=True)),
                ("contract_version", models.PositiveIntegerField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["recorded_at", "id"],
            },
        ),
        migrations.AddField(
            model_name="queue",
            name="blind_percent",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="task",
            name="blind",
            field=models.BooleanField(default=False, db_default=False),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.CheckConstraint(
                condition=models.Q(("blind_percent__lte", 100)), name="queue_blind_percent"
            ),
        ),
        migrations.AddField(
            model_name="firstjudgement",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="first_judgements",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="firstjudgement",
            name="decision",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.decision",
            ),
        ),
        migrations.AddField(
            model_name="firstjudgement",
            name="task",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="first_judgements",
                to="corrections.task",
            ),
        ),
        migrations.AddIndex(
            model_name="firstjudgement",
            index=models.Index(fields=["author", "-recorded_at"], name="firstjudgement_by_author"),
        ),
        migrations.AddConstraint(
            model_name="firstjudgement",
            constraint=models.UniqueConstraint(fields=("decision", "author"), name="firstjudgement_once"),
        ),
        migrations.AddConstraint(
            model_name="firstjudgement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confidence__isnull", True),
                    models.Q(("confidence__gte", 1), ("confidence__lte", 5)),
                    _connector="OR",
                ),
                name="firstjudgement_confidence",
            ),
        ),
        guards.append_only("corrections_firstjudgement"),
        OF_TASK,
        FROZEN,
        FIRST,
    ]
