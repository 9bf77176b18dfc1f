"""Pytest plugin: an embedded PostgreSQL and Valkey for the whole run, unless DATABASE_URL and REDIS_URL name others.

Loaded with `-p tests.plugin`, so that the servers are there before pytest-django reads the settings.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from reviewapp.ops import places
from reviewapp.ops.embedded import Embedded


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the servers once, in the process that leads the run; xdist's workers inherit its environment."""
    early_config.addinivalue_line("markers", "stack: needs the whole product running; runs alone, after the others")
    if "PYTEST_XDIST_WORKER" in os.environ or {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        return
    directory = open_directory()
    where = places.find(directory / "state")
    embedded = Embedded(where, test=True)
    # Not pytest_unconfigure: a run whose settings or conftest fail never gets there.
    atexit.register(_close, embedded, directory)
    embedded.start()
    os.environ["DATABASE_URL"] = where.database_url
    os.environ["REDIS_URL"] = where.redis_url
    os.environ["COUNTERSIGN_STATE"] = str(where.state)


def _close(embedded: Embedded, directory: Path) -> None:
    """Stop the servers and remove what they wrote."""
    embedded.stop()
    shutil.rmtree(directory, ignore_errors=True)


def open_directory() -> Path:
    """Make a temporary directory with a short path that the databases' account may walk through.

    pytest's own are private and deep: as root, nobody could not enter, and a socket's path would be too long.
    """
    directory = Path(tempfile.mkdtemp(prefix="cs-"))
    directory.chmod(0o711)
    return directory
