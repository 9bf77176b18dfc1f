"""Who judged a case before does not decide its escalation: PostgreSQL refuses it, whoever asks."""

from django.db import migrations

NOT_INVOLVED = migrations.RunSQL(
    """
    CREATE FUNCTION corrections_second_person() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.state IN ('approved', 'rejected', 'returned') AND EXISTS (
            SELECT 1 FROM corrections_escalation raised
            JOIN corrections_correction asked ON asked.id = raised.correction_id
            JOIN corrections_correction judged ON judged.decision_id = asked.decision_id
            WHERE raised.approval_id = NEW.id AND judged.author_id = NEW.decided_by_id
                -- The author is told by approval_four_eyes.
                AND judged.author_id <> NEW.requested_by_id
        ) THEN
            RAISE EXCEPTION 'approvals_approvalrequest: who judged the case does not decide its escalation'
                USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER corrections_second_person BEFORE UPDATE OF state, decided_by_id ON approvals_approvalrequest
        FOR EACH ROW EXECUTE FUNCTION corrections_second_person();
    """,
    "DROP TRIGGER corrections_second_person ON approvals_approvalrequest; DROP FUNCTION corrections_second_person();",
)


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0002_guards"),
        ("corrections", "0006_undo"),
    ]

    operations = [NOT_INVOLVED]
