"""Nothing is checked or indexed twice: each costs every claim and every submission.

A correction names its task and that task"s decision, held together by one foreign key; the task"s reference is guarded.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from reviewapp.core import guards

_GUARD = guards.refers("corrections_correction", "decision_id", "agents_decision")


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0013_decision_indexes"),
        ("corrections", "0003_decisions_leave"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(_GUARD.reverse_sql, _GUARD.sql),
        migrations.AlterField(
            model_name="correction",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="correction",
            name="task",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="correction",
                to="corrections.task",
            ),
        ),
        migrations.AlterField(
            model_name="task",
            name="decision",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tasks",
                to="agents.decision",
            ),
        ),
        migrations.AlterField(
            model_name="task",
            name="lease_holder",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="held_tasks",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
