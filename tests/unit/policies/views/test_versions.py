"""What a version changes, and the way to its approval, seen by each person."""

import uuid

import pytest

from agents.runtime.signing import POLICY_TYPE, Envelope
from agents.selectors import trust
from policies.models import PolicyVersion
from policies.services import versions
from reviewapp.core import ids
from tests.factories import learning as make
from tests.factories import serving
from tests.unit.policies.views.conftest import text

pytestmark = pytest.mark.django_db
State = PolicyVersion.State


def test_version__learned__notes_points_old_and_new_and_origin(pages):
    found = text(pages.get(pages.school.builder, pages.path(2)))

    assert "What changed from version 1" in found
    assert "decisions that people settled" in found
    assert '<table class="diff">' in found
    assert 'class="dot--2"' in found
    assert f'data-copy="{pages.version(2).artifact_id}"' in found


def test_version__first__says_what_it_consists_of(pages):
    assert "What it consists of" in text(pages.get(pages.school.builder, pages.path(1)))


def test_version__read_only_role__reads_and_may_press_nothing(pages):
    found = text(pages.get(pages.reader, pages.path(2)))

    assert "do not let you submit policy versions" in found
    assert "Submit for approval</button>" not in found


@pytest.mark.parametrize("page", ["", "evaluation/", "rollout/", "audit/", "policy.json", "policy.dsse.json"])
def test_pages__other_agents_person__missing(pages, page):
    assert pages.get(pages.outsider, pages.path(1, page)).status_code == 404


@pytest.mark.parametrize("page", ["", "evaluation/", "rollout/", "audit/", "policy.json", "policy.dsse.json"])
def test_pages__unknown_version__missing(pages, page):
    assert pages.get(pages.school.builder, f"/versions/{uuid.uuid4()}/{page}").status_code == 404
    assert pages.get(pages.school.builder, f"/versions/nonsense/{page}").status_code == 404


@pytest.mark.parametrize("page", ["", "evaluation/", "rollout/", "audit/", "policy.json", "policy.dsse.json"])
def test_pages__post__refused(pages, page):
    assert pages.post(pages.school.builder, pages.path(1, page)).status_code == 405


@pytest.mark.parametrize(
    "action", ["submit", "decision", "withdraw", "release", "advance", "pause", "resume", "rollback"]
)
def test_actions__get__refused(pages, action):
    assert pages.get(pages.school.builder, pages.path(1, action)).status_code == 405


@pytest.mark.parametrize(
    "action", ["submit", "decision", "withdraw", "release", "advance", "pause", "resume", "rollback"]
)
def test_actions__other_agents_person__missing_and_nothing_changes(pages, action):
    before = pages.version(1).state

    assert pages.post(pages.outsider, pages.path(1, action), rationale="Mine").status_code == 404
    assert pages.version(1).state == before


def test_version__fragment__source_against_the_parent(pages):
    found = text(pages.get(pages.school.builder, pages.path(2, "?view=source"), fragment=True))

    assert found.startswith('<section class="section" id="changes"')
    assert "Added: " in found
    assert "<html" not in found


def test_policy__download__the_bytes_of_the_digest(pages):
    response = pages.get(pages.reader, pages.path(1, "policy.json"))

    assert ids.digest_bytes(response.content) == pages.version(1).artifact_id
    assert response["Content-Disposition"] == 'attachment; filename="lending-1.policy.json"'


def test_submit__plan__waits_for_the_people_who_may_decide(pages):
    response = pages.post(
        pages.school.builder,
        pages.path(2, "submit"),
        share=["5", "12.5", ""],
        decisions=["10", "", ""],
        minutes=["0", "30", ""],
    )

    version = pages.version(2)
    assert response.status_code == 302
    assert version.state == State.SUBMITTED
    assert version.plan == [
        {"share_bp": 500, "min_decisions": 10, "min_minutes": 0},
        {"share_bp": 1250, "min_decisions": 0, "min_minutes": 30},
    ]
    found = text(pages.get(pages.school.builder, pages.path(2)))
    assert f"{pages.school.officer.display_name} may decide" in found
    assert "You submitted this version, so someone else decides (four-eyes)." in found
    assert 'value="approved"' not in found
    assert "Withdraw submission" in found


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (["many"], "Enter a share such as 5 or 12.5."),
        (["20", "10"], "Each stage takes more traffic than the one before."),
        (["100"], "A stage takes 1 to 9999 basis points"),
        ([], "A plan is a list of 1 to 8 stages."),
    ],
)
def test_submit__plan_that_cannot_be_followed__named_and_kept(pages, share, said):
    blank = [""] * len(share)
    response = pages.post(
        pages.school.builder,
        pages.path(2, "submit"),
        share=share or [""],
        decisions=blank or [""],
        minutes=blank or [""],
    )

    assert response.status_code == 422
    assert said in text(response)
    for entered in share:
        assert f'name="share" value="{entered}"' in text(response)
    assert pages.version(2).state == State.EVALUATED


