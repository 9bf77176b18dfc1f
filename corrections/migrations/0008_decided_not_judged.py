"""Who decided an escalation of a case does not judge the case, and of two that happen at one instant the second is refused."""

from django.db import migrations

# FOR SHARE waits for a decision that is under way and then reads what it was. A decision that comes while a judgement is
# under way waits for this lock in turn, and `corrections_second_person` then finds the judgement.
NOT_INVOLVED = migrations.RunSQL(
    """
    CREATE FUNCTION corrections_decided_not_judged() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        asked record;
    BEGIN
        FOR asked IN
            SELECT request.state, request.decided_by_id FROM corrections_correction judged
            JOIN corrections_escalation raised ON raised.correction_id = judged.id
            JOIN approvals_approvalrequest request ON request.id = raised.approval_id
            WHERE judged.decision_id = NEW.decision_id FOR SHARE OF request
        LOOP
            IF asked.decided_by_id = NEW.author_id AND asked.state IN ('approved', 'rejected', 'returned') THEN
                RAISE EXCEPTION 'corrections_correction: who decided an escalation of the case does not judge it'
                    USING ERRCODE = '23514';
            END IF;
        END LOOP;
        RETURN NEW;
    END $$;
    CREATE TRIGGER corrections_decided_not_judged BEFORE INSERT ON corrections_correction
        FOR EACH ROW EXECUTE FUNCTION corrections_decided_not_judged();
    """,
    "DROP TRIGGER corrections_decided_not_judged ON corrections_correction; DROP FUNCTION corrections_decided_not_judged();",
)


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0002_guards"),
        ("corrections", "0007_second_person"),
    ]

    operations = [NOT_INVOLVED]
