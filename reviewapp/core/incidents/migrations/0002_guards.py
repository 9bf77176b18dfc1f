"""An incident goes one way and never vanishes; what it is about, and every line of its timeline, stay as written."""

from django.db import migrations

from reviewapp.core import guards


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]
    operations = [
        guards.state_machine("incidents_incident", "state", {"open": ["acknowledged"], "acknowledged": ["resolved"]}),
        guards.frozen(
            "incidents_incident",
            ["kind", "key", "agent_id", "scope", "data", "path", "began_at", "opened_at"],
        ),
        guards.no_delete("incidents_incident"),
        guards.append_only("incidents_incidententry"),
    ]
