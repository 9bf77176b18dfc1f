"""Signatures of sealed policies, signed statements of slots, revocations: all written once."""

import django.db.models.deletion
from django.db import migrations, models

from reviewapp.core import guards


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0004_features"),
    ]

    operations = [
        migrations.CreateModel(
            name="Revocation",
            fields=[
                (
                    "artifact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="revocation",
                        serialize=False,
                        to="agents.artifact",
                    ),
                ),
                ("reason", models.TextField()),
                ("revoked_at", models.DateTimeField()),
                ("revoked_by", models.CharField(max_length=80)),
                ("revoked_by_label", models.CharField(max_length=150)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True), models.Q(("revoked_by", ""), _negated=True)
                        ),
                        name="revocation_revoked_pair",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ArtifactSignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key_id", models.CharField(max_length=80)),
                ("value", models.BinaryField()),
                ("signed_at", models.DateTimeField()),
                ("signed_by", models.CharField(max_length=80)),
                (
                    "artifact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="signatures", to="agents.artifact"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("artifact", "key_id"), name="artifact_signature_once_a_key"),
                    models.CheckConstraint(
                        condition=models.Q(("signed_by", ""), _negated=True), name="artifact_signature_signed_pair"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChannelStatement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("serial", models.BigIntegerField()),
                ("envelope", models.JSONField()),
                ("issued_at", models.DateTimeField()),
                ("not_after", models.DateTimeField()),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="statements", to="agents.agent"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("agent", "serial"), name="channel_statement_once_a_serial"),
                    models.CheckConstraint(
                        condition=models.Q(("not_after__gt", models.F("issued_at"))), name="channel_statement_expires"
                    ),
                ],
            },
        ),
        guards.append_only("agents_artifactsignature"),
        guards.append_only("agents_revocation"),
        guards.append_only("agents_channelstatement"),
    ]
