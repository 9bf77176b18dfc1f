"""Corrections never change; tasks and consensus move only along their states; what belongs together stays together."""

from django.db import migrations

from reviewapp.core import guards

# A correction is about its task's decision, and replaces only what the same person said about the same decision.
WHOLE_CORRECTIONS = migrations.RunSQL(
    """
    ALTER TABLE corrections_correction
        ADD CONSTRAINT correction_of_task FOREIGN KEY (task_id, decision_id)
            REFERENCES corrections_task (id, decision_id),
        ADD CONSTRAINT correction_replaces_own FOREIGN KEY (replaces_id, decision_id, author_id)
            REFERENCES corrections_correction (id, decision_id, author_id);
    """,
    """
    ALTER TABLE corrections_correction
        DROP CONSTRAINT correction_of_task, DROP CONSTRAINT correction_replaces_own;
    """,
)

# Four-eyes compares who asked with who decides: so whoever asked must be the correction's author, not a stand-in.
ESCALATION_BY_AUTHOR = migrations.RunSQL(
    """
    CREATE FUNCTION corrections_escalation_by_author() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (
            SELECT 1 FROM corrections_correction correction
            JOIN approvals_approvalrequest request ON request.id = NEW.approval_id
            WHERE correction.id = NEW.correction_id
              AND request.requested_by_id = correction.author_id
              AND request.subject_type = 'correction' AND request.subject_id = correction.id::text
        ) THEN
            RAISE EXCEPTION 'corrections_escalation: its approval must be asked for by the author of its correction'
                USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER corrections_escalation_by_author BEFORE INSERT ON corrections_escalation
        FOR EACH ROW EXECUTE FUNCTION corrections_escalation_by_author();
    """,
    """
    DROP TRIGGER corrections_escalation_by_author ON corrections_escalation;
    DROP FUNCTION corrections_escalation_by_author();
    """,
)


class Migration(migrations.Migration):
    dependencies = [("corrections", "0001_initial"), ("approvals", "0002_guards")]
    operations = [
        guards.append_only("corrections_correction"),
        WHOLE_CORRECTIONS,
        guards.append_only("corrections_escalation"),
        ESCALATION_BY_AUTHOR,
        guards.state_machine("corrections_task", "state", {"open": ["done", "cancelled"]}),
        guards.frozen("corrections_task", ["decision_id", "kind", "seat", "round", "created_at"]),
        guards.no_delete("corrections_task"),
        guards.state_machine("corrections_consensus", "authoritative", {"true": ["false"]}),
        guards.frozen(
            "corrections_consensus",
            [
                "decision_id",
                "agent_id",
                "revision",
                "state",
                "output",
                "label",
                "confidence",
                "method",
                "changed",
                "corrections",
                "formed_at",
            ],
        ),
        guards.no_delete("corrections_consensus"),
    ]
