"""Who looked after an incident, resolved it or finished an action, and when, is written once."""

from django.db import migrations

from reviewapp.core import guards


class Migration(migrations.Migration):
    dependencies = [("incidents", "0003_actions")]
    operations = [
        guards.set_once(
            "incidents_incident", ["acknowledged_at", "acknowledged_by_id", "resolved_at", "resolved_by_id"]
        ),
        guards.set_once("incidents_incidentaction", ["finished_at", "finished_by_id"]),
    ]
