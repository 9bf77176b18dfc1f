"""What PostgreSQL itself holds: evidence never changes, and states move only along their machines."""

from typing import ClassVar

from django.db import migrations

from reviewapp.core import guards


class Migration(migrations.Migration):
    """Triggers on the plane's tables."""

    dependencies: ClassVar = [("policies", "0001_initial")]
    operations: ClassVar = [
        guards.append_only("policies_referencecase"),
        guards.append_only("policies_snapshot"),
        guards.append_only("policies_evaluation"),
        guards.append_only("policies_guardreading"),
        guards.no_delete("policies_policyversion"),
        guards.no_delete("policies_release"),
        guards.no_delete("policies_build"),
        guards.frozen(
            "policies_policyversion",
            [
                "agent_id",
                "number",
                "artifact_id",
                "parent_id",
                "snapshot_id",
                "origin",
                "learner",
                "recipe",
                "seed",
                "notes",
                "built_by_id",
                "created_at",
            ],
        ),
        guards.frozen(
            "policies_release",
            [
                "agent_id",
                "version_id",
                "replaces_id",
                "kind",
                "plan",
                "salt",
                "approval_id",
                "started_at",
                "started_by_id",
            ],
        ),
        guards.state_machine(
            "policies_policyversion",
            "state",
            {
                "built": ["evaluated"],
                "evaluated": ["submitted"],
                "submitted": ["approved", "rejected", "evaluated"],
                "approved": ["releasing", "live"],
                "releasing": ["live", "rolled_back"],
                "live": ["superseded", "rolled_back"],
                "superseded": ["live"],
                "rolled_back": ["evaluated"],
            },
        ),
        guards.state_machine(
            "policies_release",
            "state",
            {
                "canary": ["paused", "live", "rolled_back"],
                "paused": ["canary", "rolled_back"],
                "live": ["superseded", "rolled_back"],
            },
        ),
        guards.state_machine(
            "policies_build",
            "state",
            {"queued": ["running"], "running": ["succeeded", "failed", "nothing_new"]},
        ),
    ]
