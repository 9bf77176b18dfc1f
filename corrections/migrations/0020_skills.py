"""Skills that queues need, and people certified in them: never by themselves, and never changed afterwards."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reviewapp.core.ids
from reviewapp.core import guards

OF_AGENT = migrations.RunSQL(
    """
    ALTER TABLE corrections_skillneed ADD CONSTRAINT skillneed_skill_of_agent FOREIGN KEY (skill_id, agent_id)
        REFERENCES corrections_skill (id, agent_id);
    ALTER TABLE corrections_skillneed ADD CONSTRAINT skillneed_queue_of_agent FOREIGN KEY (queue_id, agent_id)
        REFERENCES corrections_queue (id, agent_id);
    """,
    """
    ALTER TABLE corrections_skillneed DROP CONSTRAINT skillneed_skill_of_agent;
    ALTER TABLE corrections_skillneed DROP CONSTRAINT skillneed_queue_of_agent;
    """,
)


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0014_webhook_retention"),
        ("corrections", "0019_recall"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Certificate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=reviewapp.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField()),
                ("basis", models.CharField(max_length=400)),
                ("granted_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-valid_until", "id"],
            },
        ),
        migrations.CreateModel(
            name="Skill",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=reviewapp.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.SlugField(db_index=False, max_length=60)),
                ("name", models.CharField(max_length=120)),
                ("about", models.CharField(blank=True, max_length=400)),
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="SkillNeed",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=reviewapp.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.UniqueConstraint(fields=("id", "agent"), name="queue_and_agent"),
        ),
        migrations.CreateModel(
            name="CertificateWarning",
            fields=[
                (
                    "certificate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="warning",
                        serialize=False,
                        to="corrections.certificate",
                    ),
                ),
                ("warned_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["warned_at"],
            },
        ),
        migrations.AddField(
            model_name="certificate",
            name="granted_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="certificates", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="skill",
            name="agent",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.agent"
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="skill",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="certificates",
                to="corrections.skill",
            ),
        ),
        migrations.AddField(
            model_name="skillneed",
            name="agent",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.agent"
            ),
        ),
        migrations.AddField(
            model_name="skillneed",
            name="queue",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="needs",
                to="corrections.queue",
            ),
        ),
        migrations.AddField(
            model_name="skillneed",
            name="skill",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="needed_by", to="corrections.skill"
            ),
        ),
        migrations.CreateModel(
            name="CertificateRevocation",
            fields=[
                (
                    "certificate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="revocation",
                        serialize=False,
                        to="corrections.certificate",
                    ),
                ),
                ("reason", models.CharField(max_length=400)),
                ("revoked_at", models.DateTimeField()),
                (
                    "revoked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["revoked_at"],
            },
        ),
        migrations.AddConstraint(
            model_name="skill",
            constraint=models.UniqueConstraint(fields=("agent", "code"), name="skill_code_once"),
        ),
        migrations.AddConstraint(
            model_name="skill",
            constraint=models.UniqueConstraint(fields=("id", "agent"), name="skill_of_agent"),
        ),
        migrations.AddConstraint(
            model_name="skill",
            constraint=models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="skill_named"),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(fields=["skill", "person", "-valid_until"], name="certificate_holding"),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_until__gt", models.F("valid_from"))), name="certificate_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(("granted_by", models.F("person")), _negated=True), name="certificate_by_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(("basis", ""), _negated=True), name="certificate_basis"
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(("granted_at__isnull", False), ("granted_by__isnull", False)),
                name="certificate_granted_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="skillneed",
            constraint=models.UniqueConstraint(fields=("queue", "skill"), name="skillneed_once"),
        ),
        migrations.AddConstraint(
            model_name="certificaterevocation",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="certificaterevocation_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="certificaterevocation",
            constraint=models.CheckConstraint(
                condition=models.Q(("revoked_at__isnull", False), ("revoked_by__isnull", False)),
                name="certificaterevocation_pair",
            ),
        ),
        guards.append_only("corrections_certificate"),
        guards.append_only("corrections_certificaterevocation"),
        guards.append_only("corrections_certificatewarning"),
        OF_AGENT,
    ]
