"""Pages of notices: the list, one notice, the bell, and how one is told."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from reviewapp.core import ids
from reviewapp.core.notices import selectors
from reviewapp.core.notices.models import Choice, Message, Notice, Wish
from reviewapp.core.notices.services import telling
from tests.factories.serving import person

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
WISHES = {"digest_at": "07:30", "quiet_from": "22:00", "quiet_to": "06:30", "mode.release.email": "digest"}


@pytest.fixture
def ann() -> Client:
    """Ann, signed in; she holds no role."""
    client = Client()
    client.user = person("ann")  # type: ignore[attr-defined]
    client.force_login(client.user)  # type: ignore[attr-defined]
    return client


def tell(client: Any, count: int = 1, **words: str) -> list[Notice]:
    for number in range(count):
        given = {"title": f"Matter {number}", "path": "/preferences/", **words}
        telling.tell(event_id=ids.uuid7(), topic="escalation", people=[client.user.pk], **given)
    return list(Notice.objects.filter(person=client.user).order_by("pk"))


def test_list__nothing__says_so(ann):
    assert "Nothing to tell yet" in ann.get("/notices/").content.decode()
    assert "You have read everything" in ann.get("/notices/?show=unread").content.decode()


def test_list__many__comes_in_pages_newest_first(ann):
    tell(ann, 31)
    first = ann.get("/notices/")
    text = first.content.decode()
    assert "Matter 30" in text
    assert ">Matter 0<" not in text
    second = ann.get("/notices/", {"after": first.context["next"]}).content.decode()
    assert ">Matter 0<" in second
    assert "Matter 30" not in second


def test_list__fragment__is_only_the_rows(ann):
    tell(ann)
    text = ann.get("/notices/", headers=HTMX).content.decode()
    assert text.lstrip().startswith("<section")
    assert "Matter 0" in text


@pytest.mark.parametrize("after", ["nonsense", "x:y:z"])
def test_list__bad_page__is_refused(ann, after):
    assert ann.get("/notices/", {"after": after}).status_code == 422


def test_list__somebody_elses__is_not_there(ann):
    ben = Client()
    ben.user = person("ben")
    tell(ben)
    assert "Matter" not in ann.get("/notices/").content.decode()


def test_list__markup_in_title__is_text(ann):
    tell(ann, title="<b>bold</b>")
    assert "&lt;b&gt;bold" in ann.get("/notices/").content.decode()


def test_notice__opened__is_read_and_leads_on(ann):
    (notice,) = tell(ann)
    answer = ann.get(f"/notices/{notice.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, "/preferences/")
    assert selectors.unread(ann.user) == 0


def test_notice__of_somebody_else_or_none__is_not_found(ann):
    ben = Client()
    ben.user = person("ben")
    (notice,) = tell(ben)
    assert ann.get(f"/notices/{notice.pk}/").status_code == 404
    assert ann.get(f"/notices/{uuid4()}/").status_code == 404
    assert selectors.unread(ben.user) == 1


def test_bell__unread__is_counted_on_every_page(ann):
    tell(ann, 3)
    assert 'data-tone="info">3<span class="vh"> unread' in ann.get("/preferences/").content.decode()
    assert 'data-tone="info">3<' in ann.get("/notices/bell/", headers=HTMX).content.decode()


def test_read_all__shown__is_read(ann):
    newest = tell(ann, 2)[-1]
    assert ann.post("/notices/read/", {"up_to": str(newest.pk)}).status_code == 302
    assert selectors.unread(ann.user) == 0
    assert ann.post("/notices/read/", {"up_to": "x"}).status_code == 422


def test_wishes__saved__are_shown_again(ann):
    assert ann.post("/notices/wishes/", WISHES).status_code == 302
    stored = Wish.objects.get(person=ann.user)
    assert [f"{one:%H:%M}" for one in (stored.digest_at, stored.quiet_from, stored.quiet_to)] == [
        "07:30",
        "22:00",
        "06:30",
    ]
    assert Choice.objects.get().mode == "digest"
    assert 'value="22:00"' in ann.get("/notices/wishes/").content.decode()


def test_wishes__half_of_the_quiet_hours__is_told_at_the_field_and_nothing_is_lost(ann):
    answer = ann.post("/notices/wishes/", {**WISHES, "quiet_to": ""})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Give both ends" in text
    assert 'value="07:30"' in text
    assert 'value="digest" selected' in text
    assert not Choice.objects.exists()


@pytest.mark.parametrize(("chosen", "held"), [("hour", True), ("tomorrow", True), ("week", True), ("end", False)])
def test_snooze__each_choice__holds_or_lets_go(ann, chosen, held):
    ann.post("/notices/snooze/", {"for": "hour"})
    assert ann.post("/notices/snooze/", {"for": chosen}).status_code == 302
    assert ("held back until" in ann.get("/notices/wishes/").content.decode()) is held


def test_snooze__unknown__is_refused(ann):
    assert ann.post("/notices/snooze/", {"for": "ever"}).status_code == 422


def test_chat__entered__never_shows_the_address(ann, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    secret = "https://hooks.slack.com/services/T0/B0/secret"
    assert ann.post("/notices/chat/", {"chat_url": secret}).status_code == 302
    text = ann.get("/notices/wishes/").content.decode()
    assert "Connected to hooks.slack.com" in text
    assert "secret" not in text.replace("kept encrypted", "")
    assert ann.post("/notices/chat/test/").status_code == 302
    assert Message.objects.get().channel == "chat"
    assert ann.post("/notices/chat/", {"remove": "1"}).status_code == 302
    assert ann.post("/notices/chat/test/").status_code == 409


def test_chat__inside_address__is_told_at_the_field(ann, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    answer = ann.post("/notices/chat/", {"chat_url": "https://10.0.0.8/x"})
    assert answer.status_code == 422
    assert "not a public address" in answer.content.decode()


@pytest.mark.parametrize("path", ["/notices/", "/notices/bell/", "/notices/wishes/"])
def test_pages__nobody_signed_in__are_closed(path):
    assert Client().get(path).status_code == 302


@pytest.mark.parametrize(
    ("path", "verb"),
    [
        ("/notices/", "post"),
        ("/notices/bell/", "post"),
        ("/notices/read/", "get"),
        ("/notices/snooze/", "get"),
        ("/notices/chat/", "get"),
        ("/notices/chat/test/", "get"),
        ("/notices/wishes/", "delete"),
    ],
)
def test_pages__wrong_verb__is_refused(ann, path, verb):
    call: Callable[..., Any] = getattr(ann, verb)
    assert call(path).status_code == 405
