"""The audit page: approvals with what they were bound to, and the log."""

import pytest

from tests.factories import learning as make
from tests.unit.policies.views.conftest import text

pytestmark = pytest.mark.django_db


def test_audit__released__approval_digests_and_every_event(pages):
    make.release(pages.school, pages.built())

    found = text(pages.get(pages.reader, pages.path(2, "audit/")))

    version = pages.version(2)
    assert version.approval.binding in found
    assert version.artifact_id in found
    for title in ("Version 2 built", "Version 2 submitted for approval", "Version 2 approved"):
        assert title in found
    assert "“Read and accepted.”" in found


def test_audit__not_submitted__nobody_has_asked(pages):
    assert "Nobody has asked for an approval yet." in text(pages.get(pages.reader, pages.path(2, "audit/")))


def test_audit__fragment__the_log_alone(pages):
    found = text(pages.get(pages.reader, pages.path(1, "audit/"), fragment=True))

    assert found.startswith('<section class="section" id="log"')
    assert "<html" not in found
