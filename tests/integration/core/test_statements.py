"""Statements of the hottest paths, on Django's own connection."""

from contextlib import nullcontext

import psycopg
import pytest
from django.db import DataError, OperationalError, ProgrammingError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from reviewapp.core import statements


@pytest.mark.django_db
def test_run__values__are_bound_by_the_server_and_counted() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert statements.run("SELECT %s::int8 + 1, %s::text", [41, "it's"]).fetchone() == (42, "it's")
    assert len(asked) == 1


@pytest.mark.django_db
def test_run__again_and_again__its_plan_is_kept_and_djangos_own_queries_have_none() -> None:
    for number in range(8):
        statements.run("SELECT %s::int8 * 3", [number])
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int8 * 4", [number])
            assert cursor.fetchone() == (number * 4,)

    kept = statements.run("SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements").fetchall()

    assert [uses for text, uses in kept if "* 3" in text] == [8]
    assert not [text for text, _ in kept if "* 4" in text]


@pytest.mark.django_db
def test_run__again_and_again__is_planned_once_for_any_values() -> None:
    for number in range(8):
        statements.run("SELECT %s::int8 * 5", [number])

    kept = statements.run("SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements").fetchall()

    assert [plans for text, *plans in kept if "* 5" in text] == [[8, 0]]


@pytest.mark.django_db
def test_run__database_refuses__raises_djangos_error() -> None:
    with pytest.raises(DataError), transaction.atomic():
        statements.run("SELECT %s::int4", [2**40])


@pytest.mark.django_db
def test_run__transaction_is_broken__says_so_like_django() -> None:
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            statements.run("SELECT 1")


def kill() -> None:
    """End the connection's server process, as a restart of PostgreSQL does."""
    connection.ensure_connection()
    kept = connection.connection
    with psycopg.connect(kept.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [kept.info.backend_pid])


@pytest.mark.django_db(transaction=True)
def test_run__connection_is_dead_and_statement_may_run_again__is_answered() -> None:
    kill()
    assert statements.run("SELECT 7", again=True).fetchone() == (7,)


@pytest.mark.django_db(transaction=True)
def test_run__connection_is_dead_and_statement_may_not_run_again__raises() -> None:
    kill()
    with pytest.raises(OperationalError):
        statements.run("SELECT 7")
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_run__connection_dies_in_a_transaction__is_never_tried_again() -> None:
    def lose() -> None:
        with transaction.atomic():
            statements.run("SELECT 1")
            kill()
            statements.run("SELECT 7", again=True)

    with pytest.raises(OperationalError):
        lose()
    connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("within", [False, True])
def test_send__values_as_text__are_bound_by_the_server_and_rows_come_back_as_text(*, within: bool) -> None:
    text = "SELECT %s::int8 + 1 AS n, %s::text UNION ALL SELECT %s::int8, 'b' ORDER BY n"
    with transaction.atomic() if within else nullcontext():
        for _ in range(7):
            assert statements.send(text, [b"41", "it's – %s".encode(), b"7"]) == (2, ["7", "42"])
        assert statements.send("SELECT coalesce(%s::text, 'none')", [None]).returned == ["none"]


@pytest.mark.django_db(transaction=True)
def test_send__write__tells_how_many_rows_it_touched() -> None:
    statements.run("CREATE TABLE sent_here (n int8 PRIMARY KEY)")
    try:
        text = "INSERT INTO sent_here SELECT %s::int8 ON CONFLICT DO NOTHING"
        assert [statements.send(text, [b"1"]).touched for _ in range(3)] == [1, 0, 0]
    finally:
        statements.run("DROP TABLE sent_here")


@pytest.mark.django_db(transaction=True)
def test_send__database_refuses__raises_djangos_error_and_the_connection_goes_on() -> None:
    for bad in (lambda: statements.send("SELECT %s::int4", [b"many"]), lambda: statements.send("SELEC", [])):
        with pytest.raises((DataError, ProgrammingError)):
            bad()
        assert statements.send("SELECT 5", []).returned == ["5"]


@pytest.mark.django_db(transaction=True)
def test_send__connection_is_dead__is_tried_again_only_where_that_is_harmless() -> None:
    assert statements.send("SELECT 7", []).returned == ["7"]
    kill()
    assert statements.send("SELECT 7", [], again=True).returned == ["7"]
    kill()
    with pytest.raises(OperationalError):
        statements.send("SELECT 7", [])
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_send__inside_a_transaction__is_undone_with_it() -> None:
    statements.run("CREATE TABLE sent_here (n int8)")
    try:
        with transaction.atomic():
            statements.send("INSERT INTO sent_here SELECT %s::int8", [b"1"])
            transaction.set_rollback(True)
        assert statements.send("SELECT count(*) FROM sent_here", []).returned == ["0"]
    finally:
        statements.run("DROP TABLE sent_here")
