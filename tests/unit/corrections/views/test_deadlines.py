"""The page on which an operator says what happens when a case runs out of time."""

from uuid import uuid4

import pytest

from corrections.models import DeadlineRules
from tests.factories.feedback import room
from tests.unit.corrections.views.pages import fields_of, main

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
FORM = {"warn_minutes": "30", "warn_notify": "on", "warn_raise": "", "breach_raise": "20", "breach_move": "senior"}


def path_of(made):
    return f"/queues/{made.standard.pk}/deadlines/"


def test_rules__works__saved_and_shown_again(made, sign):
    client = sign("operator")
    assert fields_of(main(client.get(path_of(made))))["warn_minutes"] == [""]
    assert client.post(path_of(made), FORM).headers["Location"] == f"/queues/{made.standard.pk}/"
    row = DeadlineRules.objects.get()
    assert (row.warn_minutes, row.warn_notify, row.warn_raise) == (30, True, 0)
    assert (row.breach_notify, row.breach_raise, row.breach_move) == (False, 20, made.senior)
    again = fields_of(main(client.get(path_of(made))))
    assert (again["warn_minutes"], again["warn_notify"], again["breach_move"]) == (["30"], ["on"], ["senior"])


def test_rules__faults__stand_at_their_fields(made, sign):
    page = sign("operator").post(path_of(made), {**FORM, "warn_minutes": "soon"}, headers=HTMX)
    assert page.status_code == 422
    assert 'href="#d-warn_minutes"' in page.text
    assert fields_of(page.text)["warn_minutes"] == ["soon"]
    assert "<html" not in page.text
    assert not DeadlineRules.objects.exists()


def test_rules__saved_by_htmx__goes_back_to_the_queue(made, sign):
    done = sign("operator").post(path_of(made), FORM, headers=HTMX)
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, f"/queues/{made.standard.pk}/")


@pytest.mark.parametrize("method", ["get", "post"])
def test_rules__read_only_other_tenant_or_bad_id__refused(made, sign, method):
    assert getattr(sign("auditor"), method)(path_of(made)).status_code == 403
    other = sign("operator", agent=room(slug="other").world.agent, name="bo")
    assert getattr(other, method)(path_of(made)).status_code == 404
    assert getattr(other, method)(f"/queues/{uuid4()}/deadlines/").status_code == 404


def test_rules__wrong_verb__is_refused(made, sign):
    assert sign("operator").put(path_of(made)).status_code == 405
