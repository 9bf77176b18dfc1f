"""Fewer indexes: each costs every decision, and nobody asks by artifact."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

_FEWER = migrations.RunSQL(
    """
    DROP INDEX agents_decision_artifact_id_550de85a;
    DROP INDEX agents_decision_artifact_id_550de85a_like;
    DROP INDEX decision_status_page;
    CREATE INDEX decision_status_page ON agents_decision (agent_id, status, id DESC) WHERE NOT (status = 'auto');
    """,
    """
    DROP INDEX decision_status_page;
    CREATE INDEX decision_status_page ON agents_decision (agent_id, status, id DESC);
    CREATE INDEX agents_decision_artifact_id_550de85a ON agents_decision (artifact_id);
    CREATE INDEX agents_decision_artifact_id_550de85a_like ON agents_decision (artifact_id varchar_pattern_ops);
    """,
)


class Migration(migrations.Migration):
    dependencies = [("agents", "0012_decision_months")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [_FEWER],
            [
                migrations.RemoveIndex("decision", "decision_status_page"),
                migrations.AddIndex(
                    "decision",
                    models.Index(
                        fields=["agent", "status", "-id"], condition=~Q(status="auto"), name="decision_status_page"
                    ),
                ),
                migrations.AlterField(
                    "decision",
                    "artifact",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="agents.artifact",
                    ),
                ),
            ],
        )
    ]
