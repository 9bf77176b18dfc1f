"""Models and migrations say the same, in one line per app, and every guard goes away as it came."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tests.architecture.test_tables import OURS

pytestmark = pytest.mark.django_db


def test_models__no_migration_is_missing():
    said = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=said)
    except SystemExit:
        pytest.fail(said.getvalue())


@pytest.mark.parametrize("label", sorted(OURS))
def test_migrations__one_line_without_branches(label):
    graph = MigrationLoader(connection).graph

    assert len(graph.leaf_nodes(label)) == 1


def test_migrations__raw_sql__can_be_taken_back():
    loader = MigrationLoader(connection)
    stuck = [
        f"{label}.{name}: {operation}"
        for (label, name), migration in loader.disk_migrations.items()
        if label in OURS
        for operation in migration.operations
        if not operation.reversible
    ]

    assert stuck == []
