"""The log is append-only, also for shells and raw SQL."""

from django.db import migrations

from reviewapp.core import guards


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [guards.append_only("events_event")]
