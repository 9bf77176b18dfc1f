"""A queue can be paused: by whom, since when and why stands together or not at all."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0014_webhook_retention"),
        ("corrections", "0012_one_seat_held"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="pause_reason",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="queue",
            name="paused_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="queue",
            name="paused_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("pause_reason", ""), ("paused_at__isnull", True), ("paused_by__isnull", True)),
                    models.Q(
                        ("paused_at__isnull", False),
                        ("paused_by__isnull", False),
                        models.Q(("pause_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="queue_paused_pair",
            ),
        ),
    ]
