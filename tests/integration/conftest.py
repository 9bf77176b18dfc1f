"""Fixtures of tests that meet real neighbours."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories.receivers import Receiver


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A real receiver for what is sent to addresses that people chose."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    settings.WEBHOOK_TIMEOUT_SECONDS = 0.5
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()
