"""An agent with versions, and people who may and may not."""

import html
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from policies.models import PolicyVersion
from policies.services import versions
from reviewapp.core.accounts.models import User
from tests.factories import learning as make
from tests.factories import serving


@dataclass
class Pages:
    """A school with its pages: `get` and `post` as a person."""

    school: make.School
    reader: User
    outsider: User

    def client(self, user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    def get(self, user: User | None, path: str, *, fragment: bool = False) -> Any:
        headers = {"HX-Request": "true"} if fragment else {}
        return self.client(user).get(path, headers=headers)

    def post(self, user: User | None, path: str, *, fragment: bool = False, **body: Any) -> Any:
        headers = {"HX-Request": "true"} if fragment else {}
        return self.client(user).post(path, body, headers=headers)

    def version(self, number: int) -> PolicyVersion:
        return PolicyVersion.objects.get(agent_id=self.school.agent_id, number=number)

    def path(self, number: int, page: str = "") -> str:
        return f"/versions/{self.version(number).pk}/{page}"

    def built(self) -> PolicyVersion:
        """Return version 2: learned from settled decisions, evaluated, not submitted."""
        return self.version(2)

    def rebuilt(self) -> PolicyVersion:
        """Settle more decisions and build version 3 from them."""
        make.settle(self.school, 100, 60)
        return make.built(self.school)

    def submitted(self) -> PolicyVersion:
        """Submit version 2 as the builder."""
        return versions.submit(version_id=self.version(2).pk, plan=None, by=self.school.builder)


@pytest.fixture(scope="package")
def _made(django_db_setup, django_db_blocker):
    """Learn two versions once for all pages: each test works in a savepoint of this transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        school = make.school()
        make.base(school)
        make.settle(school, 0, 60)
        make.built(school)
        elsewhere = serving.world(slug="elsewhere", live=False)
        yield Pages(
            school,
            reader=serving.person("rita", "auditor", agent=school.world.agent),
            outsider=serving.person("otto", "policy_admin", agent=elsewhere.agent),
        )
        transaction.set_rollback(True)


@pytest.fixture
def pages(_made, db):
    """Version 1 serves, version 2 is evaluated; the people are read afresh, without answers kept by another test."""

    def again(user: User) -> User:
        return User.objects.get(pk=user.pk)

    school = replace(_made.school, builder=again(_made.school.builder), officer=again(_made.school.officer))
    return Pages(school, reader=again(_made.reader), outsider=again(_made.outsider))


def text(response: Any) -> str:
    """Return what a person reads, white space squeezed."""
    return " ".join(html.unescape(response.content.decode()).split())
