"""A correction can be recalled by its author, once, after the time to undo it, unless a second person approved it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from reviewapp.core import guards

# Who recalls is who wrote, of the decision that it is about.
BY_AUTHOR = migrations.RunSQL(
    """
    ALTER TABLE corrections_recall ADD CONSTRAINT recall_by_author FOREIGN KEY (correction_id, decision_id, recalled_by_id)
        REFERENCES corrections_correction (id, decision_id, author_id);
    """,
    "ALTER TABLE corrections_recall DROP CONSTRAINT recall_by_author;",
)

ALLOWED = migrations.RunSQL(
    """
    CREATE FUNCTION corrections_recall_allowed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM corrections_correction held WHERE held.id = NEW.correction_id AND held.held_until > NEW.recalled_at
        ) OR EXISTS (SELECT 1 FROM corrections_undo undone WHERE undone.correction_id = NEW.correction_id) THEN
            RAISE EXCEPTION 'corrections_recall: what can be undone, or was, is not recalled' USING ERRCODE = '23514';
        END IF;
        IF EXISTS (
            SELECT 1 FROM corrections_escalation raised JOIN approvals_approvalrequest asked ON asked.id = raised.approval_id
            WHERE raised.correction_id = NEW.correction_id AND asked.state IN ('pending', 'approved')
        ) THEN
            RAISE EXCEPTION 'corrections_recall: a second person approved it or is asked to' USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER corrections_recall_allowed BEFORE INSERT ON corrections_recall
        FOR EACH ROW EXECUTE FUNCTION corrections_recall_allowed();
    """,
    "DROP TRIGGER corrections_recall_allowed ON corrections_recall; DROP FUNCTION corrections_recall_allowed();",
)


class Migration(migrations.Migration):
    dependencies = [
        ("corrections", "0018_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Recall",
            fields=[
                (
                    "correction",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="recalled",
                        serialize=False,
                        to="corrections.correction",
                    ),
                ),
                ("decision_id", models.UUIDField()),
                ("reason", models.CharField(max_length=1000)),
                ("recalled_at", models.DateTimeField()),
                (
                    "recalled_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["recalled_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("recalled_at__isnull", False), ("recalled_by__isnull", False)),
                        name="recall_pair",
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="recall_says_why"),
                ],
            },
        ),
        guards.append_only("corrections_recall"),
        BY_AUTHOR,
        ALLOWED,
    ]
