"""Who is told of a correction that needs a second person, and of what was decided."""

import pytest
from django.urls import Resolver404, resolve

from corrections.models import Escalation, Task
from corrections.services import escalations
from reviewapp.core.accounts.models import User
from reviewapp.core.notices import selectors
from reviewapp.core.notices.models import Notice
from tests.factories.feedback import flagged, hand_on, room, submit
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


def told(user: User) -> list[tuple[str, str]]:
    return list(Notice.objects.filter(person=user).order_by("pk").values_list("topic", "title"))


@pytest.fixture
def case() -> tuple[Escalation, User, User]:
    """An escalation, its author, who may decide others' too, and an officer."""
    made = room()
    author, officer = person("bo", "reviewer", "risk_officer"), person("ria", "risk_officer")
    person("max", "reviewer")
    flagged(made, amount=20000.0)
    done = submit(Task.objects.get(state="open"), author)
    hand_on()
    return Escalation.objects.get(pk=done.escalation_id), author, officer


def test_raised__officers__are_told_and_the_author_is_not(case):
    escalation, author, officer = case
    assert told(officer) == [("escalation", "A correction in Lending waits for a second person")]
    assert told(author) == []
    assert Notice.objects.count() == 1
    assert Notice.objects.get().path == f"/escalations/{escalation.pk}/"


@pytest.mark.parametrize(
    ("verdict", "words"), [("approved", "was approved"), ("rejected", "was rejected"), ("returned", "was sent back")]
)
def test_decided__author__is_told_once(case, verdict, words):
    escalation, author, officer = case
    escalations.decide(escalation_id=escalation.pk, verdict=verdict, rationale="It holds on paper.", by=officer)
    hand_on()
    assert told(author) == [("returned", f"A correction of yours {words}")]
    # What told the officer that it waits is put aside: it does not wait any more.
    assert selectors.unread(officer) == 0


def test_notices__paths__lead_to_pages(case):
    for path in Notice.objects.values_list("path", flat=True):
        try:
            resolve(path)
        except Resolver404:
            pytest.fail(f"{path} leads nowhere")
