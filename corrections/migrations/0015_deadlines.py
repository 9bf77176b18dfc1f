"""What queues do about deadlines, and what was done: each thing once for a task, and PostgreSQL holds that."""

import django.db.models.deletion
from django.db import migrations, models

import reviewapp.core.ids
from reviewapp.core import guards


class Migration(migrations.Migration):
    dependencies = [
        ("corrections", "0014_calendars"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeadlineAction",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=reviewapp.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "moment",
                    models.CharField(
                        choices=[("warning", "Before the deadline"), ("breach", "Deadline missed")], max_length=7
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("raise", "Raise the priority"),
                            ("notify", "Tell people"),
                            ("answer", "Answer by the contract"),
                            ("move", "Move to another queue"),
                        ],
                        max_length=6,
                    ),
                ),
                ("acted_at", models.DateTimeField()),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deadline_actions",
                        to="corrections.task",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("task", "moment", "action"), name="deadlineaction_once"),
                    models.CheckConstraint(
                        condition=models.Q(("moment__in", ["warning", "breach"])), name="deadlineaction_moment"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("action__in", ["raise", "notify", "answer", "move"])),
                        name="deadlineaction_action",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeadlineRules",
            fields=[
                (
                    "queue",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="deadline_rules",
                        serialize=False,
                        to="corrections.queue",
                    ),
                ),
                ("warn_minutes", models.PositiveIntegerField(null=True)),
                ("warn_notify", models.BooleanField(default=False)),
                ("warn_raise", models.PositiveSmallIntegerField(default=0)),
                ("breach_notify", models.BooleanField(default=False)),
                ("breach_raise", models.PositiveSmallIntegerField(default=0)),
                ("breach_answer", models.BooleanField(default=False)),
                (
                    "breach_move",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="corrections.queue",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("breach_raise__lte", 100), ("warn_raise__lte", 100)),
                        name="deadlinerules_raise",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("warn_minutes__isnull", True), ("warn_notify", False), ("warn_raise", 0)),
                            ("warn_minutes__gte", 1),
                            _connector="OR",
                        ),
                        name="deadlinerules_warning",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("breach_move", models.F("queue")), _negated=True),
                        name="deadlinerules_move_away",
                    ),
                ],
            },
        ),
        guards.append_only("corrections_deadlineaction"),
    ]
