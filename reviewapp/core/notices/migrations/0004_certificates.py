"""People are told when a certificate ends soon."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0003_open_path"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="choice",
            name="choice_topic",
        ),
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_topic",
        ),
        migrations.AlterField(
            model_name="notice",
            name="topic",
            field=models.CharField(
                choices=[
                    ("escalation", "Escalations"),
                    ("returned", "Your corrections"),
                    ("approval", "Approvals"),
                    ("version", "Your versions"),
                    ("release", "Releases"),
                    ("learned", "What became of your corrections"),
                    ("deadline", "Deadlines"),
                    ("certificate", "Certificates"),
                    ("handover", "Cases handed to you"),
                    ("connection", "Connections"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="choice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "topic__in",
                        [
                            "escalation",
                            "returned",
                            "approval",
                            "version",
                            "release",
                            "learned",
                            "deadline",
                            "certificate",
                            "handover",
                            "connection",
                        ],
                    )
                ),
                name="choice_topic",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "topic__in",
                        [
                            "escalation",
                            "returned",
                            "approval",
                            "version",
                            "release",
                            "learned",
                            "deadline",
                            "certificate",
                            "handover",
                            "connection",
                        ],
                    )
                ),
                name="notice_topic",
            ),
        ),
    ]
