"""The page of skills and certificates."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from corrections.models import Certificate, CertificateRevocation, Skill, SkillNeed
from reviewapp.core import clock
from tests.factories.serving import person, personal_key, world
from tests.unit.corrections.views.pages import main
from tests.unit.corrections.views.test_queue_admin import entered as settings

pytestmark = pytest.mark.django_db


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def given(**changes):
    return {"to": "bo", "valid_from": day(0), "valid_until": day(300), "basis": "Exam", **changes}


@pytest.fixture
def keeper(made, sign):
    """Who grants, a skill, and a reviewer called bo."""
    person("bo", "reviewer")
    client = sign("operator", name="mei")
    client.post(f"/skills/new/{made.world.agent.slug}/", {"name": "German law"})
    return client


def test_page__nothing_yet__says_so(made, sign):
    page = main(sign("reviewer").get("/skills/"))
    assert "You hold none" in page
    assert "<form" not in page


def test_grant__somebody__is_shown_to_keeper_and_holder(keeper, sign):
    skill = Skill.objects.get()
    page = keeper.post(f"/skills/{skill.pk}/grant", given(), follow=True)
    assert "Bo" in main(page)
    assert "Valid" in main(page)
    assert Certificate.objects.get().valid_until > clock.now() + timedelta(days=300)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to": ""}, "to"),
        ({"to": "mei"}, "to"),
        ({"valid_until": ""}, "valid_until"),
        ({"valid_from": "x"}, "valid_from"),
        ({"basis": ""}, "basis"),
    ],
)
def test_grant__what_does_not_fit__is_told_at_its_field_and_kept(keeper, changes, field):
    skill = Skill.objects.get()
    answer = keeper.post(f"/skills/{skill.pk}/grant", given(**changes))
    assert (answer.status_code, f'id="s-{skill.pk}-{field}-e"' in main(answer)) == (422, True)
    assert not Certificate.objects.exists()


def test_revoke__with_and_without_a_reason(keeper):
    skill = Skill.objects.get()
    keeper.post(f"/skills/{skill.pk}/grant", given())
    address = f"/certificates/{Certificate.objects.get().pk}/revoke"
    assert keeper.post(address, {"reason": ""}).status_code == 422
    assert "Revoked" in main(keeper.post(address, {"reason": "Audit."}, follow=True))
    assert CertificateRevocation.objects.get().reason == "Audit."


def test_settings__queue_needs_a_skill__is_kept_also_when_pausing_fails(made, keeper):
    address = f"/queues/{made.standard.pk}/settings/"
    assert "German law" in main(keeper.get(address))
    keeper.post(address, {**settings(), "skills": "german-law"})
    assert SkillNeed.objects.get().queue_id == made.standard.pk
    again = main(keeper.post(f"/queues/{made.standard.pk}/pause", {"reason": ""}))
    assert 'value="german-law" checked' in again
    keeper.post(address, settings())
    assert not SkillNeed.objects.exists()


def test_home__reviewer_without_the_certificate__reads_what_is_needed(made, keeper, sign):
    keeper.post(f"/queues/{made.standard.pk}/settings/", {**settings(), "skills": "german-law"})
    assert "Needs German law" in main(sign("reviewer").get("/"))


def test_pages__others__get_what_they_should(made, keeper, sign):
    skill = Skill.objects.get()
    slug = made.world.agent.slug
    reviewer = sign("reviewer")
    assert reviewer.post(f"/skills/new/{slug}/", {"name": "X"}).status_code == 403
    assert reviewer.post(f"/skills/{skill.pk}/grant", given()).status_code == 403
    stranger = sign("operator", agent=world(slug="elsewhere").agent, name="eve")
    assert stranger.post(f"/skills/new/{slug}/", {"name": "X"}).status_code == 404
    assert stranger.post(f"/skills/{skill.pk}/grant", given()).status_code == 404
    assert keeper.get(f"/skills/{skill.pk}/grant").status_code == 405
    assert keeper.post("/certificates/019a0000-0000-7000-8000-000000000000/revoke", {"reason": "x"}).status_code == 404
    assert Client().get("/skills/").status_code == 302


def test_api__skills_needs_certificates(made, sign):
    user = sign("operator").user
    person("bo", "reviewer")
    key = {"HTTP_AUTHORIZATION": f"Bearer {personal_key(user, 'policies')}", "content_type": "application/json"}
    client, agent = Client(), made.world.agent.slug
    skill = client.post(f"/api/v1/agents/{agent}/skills", {"name": "German law"}, **key).json()[0]
    needs = client.put(f"/api/v1/queues/{made.standard.pk}/skills", {"skills": ["german-law"]}, **key)
    assert needs.json() == {"skills": ["german-law"]}
    body = {"to": "bo", "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2031-01-01T00:00:00Z", "basis": "Exam"}
    made_one = client.post(f"/api/v1/skills/{skill['id']}/certificates", body, **key)
    assert (made_one.status_code, made_one.json()["username"]) == (201, "bo")
    listed = client.get(f"/api/v1/agents/{agent}/skills", **key).json()
    assert [one["state"] for one in listed[0]["certificates"]] == ["valid"]
    ended = client.post(f"/api/v1/certificates/{made_one.json()['id']}/revocation", {"reason": "Audit."}, **key)
    assert ended.status_code == 204
