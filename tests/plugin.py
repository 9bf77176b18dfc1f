"""Pytest plugin: an embedded PostgreSQL and Valkey for the whole run, unless DATABASE_URL and REDIS_URL name others.

Loaded with `-p tests.plugin`, so that the servers are there before pytest-django reads the settings.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from reviewapp.ops import places
from reviewapp.ops.embedded import Embedded

_embedded: Embedded | None = None
_directory: Path | None = None


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the servers once, in the process that leads the run; xdist's workers inherit its environment."""
    global _embedded, _directory  # noqa: PLW0603 - pytest_unconfigure gets no handle from here
    early_config.addinivalue_line("markers", "stack: needs the whole product running; runs alone, after the others")
    if "PYTEST_XDIST_WORKER" in os.environ or {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        return
    _directory = open_directory()
    where = places.find(_directory / "state")
    _embedded = Embedded(where, test=True)
    _embedded.start()
    os.environ["DATABASE_URL"] = where.database_url
    os.environ["REDIS_URL"] = where.redis_url
    os.environ["COUNTERSIGN_STATE"] = str(where.state)


def pytest_unconfigure() -> None:
    """Stop the servers and remove what they wrote."""
    global _embedded  # noqa: PLW0603 - see above
    if _embedded:
        _embedded.stop()
        _embedded = None
    if _directory:
        shutil.rmtree(_directory, ignore_errors=True)


def open_directory() -> Path:
    """Make a temporary directory with a short path that the databases' account may walk through.

    pytest's own are private and deep: as root, nobody could not enter, and a socket's path would be too long.
    """
    directory = Path(tempfile.mkdtemp(prefix="cs-"))
    directory.chmod(0o711)
    return directory
