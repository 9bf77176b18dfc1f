"""Who is signed in, read anew at every request."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client

from reviewapp.core import clock
from reviewapp.core.accounts.backends import People
from reviewapp.core.accounts.sessions import SessionStore
from tests.factories import serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in():
    person = serving.person("amina")
    client = Client()
    client.force_login(person)
    assert client.get("/preferences/").status_code == 200
    return client, person


def test_session__row_is_gone__signs_out_at_once(signed_in):
    client, _ = signed_in
    Session.objects.all().delete()

    assert client.get("/preferences/").status_code == 302


def test_session__has_run_out__signs_out(signed_in):
    client, _ = signed_in
    Session.objects.update(expire_date=clock.now() - timedelta(seconds=1))

    assert client.get("/preferences/").status_code == 302


def test_session__password_was_changed_elsewhere__signs_out_at_once(signed_in):
    client, person = signed_in
    person.set_password("quite another 4 words")
    person.save()

    assert client.get("/preferences/").status_code == 302


def test_session__person_was_deactivated__signs_out_at_once(signed_in):
    client, person = signed_in
    get_user_model().objects.filter(pk=person.pk).update(is_active=False)

    assert client.get("/preferences/").status_code == 302


def test_session__unknown_key__begins_anew():
    store = SessionStore("nothing-of-this-name")

    assert store.get("anything") is None
    assert store.session_key is None


def test_people__known_and_unknown__is_read_whole_or_none():
    person = serving.person("chidi")

    found = People().get_user(person.pk)

    assert found == person
    assert (found.display_name, found.time_zone, found.last_login) == (person.display_name, "UTC", None)
    assert People().get_user(0) is None
