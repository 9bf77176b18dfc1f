"""How a decision was asked for: decided, proposed, or recorded after the fact."""

from django.db import migrations, models
from django.db.models import Q

# Decisions are append-only; this once their own history fills in what they did not say yet.
_FILL = migrations.RunSQL(
    """
    ALTER TABLE agents_decision DISABLE TRIGGER agents_decision_no_change;
    UPDATE agents_decision d SET mode = a.mode FROM agents_agent a WHERE a.id = d.agent_id AND a.mode <> d.mode;
    ALTER TABLE agents_decision ENABLE TRIGGER agents_decision_no_change;
    """,
    migrations.RunSQL.noop,
)


class Migration(migrations.Migration):
    dependencies = [("agents", "0005_signed_slots")]
    operations = [
        migrations.AddField(
            model_name="decision",
            name="mode",
            field=models.CharField(
                choices=[
                    ("decide", "Decided by the policy"),
                    ("propose", "Proposed by the agent"),
                    ("record", "Recorded after the fact"),
                ],
                default="decide",
                max_length=7,
            ),
            preserve_default=False,
        ),
        _FILL,
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=Q(("mode__in", ["decide", "propose", "record"])), name="decision_mode"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=~Q(("mode", "record")) | Q(output__isnull=False, proposal__isnull=False),
                name="decision_record_says_what_was_done",
            ),
        ),
    ]