def test_submit__read_only_role__denied(pages):
    assert pages.post(pages.reader, pages.path(2, "submit"), share=["5"]).status_code == 403
    assert pages.version(2).state == State.EVALUATED


def test_submit__twice__conflict_in_words(pages):
    pages.submitted()

    response = pages.post(pages.school.builder, pages.path(2, "submit"), share=["5"], decisions=["0"], minutes=["0"])

    assert response.status_code == 409
    assert "there is nothing to submit" in text(response)


def test_decide__second_person__approves_and_is_named(pages):
    pages.submitted()

    shown = text(pages.get(pages.school.officer, pages.path(2)))
    response = pages.post(
        pages.school.officer, pages.path(2, "decision"), verdict="approved", rationale="Read and accepted."
    )

    assert "Your decision" in shown
    assert "checked" not in shown.partition("Your decision")[2].partition("</fieldset>")[0]
    assert response.status_code == 302
    found = text(pages.get(pages.school.builder, pages.path(2)))
    assert "“Read and accepted.”" in found
    assert pages.version(2).approval.binding in found


def test_decide__author__denied(pages):
    pages.submitted()

    response = pages.post(pages.school.builder, pages.path(2, "decision"), verdict="approved", rationale="Fine.")

    assert response.status_code == 403
    assert "four-eyes" in text(response)
    assert pages.version(2).state == State.SUBMITTED


def test_decide__refusal_without_reason__asks_and_keeps_the_verdict(pages):
    pages.submitted()

    response = pages.post(pages.school.officer, pages.path(2, "decision"), verdict="rejected", rationale=" ")

    assert response.status_code == 422
    assert "A refusal needs a rationale" in text(response)
    assert 'value="rejected" data-verdict="x" checked' in text(response)


def test_decide__no_verdict__asks_for_one(pages):
    pages.submitted()

    response = pages.post(pages.school.officer, pages.path(2, "decision"), rationale="Words I typed.")

    assert response.status_code == 422
    assert "Words I typed." in text(response)


def test_decide__reviewer__denied(pages):
    pages.submitted()
    reviewer = serving.person("ann", "reviewer", agent=pages.school.world.agent)

    assert "do not let you approve policy versions" in text(pages.get(reviewer, pages.path(2)))
    assert pages.post(reviewer, pages.path(2, "decision"), verdict="approved").status_code == 403


def test_decide__already_decided__conflict(pages):
    pages.submitted()
    versions.decide(version_id=pages.version(2).pk, verdict="approved", rationale="Yes.", by=pages.school.officer)

    response = pages.post(pages.school.officer, pages.path(2, "decision"), verdict="rejected", rationale="No.")

    assert response.status_code == 409
    assert "there is nothing to decide on" in text(response)


def test_decide__failed_gate__approval_is_closed_with_its_reason(pages):
    make.learning.configure(
        agent_id=pages.school.agent_id, gates={"max_automated_error": 0.0001}, by=make.actors.SYSTEM
    )
    pages.rebuilt()

    found = text(pages.get(pages.school.builder, pages.path(3)))

    assert "A failed gate stops this version" in found
    assert "Submit for approval</button>" not in found


def test_withdraw__author__can_submit_again(pages):
    pages.submitted()

    assert pages.post(pages.school.builder, pages.path(2, "withdraw")).status_code == 302
    assert pages.version(2).state == State.EVALUATED


def test_withdraw__someone_else__denied(pages):
    pages.submitted()

    assert pages.post(pages.school.officer, pages.path(2, "withdraw")).status_code == 403


def test_envelope__downloaded__is_signed_by_a_trusted_key_over_the_policy(pages):
    response = pages.get(pages.reader, pages.path(1, "policy.dsse.json"))

    envelope = Envelope.from_json(response.json())
    assert trust.keys().opened(envelope, POLICY_TYPE) == pages.get(pages.reader, pages.path(1, "policy.json")).content
    assert response["Content-Disposition"] == 'attachment; filename="lending-1.policy.dsse.json"'
