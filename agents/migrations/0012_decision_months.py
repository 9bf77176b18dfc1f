"""Decisions lie in partitions, one a month of their UUIDv7; idempotency keys and references have guards of their own."""

import django.db.models.deletion
from django.db import migrations, models

from reviewapp.core import guards

# Other apps' tables refer to decisions too. Their foreign keys would hold on to the old table; their own migrations put
# the guard in place, before or after this one.
_FREE = migrations.RunSQL(
    """
    SET CONSTRAINTS ALL IMMEDIATE;
    DO $$
    DECLARE one record;
    BEGIN
        FOR one IN SELECT conname, conrelid::regclass AS child FROM pg_constraint
                   WHERE contype = 'f' AND confrelid = 'agents_decision'::regclass LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.child, one.conname);
        END LOOP;
    END $$;
    """,
    migrations.RunSQL.noop,
)

# A unique constraint of a partitioned table must hold the id, and so could not say that a key is used once.
_KEYS = migrations.RunSQL(
    """
    DROP INDEX decision_once_per_key;
    CREATE TABLE agents_decisionkey (
        agent_id uuid NOT NULL,
        key varchar(200) NOT NULL,
        decision_id uuid NOT NULL,
        CONSTRAINT decision_once_per_key PRIMARY KEY (agent_id, key)
    );
    INSERT INTO agents_decisionkey (agent_id, key, decision_id)
        SELECT agent_id, idempotency_key, id FROM agents_decision WHERE idempotency_key IS NOT NULL;
    -- Whoever wrote the key in the same statement already has won it; anybody else takes it here or is refused.
    CREATE FUNCTION agents_decision_key() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (
            SELECT 1 FROM agents_decisionkey
            WHERE agent_id = NEW.agent_id AND key = NEW.idempotency_key AND decision_id = NEW.id
        ) THEN
            INSERT INTO agents_decisionkey (agent_id, key, decision_id)
                VALUES (NEW.agent_id, NEW.idempotency_key, NEW.id);
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER agents_decision_key AFTER INSERT ON agents_decision
        FOR EACH ROW WHEN (NEW.idempotency_key IS NOT NULL) EXECUTE FUNCTION agents_decision_key();
    """,
    """
    DROP TRIGGER agents_decision_key ON agents_decision;
    DROP FUNCTION agents_decision_key();
    DROP TABLE agents_decisionkey;
    CREATE UNIQUE INDEX decision_once_per_key ON agents_decision (agent_id, idempotency_key)
        WHERE idempotency_key IS NOT NULL;
    """,
)

_BOUNDS = migrations.RunSQL(
    """
    -- The least UUIDv7 of a moment (RFC 9562, 5.7): its first 48 bits are milliseconds since 1970.
    CREATE FUNCTION agents_decision_least(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT (lpad(to_hex(floor(extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
    $$;
    CREATE FUNCTION agents_decision_month(moment timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
    DECLARE
        low timestamptz := date_trunc('month', moment AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
        high timestamptz := (date_trunc('month', moment AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
        first uuid := agents_decision_least(low);
        past uuid := agents_decision_least(high);
        name text := 'agents_decision_' || to_char(low AT TIME ZONE 'UTC', 'YYYYMM');
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('agents_decision_month'));
        -- A month whose rows already lie in the rest stays there: they may not be moved, this table only grows.
        IF to_regclass(name) IS NOT NULL
           OR EXISTS (SELECT 1 FROM agents_decision_rest WHERE id >= first AND id < past) THEN
            RETURN false;
        END IF;
        EXECUTE format('CREATE TABLE %I PARTITION OF agents_decision FOR VALUES FROM (%L) TO (%L)', name, first, past);
        -- Row triggers come with the partition, statement triggers do not.
        EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT '
                       'EXECUTE FUNCTION agents_decision_append_only()', name);
        RETURN true;
    END $$;
    """,
    "DROP FUNCTION agents_decision_month(timestamptz); DROP FUNCTION agents_decision_least(timestamptz);",
)

