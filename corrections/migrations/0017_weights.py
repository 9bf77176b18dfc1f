"""Points by which a review queue orders its cases, and what they gave each."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("corrections", "0016_routing"),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="aged",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="task",
            name="weighed",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="task",
            name="weighed_under",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.RunSQL(
            "UPDATE corrections_task SET weighed = priority WHERE state = 'open' AND kind = 'review';",
            migrations.RunSQL.noop,
        ),
        migrations.CreateModel(
            name="PriorityWeights",
            fields=[
                (
                    "queue",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="weights",
                        serialize=False,
                        to="corrections.queue",
                    ),
                ),
                ("uncertain", models.SmallIntegerField()),
                ("escalated", models.SmallIntegerField()),
                ("rule", models.SmallIntegerField()),
                ("sampled", models.SmallIntegerField()),
                ("risk", models.SmallIntegerField()),
                ("waiting", models.SmallIntegerField()),
                ("value", models.SmallIntegerField()),
                ("value_of", models.CharField(blank=True, max_length=2000)),
                ("value_full", models.FloatField()),
                ("age_points", models.PositiveSmallIntegerField()),
                ("age_hours", models.PositiveSmallIntegerField()),
                ("revision", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("escalated__range", (-100, 100)),
                            ("risk__range", (-100, 100)),
                            ("rule__range", (-100, 100)),
                            ("sampled__range", (-100, 100)),
                            ("uncertain__range", (-100, 100)),
                            ("value__range", (-100, 100)),
                            ("waiting__range", (-100, 100)),
                        ),
                        name="priorityweights_points",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("age_points__lte", 100), ("value_full__gte", 0)),
                        name="priorityweights_figures",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("age_hours", 0), ("age_points", 0)),
                            models.Q(("age_hours__gte", 1), ("age_points__gte", 1)),
                            _connector="OR",
                        ),
                        name="priorityweights_age",
                    ),
                ],
            },
        ),
    ]
