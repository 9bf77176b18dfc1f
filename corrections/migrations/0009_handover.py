"""Cases that go from hand to hand: who gave which draft to whom is on record, for good."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reviewapp.core.ids
from reviewapp.core import guards


class Migration(migrations.Migration):
    dependencies = [
        ("corrections", "0008_decided_not_judged"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Handover",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=reviewapp.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("decision_id", models.UUIDField()),
                ("kind", models.CharField(max_length=12)),
                ("seat", models.PositiveSmallIntegerField()),
                ("note", models.CharField(blank=True, max_length=500)),
                ("draft", models.JSONField(null=True)),
                ("copied", models.BooleanField()),
                ("lease_token", models.BigIntegerField()),
                ("handed_at", models.DateTimeField()),
                (
                    "handed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handovers",
                        to="corrections.task",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["decision_id"], name="handover_of_decision")],
                "constraints": [
                    models.UniqueConstraint(fields=("task", "lease_token"), name="handover_once"),
                    models.CheckConstraint(
                        condition=models.Q(("handed_at__isnull", False), ("handed_by__isnull", False)),
                        name="handover_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("receiver", models.F("handed_by")), _negated=True),
                        name="handover_to_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("copied", False), ("draft__isnull", False), _connector="OR"),
                        name="handover_copied_draft",
                    ),
                ],
            },
        ),
        guards.append_only("corrections_handover"),
    ]
