"""Corrections never change; tasks and consensus move only along their states."""

from django.db import migrations

from reviewapp.core import guards


class Migration(migrations.Migration):
    dependencies = [("corrections", "0001_initial")]
    operations = [
        guards.append_only("corrections_correction"),
        guards.append_only("corrections_escalation"),
        guards.state_machine("corrections_task", "state", {"open": ["done", "cancelled"]}),
        guards.frozen("corrections_task", ["decision_id", "kind", "seat", "round", "created_at"]),
        guards.no_delete("corrections_task"),
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
                "corrections",
                "formed_at",
            ],
        ),
        guards.no_delete("corrections_consensus"),
    ]
