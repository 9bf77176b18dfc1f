"""Feature views, their versions, and what was known of their entities: a partition a month."""

import django.db.models.deletion
from django.db import migrations, models

import reviewapp.core.ids
from reviewapp.core import guards

# The primary key is what makes sending twice the same as sending once; it carries `event_time`, as partitions ask.
_VALUES = migrations.RunSQL(
    """
    CREATE TABLE agents_featurevalue (
        version_id uuid NOT NULL REFERENCES agents_featureversion (id) DEFERRABLE INITIALLY DEFERRED,
        entity varchar(200) NOT NULL,
        event_time timestamptz NOT NULL,
        digest varchar(64) NOT NULL,
        "values" jsonb NOT NULL,
        ingested_at timestamptz NOT NULL,
        ingested_by varchar(80) NOT NULL,
        PRIMARY KEY (version_id, entity, event_time, digest),
        CONSTRAINT featurevalue_entity CHECK (NOT (entity = '')),
        CONSTRAINT featurevalue_ingested_pair CHECK (NOT (ingested_by = ''))
    ) PARTITION BY RANGE (event_time);
    CREATE INDEX featurevalue_ingested ON agents_featurevalue (version_id, ingested_at);
    -- History older than the first month, and whatever comes while nobody makes partitions: nothing is refused.
    CREATE TABLE agents_featurevalue_rest PARTITION OF agents_featurevalue DEFAULT;
    """,
    "DROP TABLE agents_featurevalue;",
)

# A month whose rows already lie in the rest stays there: they may not be moved, this table only grows.
_MONTHS = migrations.RunSQL(
    """
    CREATE FUNCTION agents_featurevalue_month(moment timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
    DECLARE
        low timestamptz := date_trunc('month', moment AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
        high timestamptz := (date_trunc('month', moment AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
        name text := 'agents_featurevalue_' || to_char(low AT TIME ZONE 'UTC', 'YYYYMM');
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('agents_featurevalue_month'));
        IF to_regclass(name) IS NOT NULL
           OR EXISTS (SELECT 1 FROM agents_featurevalue_rest WHERE event_time >= low AND event_time < high) THEN
            RETURN false;
        END IF;
        EXECUTE format('CREATE TABLE %I PARTITION OF agents_featurevalue FOR VALUES FROM (%L) TO (%L)',
                       name, low, high);
        -- Row triggers come with the partition, statement triggers do not.
        EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT '
                       'EXECUTE FUNCTION agents_featurevalue_append_only()', name);
        RETURN true;
    END $$;
    SELECT agents_featurevalue_month(now() + step * interval '1 month') FROM generate_series(-3, 2) AS step;
    """,
    """
    DROP FUNCTION agents_featurevalue_month(timestamptz);
    DO $$
    DECLARE part regclass;
    BEGIN
        FOR part IN SELECT inhrelid::regclass FROM pg_inherits
                    WHERE inhparent = 'agents_featurevalue'::regclass
                      AND inhrelid <> 'agents_featurevalue_rest'::regclass LOOP
            EXECUTE format('DROP TABLE %s', part);
        END LOOP;
    END $$;
    """,
)


class Migration(migrations.Migration):
    dependencies = [("agents", "0003_alter_agent_options")]

    operations = [
        migrations.CreateModel(
            name="FeatureView",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=reviewapp.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.SlugField(max_length=60, unique=True)),
                ("entity", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=80)),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="feature_views", to="agents.agent"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=~models.Q(name="") & ~models.Q(entity="") & ~models.Q(created_by=""),
                        name="featureview_named_and_made",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FeatureVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=reviewapp.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("body", models.JSONField()),
                ("digest", models.CharField(max_length=80)),
                ("changes", models.JSONField(default=list)),
                ("published_at", models.DateTimeField()),
                ("published_by", models.CharField(max_length=80)),
                ("published_by_label", models.CharField(max_length=150)),
                (
                    "view",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="agents.featureview"
                    ),
                ),
            ],
            options={
                "ordering": ["view", "-version"],
                "constraints": [
                    models.UniqueConstraint(fields=["view", "version"], name="featureversion_once"),
                    models.CheckConstraint(condition=models.Q(version__gte=1), name="featureversion_from_one"),
                    models.CheckConstraint(condition=~models.Q(published_by=""), name="featureversion_published_pair"),
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[_VALUES],
            state_operations=[
                migrations.CreateModel(
                    name="FeatureValue",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "version_id",
                                "entity",
                                "event_time",
                                "digest",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("entity", models.CharField(max_length=200)),
                        ("event_time", models.DateTimeField()),
                        ("digest", models.CharField(max_length=64)),
                        ("values", models.JSONField()),
                        ("ingested_at", models.DateTimeField()),
                        ("ingested_by", models.CharField(max_length=80)),
                        (
                            "version",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="values_of",
                                to="agents.featureversion",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["version", "entity", "-event_time"],
                        "indexes": [models.Index(fields=["version", "ingested_at"], name="featurevalue_ingested")],
                        "constraints": [
                            models.CheckConstraint(condition=~models.Q(entity=""), name="featurevalue_entity"),
                            models.CheckConstraint(
                                condition=~models.Q(ingested_by=""), name="featurevalue_ingested_pair"
                            ),
                        ],
                    },
                ),
            ],
        ),
        guards.append_only("agents_featureview"),
        guards.append_only("agents_featureversion"),
        guards.append_only("agents_featurevalue"),
        migrations.RunSQL(
            "CREATE TRIGGER no_truncate BEFORE TRUNCATE ON agents_featurevalue_rest FOR EACH STATEMENT "
            "EXECUTE FUNCTION agents_featurevalue_append_only();",
            "DROP TRIGGER no_truncate ON agents_featurevalue_rest;",
        ),
        _MONTHS,
    ]
