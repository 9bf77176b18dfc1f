"""What was closed today is found without reading all that ever was."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0014_webhook_retention"),
        ("corrections", "0010_blind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("state", "open"), _negated=True),
                fields=["queue", "closed_at"],
                include=("due_at",),
                name="task_closed",
            ),
        ),
    ]
