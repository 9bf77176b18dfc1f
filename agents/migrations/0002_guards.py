"""What must be true of agents, whatever touches the tables."""

from django.db import migrations

from reviewapp.core import guards

_SERIAL = migrations.RunSQL(
    """
    CREATE FUNCTION agents_slot_serial() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.serial <= OLD.serial THEN
            RAISE EXCEPTION 'agents_slot.serial must rise: % after %', NEW.serial, OLD.serial USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER agents_slot_serial BEFORE UPDATE ON agents_slot FOR EACH ROW EXECUTE FUNCTION agents_slot_serial();
    """,
    "DROP TRIGGER agents_slot_serial ON agents_slot; DROP FUNCTION agents_slot_serial();",
)


class Migration(migrations.Migration):
    dependencies = [("agents", "0001_initial")]
    operations = [
        guards.frozen("agents_agent", ["id", "slug", "mode", "created_at", "created_by"]),
        guards.no_delete("agents_agent"),
        guards.append_only("agents_contract"),
        guards.append_only("agents_artifact"),
        guards.append_only("agents_decision"),
        guards.append_only("agents_resolution"),
        guards.no_delete("agents_slot"),
        _SERIAL,
    ]
