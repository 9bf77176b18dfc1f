"""What the fixtures promise to every test that commits."""

import pytest
from django.db import IntegrityError, connection, transaction

from reviewapp.core import events
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import Role
from reviewapp.core.events.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("run", [1, 2])
def test_flush__append_only_rows_committed__next_test_starts_empty_with_roles(run: int) -> None:
    assert Event.objects.count() == 0
    assert Role.objects.filter(code="reviewer").exists()
    with transaction.atomic():
        events.record("key.revoked", subject=("key", str(run)), actor=actors.SYSTEM)
    assert Event.objects.count() == 1


def test_flush__truncate_by_anyone_else__is_still_refused() -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE events_event CASCADE")
