"""References to decisions are guarded by triggers: a foreign key would keep every month of them."""

import django.db.models.deletion
from django.db import migrations, models

from reviewapp.core import guards

# By hand: against a partitioned table each partition has a constraint of its own, which goes with the first only.
_FREE = migrations.RunSQL(
    """
    SET CONSTRAINTS ALL IMMEDIATE;
    DO $$
    DECLARE one record;
    BEGIN
        FOR one IN SELECT conname, conrelid::regclass AS child FROM pg_constraint
                   WHERE contype = 'f' AND confrelid = 'agents_decision'::regclass AND conparentid = 0 LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.child, one.conname);
        END LOOP;
    END $$;
    """,
    migrations.RunSQL.noop,
)


def _of_decision(related: str) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related,
        to="agents.decision",
    )


class Migration(migrations.Migration):
    dependencies = [("corrections", "0002_guards"), ("agents", "0012_decision_months")]

    operations = [
        _FREE,
        migrations.AlterField("task", "decision", _of_decision("tasks")),
        migrations.AlterField("correction", "decision", _of_decision("corrections")),
        migrations.AlterField("consensus", "decision", _of_decision("consensus")),
        guards.refers("corrections_task", "decision_id", "agents_decision"),
        guards.refers("corrections_correction", "decision_id", "agents_decision"),
        guards.refers("corrections_consensus", "decision_id", "agents_decision"),
    ]
