"""Calendars: deadlines count when people work. A queue counts by a calendar of its own agent, and PostgreSQL holds that."""

import django.db.models.deletion
from django.db import migrations, models

import reviewapp.core.ids

OF_AGENT = migrations.RunSQL(
    """
    ALTER TABLE corrections_queue ADD CONSTRAINT queue_calendar_of_agent FOREIGN KEY (calendar_id, agent_id)
        REFERENCES corrections_calendar (id, agent_id);
    """,
    "ALTER TABLE corrections_queue DROP CONSTRAINT queue_calendar_of_agent;",
)


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0014_webhook_retention"),
        ("corrections", "0013_pause"),
    ]

    operations = [
        migrations.CreateModel(
            name="Calendar",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=reviewapp.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.SlugField(db_index=False, max_length=60)),
                ("name", models.CharField(max_length=120)),
                ("time_zone", models.CharField(max_length=64)),
                ("hours", models.JSONField()),
                ("holidays", models.JSONField(default=list)),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calendars",
                        to="agents.agent",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.AddField(
            model_name="queue",
            name="calendar",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="queues", to="corrections.calendar"
            ),
        ),
        migrations.AddConstraint(
            model_name="calendar",
            constraint=models.UniqueConstraint(fields=("agent", "code"), name="calendar_code_once"),
        ),
        migrations.AddConstraint(
            model_name="calendar",
            constraint=models.UniqueConstraint(fields=("id", "agent"), name="calendar_of_agent"),
        ),
        migrations.AddConstraint(
            model_name="calendar",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("name", ""), _negated=True),
                    models.Q(("time_zone", ""), _negated=True),
                    models.Q(("hours", {}), _negated=True),
                ),
                name="calendar_whole",
            ),
        ),
        OF_AGENT,
    ]
