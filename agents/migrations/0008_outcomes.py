"""What became of decided cases, told later and kept for ever."""

import django.db.models.deletion
from django.db import migrations, models

import reviewapp.core.ids
from reviewapp.core import guards


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0007_resolutions_bound"),
    ]

    operations = [
        migrations.CreateModel(
            name="Outcome",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=reviewapp.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("body", models.JSONField()),
                ("values", models.JSONField(default=dict)),
                ("digest", models.CharField(max_length=80)),
                ("observed_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by_kind", models.CharField(max_length=8)),
                ("recorded_by", models.CharField(max_length=64)),
                ("recorded_by_label", models.CharField(max_length=150)),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.agent"
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agents.contract",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcomes",
                        to="agents.decision",
                    ),
                ),
            ],
            options={
                "ordering": ["-observed_at", "-id"],
                "indexes": [models.Index(fields=["agent", "decision", "-observed_at", "-id"], name="outcome_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("decision", "digest"), name="outcome_told_once"),
                    models.CheckConstraint(
                        condition=models.Q(("recorded_by", ""), _negated=True), name="outcome_recorded_pair"
                    ),
                ],
            },
        ),
        guards.append_only("agents_outcome"),
    ]
