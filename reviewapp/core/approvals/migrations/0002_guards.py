"""A request is decided once, and what was asked, by whom, never changes."""

from django.db import migrations

from reviewapp.core import guards


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial")]
    operations = [
        guards.state_machine(
            "approvals_approvalrequest", "state", {"pending": ["approved", "rejected", "returned", "withdrawn"]}
        ),
        guards.frozen(
            "approvals_approvalrequest",
            ["kind", "subject_type", "subject_id", "scope", "binding", "requested_at", "requested_by_id"],
        ),
        guards.no_delete("approvals_approvalrequest"),
    ]
