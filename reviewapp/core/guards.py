"""Database guards for migrations: append-only tables, state machines, frozen columns.

What must be true is held by PostgreSQL itself, so that a shell, a raw query or a bug meets the same wall as a page.
Triggers guard; the sealed event log detects (see `docs/architecture.md`).
"""

from collections.abc import Mapping, Sequence

from django.db.migrations import RunSQL


def append_only(table: str) -> RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE on `table` with SQLSTATE 23514 (check violation)."""
    function = f"{table}_append_only"
    return RunSQL(
        f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '23514';
        END $$;
        CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}();
        """,
        f"""
        DROP TRIGGER {table}_no_change ON {table};
        DROP TRIGGER {table}_no_truncate ON {table};
        DROP FUNCTION {function}();
        """,
    )


def state_machine(table: str, column: str, transitions: Mapping[str, Sequence[str]]) -> RunSQL:
    """Refuse every change of `column` that `transitions` does not list (old state to permitted new states)."""
    pairs = [f"{old}>{new}" for old, news in transitions.items() for new in news]
    allowed = ", ".join(f"'{pair}'" for pair in pairs)
    function = f"{table}_{column}_machine"
    return RunSQL(
        f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.{column} IS DISTINCT FROM NEW.{column}
               AND NOT (OLD.{column} || '>' || NEW.{column}) = ANY (ARRAY[{allowed}]::text[]) THEN
                RAISE EXCEPTION '{table}.{column} may not go from % to %', OLD.{column}, NEW.{column}
                    USING ERRCODE = '23514';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER {function} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}();
        """,
        f"DROP TRIGGER {function} ON {table}; DROP FUNCTION {function}();",
    )


def frozen(table: str, columns: Sequence[str]) -> RunSQL:
    """Refuse every change of `columns` once a row exists; the rest of the row stays changeable."""
    function = f"{table}_frozen"
    test = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    return RunSQL(
        f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {test} THEN
                RAISE EXCEPTION '{table}: {", ".join(columns)} cannot change after insert' USING ERRCODE = '23514';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER {function} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}();
        """,
        f"DROP TRIGGER {function} ON {table}; DROP FUNCTION {function}();",
    )


def set_once(table: str, columns: Sequence[str]) -> RunSQL:
    """Refuse every change of a column of `columns` once it is not NULL: who did it, and when, stays as it was written."""
    function = f"{table}_set_once"
    test = " OR ".join(
        f"(OLD.{column} IS NOT NULL AND OLD.{column} IS DISTINCT FROM NEW.{column})" for column in columns
    )
    return RunSQL(
        f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {test} THEN
                RAISE EXCEPTION '{table}: {", ".join(columns)} are set once' USING ERRCODE = '23514';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER {function} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}();
        """,
        f"DROP TRIGGER {function} ON {table}; DROP FUNCTION {function}();",
    )


def no_delete(table: str) -> RunSQL:
    """Refuse DELETE and TRUNCATE on `table`; rows may change but never vanish."""
    function = f"{table}_no_delete"
    return RunSQL(
        f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% keeps its rows: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '23514';
        END $$;
        CREATE TRIGGER {function}_row BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}();
        CREATE TRIGGER {function}_table BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}();
        """,
        f"DROP TRIGGER {function}_row ON {table}; DROP TRIGGER {function}_table ON {table}; DROP FUNCTION {function}();",
    )


def refers(table: str, column: str, of: str) -> RunSQL:
    """Refuse rows of `table` whose `column` names no row of `of`, with SQLSTATE 23503 (foreign key violation).

    For references to an append-only table whose old months leave: a foreign key would keep every month for ever. What
    was there when it was named is there for good; whoever takes a month away leaves the named rows where they are.
    """
    name = f"{table}_{column}_refers"
    return RunSQL(
        f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM {of} WHERE id = NEW.{column}) THEN
                RAISE EXCEPTION '{table}.{column}: there is no % in {of}', NEW.{column} USING ERRCODE = '23503';
            END IF;
            RETURN NULL;
        END $$;
        CREATE OR REPLACE TRIGGER {name} AFTER INSERT OR UPDATE OF {column} ON {table}
            FOR EACH ROW EXECUTE FUNCTION {name}();
        """,  # noqa: S608 - names from migrations
        f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();",
    )
