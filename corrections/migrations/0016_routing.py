"""Routing: several review queues for an agent, rules that choose among them, and a default where none holds."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reviewapp.core.ids

# Until now every agent had one review queue: that is where everything went, so it is the default.
DEFAULTS = migrations.RunSQL(
    "UPDATE corrections_queue SET is_default = true WHERE kind = 'standard';", migrations.RunSQL.noop
)
OF_AGENT = migrations.RunSQL(
    """
    ALTER TABLE corrections_routingrule ADD CONSTRAINT routingrule_queue_of_agent
        FOREIGN KEY (queue_id, agent_id, queue_kind) REFERENCES corrections_queue (id, agent_id, kind);
    """,
    "ALTER TABLE corrections_routingrule DROP CONSTRAINT routingrule_queue_of_agent;",
)


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0014_webhook_retention"),
        ("corrections", "0015_deadlines"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RoutingRule",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=reviewapp.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=80)),
                ("when", models.CharField(max_length=2000)),
                ("queue_kind", models.CharField(default="standard", editable=False, max_length=8)),
            ],
            options={
                "ordering": ["agent", "position"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="queue",
            name="queue_kind_once",
        ),
        migrations.AddField(
            model_name="queue",
            name="is_default",
            field=models.BooleanField(db_default=False, default=False),
        ),
        DEFAULTS,
        migrations.AddField(
            model_name="task",
            name="route",
            field=models.CharField(blank=True, db_default="", default="", max_length=80),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "senior")), fields=("agent",), name="queue_senior_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)), fields=("agent",), name="queue_default_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_default", False), ("kind", "standard"), _connector="OR"),
                name="queue_default_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.UniqueConstraint(fields=("id", "agent", "kind"), name="queue_of_agent"),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="agent",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.agent"
            ),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="queue",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="corrections.queue"
            ),
        ),
        migrations.AddConstraint(
            model_name="routingrule",
            constraint=models.UniqueConstraint(fields=("agent", "position"), name="routingrule_order"),
        ),
        migrations.AddConstraint(
            model_name="routingrule",
            constraint=models.UniqueConstraint(fields=("agent", "name"), name="routingrule_name_once"),
        ),
        migrations.AddConstraint(
            model_name="routingrule",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("name", ""), _negated=True), models.Q(("when", ""), _negated=True)),
                name="routingrule_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="routingrule",
            constraint=models.CheckConstraint(condition=models.Q(("queue_kind", "standard")), name="routingrule_kind"),
        ),
        OF_AGENT,
    ]
