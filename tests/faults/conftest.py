"""Products that may be hurt."""

from collections.abc import Iterator

import pytest

from tests.stack import Stack


@pytest.fixture(scope="module")
def patient() -> Iterator[Stack]:
    """A running product without demo data; its processes may be killed as long as it recovers."""
    with Stack.started(DEMO="0") as running:
        yield running


@pytest.fixture
def fresh() -> Iterator[Stack]:
    """A running product of this test alone; its supervisor may be killed."""
    with Stack.started(DEMO="0") as running:
        yield running
