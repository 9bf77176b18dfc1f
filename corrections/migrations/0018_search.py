"""Words that search finds cases and corrections by, and searches that people keep."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reviewapp.core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0014_webhook_retention"),
        ("corrections", "0017_weights"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=reviewapp.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("kind", models.CharField(max_length=11)),
                ("query", models.CharField(blank=True, max_length=400)),
                ("shared", models.BooleanField(default=False)),
                ("saved_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name", "id"],
                "indexes": [
                    models.Index(condition=models.Q(("shared", True)), fields=["name"], name="savedview_shared")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "name"), name="savedview_name_once"),
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="savedview_named"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["tasks", "decisions", "corrections"])), name="savedview_kind"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchText",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("case", "Case"), ("correction", "Correction")], max_length=10)),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.agent"
                    ),
                ),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["words"], name="searchtext_words")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["case", "correction"])), name="searchtext_kind"
                    )
                ],
            },
        ),
    ]
