"""What several tests of the execution plane need."""

import pytest

from agents.selectors import online
from agents.serving import features


@pytest.fixture
def empty_store(settings):
    """An online store without features, a closed breaker, and patience: a busy machine is no fault of the store."""
    settings.FEATURE_READ_SECONDS = 2.0
    features.breaker.succeeded()
    # What a contract reads never changes, except for tests: each makes the same contract anew, with views of new ids.
    features._plan.cache_clear()
    store = online.client(settings.FEATURE_WRITE_SECONDS)
    for key in store.scan_iter(f"{settings.FEATURE_PREFIX}*"):
        store.delete(key)
    yield store
    features.breaker.succeeded()
