"""Files that go with judgements. Once a file is part of a correction it stays, as it is, with this very correction."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reviewapp.core.ids
from reviewapp.core import guards

BOUND_FOR_GOOD = migrations.RunSQL(
    """
    CREATE FUNCTION corrections_attachment_bound() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' AND OLD.correction_id IS NOT NULL THEN
            RAISE EXCEPTION 'corrections_attachment: a file of a correction stays with it' USING ERRCODE = '23514';
        END IF;
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        IF NEW.correction_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM corrections_correction correction
            WHERE correction.id = NEW.correction_id AND correction.task_id = NEW.task_id
              AND correction.author_id = NEW.uploader_id
        ) THEN
            RAISE EXCEPTION 'corrections_attachment: a file goes with its uploader''s correction of its task'
                USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER corrections_attachment_bound BEFORE INSERT OR UPDATE OR DELETE ON corrections_attachment
        FOR EACH ROW EXECUTE FUNCTION corrections_attachment_bound();
    """,
    "DROP TRIGGER corrections_attachment_bound ON corrections_attachment; DROP FUNCTION corrections_attachment_bound();",
)


class Migration(migrations.Migration):
    dependencies = [
        ("corrections", "0004_checked_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=reviewapp.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("kind", models.CharField(max_length=8)),
                ("media_type", models.CharField(max_length=100)),
                ("size", models.PositiveIntegerField()),
                ("digest", models.CharField(db_index=True, max_length=80)),
                ("tells", models.BooleanField(default=False)),
                ("uploaded_at", models.DateTimeField()),
                (
                    "correction",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="corrections.correction",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="corrections.task",
                    ),
                ),
                (
                    "uploader",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["uploaded_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("correction", None)), fields=["uploaded_at"], name="attachment_of_drafts"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("task", "uploader", "digest"), name="attachment_content_once"),
                    models.CheckConstraint(condition=models.Q(("size__gte", 1)), name="attachment_holds_something"),
                    models.CheckConstraint(
                        condition=models.Q(models.Q(("name", ""), _negated=True), ("digest__startswith", "sha256:")),
                        name="attachment_whole",
                    ),
                ],
            },
        ),
        BOUND_FOR_GOOD,
        guards.frozen(
            "corrections_attachment",
            ["task_id", "uploader_id", "name", "kind", "media_type", "size", "digest", "tells", "uploaded_at"],
        ),
    ]
