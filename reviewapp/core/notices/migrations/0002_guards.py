"""What somebody was told does not change; a message goes out once."""

from django.db import migrations

from reviewapp.core import guards


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]
    operations = [
        guards.frozen(
            "notices_notice", ["person_id", "event_id", "topic", "title", "text", "path", "scope", "told_at"]
        ),
        guards.frozen("notices_message", ["notice_id", "person_id", "channel"]),
        guards.state_machine("notices_message", "state", {"waiting": ["sent", "given_up"]}),
    ]
