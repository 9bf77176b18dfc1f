"""A submission is held for a while, and its author may undo it until then; PostgreSQL knows who and until when."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from reviewapp.core import guards

# Who undoes is who wrote, of the decision that it is about.
BY_AUTHOR = migrations.RunSQL(
    """
    ALTER TABLE corrections_undo ADD CONSTRAINT undo_by_author FOREIGN KEY (correction_id, decision_id, undone_by_id)
        REFERENCES corrections_correction (id, decision_id, author_id);
    """,
    "ALTER TABLE corrections_undo DROP CONSTRAINT undo_by_author;",
)

IN_TIME = migrations.RunSQL(
    """
    CREATE FUNCTION corrections_undo_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (
            SELECT 1 FROM corrections_correction held WHERE held.id = NEW.correction_id AND held.held_until > NEW.undone_at
        ) THEN
            RAISE EXCEPTION 'corrections_undo: a submission is undone while it is held, not later' USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER corrections_undo_in_time BEFORE INSERT ON corrections_undo
        FOR EACH ROW EXECUTE FUNCTION corrections_undo_in_time();
    """,
    "DROP TRIGGER corrections_undo_in_time ON corrections_undo; DROP FUNCTION corrections_undo_in_time();",
)


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0014_webhook_retention"),
        ("corrections", "0005_attachments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Undo",
            fields=[
                (
                    "correction",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="undone",
                        serialize=False,
                        to="corrections.correction",
                    ),
                ),
                ("decision_id", models.UUIDField()),
                ("undone_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["undone_at"],
            },
        ),
        migrations.AddField(
            model_name="correction",
            name="held_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("held_until__isnull", True), ("held_until__gt", models.F("submitted_at")), _connector="OR"
                ),
                name="correction_held_later",
            ),
        ),
        migrations.AddField(
            model_name="undo",
            name="undone_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="undo",
            constraint=models.CheckConstraint(
                condition=models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)), name="undo_pair"
            ),
        ),
        guards.append_only("corrections_undo"),
        BY_AUTHOR,
        IN_TIME,
    ]
