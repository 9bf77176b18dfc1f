"""Fixtures and rules for every test."""

from collections.abc import Generator, Iterator, Sequence

import pytest
from django.db import OperationalError, transaction
from django.db.backends.base.operations import BaseDatabaseOperations

from reviewapp.core.accounts import services
from tests.stack import Stack

ALONE = {"browser", "faults"}
_FLUSHES = 3


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by place and need: what uses the running product runs alone, after everything that shares the machine."""
    for item in items:
        # Below the checkout, whatever directory that lies in.
        places = ALONE & set(item.path.relative_to(item.config.rootpath).parts)
        for name in places:
            item.add_marker(name)
        alone = places and item.get_closest_marker("in_process") is None
        if alone or "stack" in getattr(item, "fixturenames", ()):
            item.add_marker("stack")
            # Starting the product, and what a person or a restart takes.
            item.add_marker(pytest.mark.timeout(300))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the product logged beside the failure of a test that used it."""
    report = yield
    if report.failed:
        for used in getattr(item, "funcargs", {}).values():
            if isinstance(used, Stack):
                report.sections += used.logs()
                break
    return report


@pytest.fixture(scope="session", autouse=True)
def _flush_passes_guards() -> Iterator[None]:
    """Let Django's flush between transactional tests past the triggers that refuse TRUNCATE, and nothing else.

    The built-in roles came with a migration, which a flush does not repeat: they are written again.
    """
    original = BaseDatabaseOperations.execute_sql_flush

    def flush(self: BaseDatabaseOperations, sql_list: Sequence[str]) -> None:
        for left in reversed(range(_FLUSHES)):
            try:
                with transaction.atomic(using=self.connection.alias):
                    with self.connection.cursor() as cursor:
                        cursor.execute("SET LOCAL session_replication_role = replica")
                    original(self, sql_list)
                    services.sync_roles()
            except OperationalError:
                # A page that was closed may have asked for something that is still being answered: the two wait crosswise,
                # and PostgreSQL ends one of them.
                if not left:
                    raise
            else:
                return

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush)
        yield


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole product as `make run` starts it, with its demo, on ports and in a state directory of its own."""
    with Stack.started() as running:
        yield running
