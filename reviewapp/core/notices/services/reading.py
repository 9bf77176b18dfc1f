"""Reading notices, and forgetting old ones."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from reviewapp.core import clock
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing
from reviewapp.core.notices.models import Notice

_FEW = 5_000


def read(*, notice_id: UUID, by: User) -> Notice:
    """Mark one's own notice as read and return it; reading it again changes nothing. Raises `Missing`."""
    notice = Notice.objects.filter(pk=notice_id, person=by).first()
    if notice is None:
        raise Missing("This notice does not exist.")
    if notice.read_at is None:
        notice.read_at = clock.now()
        notice.save(update_fields=["read_at"])
    return notice


def read_all(*, up_to: UUID, by: User) -> int:
    """Mark one's notices as read, up to the newest that was shown: one that came meanwhile stays unread. Return how many."""
    return Notice.objects.filter(person=by, pk__lte=up_to, read_at__isnull=True).update(read_at=clock.now())


def forget(*, now: datetime) -> int:
    """Delete what was read NOTICE_KEEP_DAYS ago, or told twice as long ago; return how many. The event log keeps what happened."""
    kept = timedelta(days=settings.NOTICE_KEEP_DAYS)
    old = Notice.objects.filter(Q(read_at__lt=now - kept) | Q(told_at__lt=now - 2 * kept))
    # Not all at once: nobody should wait for the rows of years.
    found = list(old.order_by("pk").values_list("pk", flat=True)[:_FEW])
    Notice.objects.filter(pk__in=found).delete()
    return len(found)
