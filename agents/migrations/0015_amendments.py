"""What people said after their answer had been given."""

import django.db.models.deletion
from django.db import migrations, models

import reviewapp.core.ids
from reviewapp.core import guards


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0014_webhook_retention"),
    ]

    operations = [
        migrations.CreateModel(
            name="Amendment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=reviewapp.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("output", models.JSONField(null=True)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("recalled", "A judgement was recalled"),
                            ("quarantined", "A source was put in quarantine"),
                            ("settled", "Settled again"),
                        ],
                        max_length=11,
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("told_at", models.DateTimeField()),
                (
                    "resolution",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="agents.resolution",
                    ),
                ),
            ],
            options={
                "ordering": ["resolution", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("resolution", "number"), name="amendment_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(("cause__in", ["recalled", "quarantined", "settled"])),
                        name="amendment_cause",
                    ),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="amendment_number"),
                ],
            },
        ),
        guards.append_only("agents_amendment"),
    ]
