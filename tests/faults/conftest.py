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
def running(patient: Stack) -> Stack:
    """The same product, started again when the test before stopped or killed it."""
    if patient.exit_code is not None:
        patient.start()
        patient.wait_ready()
    return patient
