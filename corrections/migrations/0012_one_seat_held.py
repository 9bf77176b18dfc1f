"""Nobody holds two seats of one decision, not even in two windows that claim at the same instant."""

from django.conf import settings
from django.db import migrations, models

# Of what somebody holds twice already the newer claims go back to the queue; their drafts stay.
PUT_BACK = migrations.RunSQL(
    """
    UPDATE corrections_task task SET lease_holder_id = NULL, lease_until = NULL
    WHERE task.lease_holder_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM corrections_task other
        WHERE other.decision_id = task.decision_id AND other.lease_holder_id = task.lease_holder_id AND other.id < task.id
    );
    """,
    migrations.RunSQL.noop,
)


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0014_webhook_retention"),
        ("corrections", "0011_closed_today"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        PUT_BACK,
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lease_holder__isnull", False)),
                fields=("decision", "lease_holder"),
                name="task_one_seat_held",
            ),
        ),
    ]