# Everything the table has is taken from the catalogue, so that nothing is forgotten: checks, keys, indexes, triggers.
_MOVE = migrations.RunSQL(
    """
    DO $$
    DECLARE
        made text[];
        one text;
        old regclass := 'agents_decision'::regclass;
    BEGIN
        SELECT array_agg(statement ORDER BY place) INTO made FROM (
            SELECT 1 AS place, format('ALTER TABLE agents_decision ADD CONSTRAINT %I %s', conname,
                                      pg_get_constraintdef(oid)) AS statement
                FROM pg_constraint WHERE conrelid = old AND contype IN ('p', 'f')
            UNION ALL
            SELECT 2, pg_get_indexdef(indexrelid) FROM pg_index
                WHERE indrelid = old AND NOT indisprimary
            UNION ALL
            SELECT 3, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = old AND NOT tgisinternal
        ) kept;
        CREATE TABLE agents_decision_parted (LIKE agents_decision INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
            PARTITION BY RANGE (id);
        ALTER TABLE agents_decision RENAME TO agents_decision_whole;
        ALTER TABLE agents_decision_parted RENAME TO agents_decision;
        -- Ids that carry no time of ours, and whatever comes while nobody makes partitions: nothing is refused.
        CREATE TABLE agents_decision_rest PARTITION OF agents_decision DEFAULT;
        PERFORM agents_decision_month(month) FROM (
            SELECT now() + step * interval '1 month' AS month FROM generate_series(-1, 2) AS step
            UNION
            SELECT DISTINCT date_trunc('month', uuid_extract_timestamp(id) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
                FROM agents_decision_whole WHERE uuid_extract_version(id) = 7
        ) months;
        INSERT INTO agents_decision SELECT * FROM agents_decision_whole;
        DROP TABLE agents_decision_whole;
        FOREACH one IN ARRAY made LOOP
            EXECUTE one;
        END LOOP;
        CREATE TRIGGER no_truncate BEFORE TRUNCATE ON agents_decision_rest FOR EACH STATEMENT
            EXECUTE FUNCTION agents_decision_append_only();
    END $$;
    """,
    # One table again, with all the guards it has now; what was detached stays beside it.
    """
    SET CONSTRAINTS ALL IMMEDIATE;
    DO $$
    DECLARE
        made text[];
        one text;
        parted regclass := 'agents_decision'::regclass;
    BEGIN
        SELECT array_agg(statement ORDER BY place) INTO made FROM (
            SELECT 1 AS place, format('ALTER TABLE agents_decision ADD CONSTRAINT %I %s', conname,
                                      pg_get_constraintdef(oid)) AS statement
                FROM pg_constraint WHERE conrelid = parted AND contype IN ('p', 'f') AND conparentid = 0
            UNION ALL
            SELECT 4, format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
                             pg_get_constraintdef(oid))
                FROM pg_constraint WHERE confrelid = parted AND contype = 'f' AND conparentid = 0
            UNION ALL
            SELECT 2, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') FROM pg_index
                WHERE indrelid = parted AND NOT indisprimary
            UNION ALL
            SELECT 3, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = parted AND NOT tgisinternal
        ) kept;
        CREATE TABLE agents_decision_whole (LIKE agents_decision INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
        INSERT INTO agents_decision_whole SELECT * FROM agents_decision;
        DROP TABLE agents_decision CASCADE;
        ALTER TABLE agents_decision_whole RENAME TO agents_decision;
        FOREACH one IN ARRAY made LOOP
            EXECUTE one;
        END LOOP;
    END $$;
    """,
)


def _of_decision(kind: type[models.ForeignKey], related: str, **more: bool) -> models.ForeignKey:
    return kind(
        db_constraint=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related,
        to="agents.decision",
        **more,
    )


class Migration(migrations.Migration):
    dependencies = [("agents", "0011_webhook_due")]

    operations = [
        migrations.AlterField("resolution", "decision", _of_decision(models.OneToOneField, "resolution")),
        migrations.AlterField(
            "deadline", "decision", _of_decision(models.OneToOneField, "deadline", primary_key=True, serialize=False)
        ),
        migrations.AlterField("outcome", "decision", _of_decision(models.ForeignKey, "outcomes", db_index=False)),
        _FREE,
        migrations.SeparateDatabaseAndState(
            database_operations=[_KEYS],
            state_operations=[
                migrations.RemoveConstraint("decision", "decision_once_per_key"),
                migrations.CreateModel(
                    name="DecisionKey",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "agent_id", "key", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="agents.agent",
                            ),
                        ),
                        ("key", models.CharField(max_length=200)),
                        ("decision_id", models.UUIDField()),
                    ],
                ),
            ],
        ),
        guards.frozen("agents_decisionkey", ["agent_id", "key", "decision_id"]),
        _BOUNDS,
        _MOVE,
        guards.refers("agents_resolution", "decision_id", "agents_decision"),
        guards.refers("agents_deadline", "decision_id", "agents_decision"),
        guards.refers("agents_outcome", "decision_id", "agents_decision"),
    ]
