"""One more reviewer can be asked when those who judged disagree."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0015_amendments"),
        ("corrections", "0020_skills"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="most_seats",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("most_seats", 0),
                    models.Q(("most_seats__gt", models.F("seats")), ("most_seats__lte", 7), ("seats__gte", 2)),
                    _connector="OR",
                ),
                name="queue_most_seats",
            ),
        ),
    ]
