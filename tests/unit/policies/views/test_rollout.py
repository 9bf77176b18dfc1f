"""A rollout as people move it."""

import pytest

from policies.models import PolicyVersion, Release
from policies.services import guards
from tests.factories import learning as make
from tests.factories import serving
from tests.unit.policies.views.conftest import text

pytestmark = pytest.mark.django_db
State = Release.State


@pytest.fixture
def canary(pages):
    return make.release(pages.school, pages.built())


def test_rollout__before_it_starts__plan_and_one_button(pages):
    make.approve(pages.school, pages.built())

    found = text(pages.get(pages.school.builder, pages.path(2, "rollout/")))

    assert "Planned, not started" in found
    assert "Start rollout" in found
    assert "hx-trigger" not in found.partition("</main>")[0].partition("<main")[2]


def test_release__approved__begins_with_the_first_stage(pages):
    make.approve(pages.school, pages.built())

    response = pages.post(pages.school.builder, pages.path(2, "release"))

    release = Release.objects.get(version=pages.version(2))
    assert response["Location"] == pages.path(2, "rollout/")
    assert (release.state, release.share_bp) == (State.CANARY, 1000)


def test_release__not_approved__conflict_in_words(pages):
    response = pages.post(pages.school.builder, pages.path(2, "release"))

    assert response.status_code == 409
    assert "Only an approved version can be released." in text(response)


def test_rollout__canary__stages_guards_with_plots_and_log(pages, canary):
    for _ in range(2):
        guards.watch(release_id=canary.pk)

    response = pages.get(pages.school.builder, pages.path(2, "rollout/"))

    found = text(response)
    assert 'aria-current="step"' in found
    assert 'hx-trigger="every 10s"' in found
    assert len(response.context["guards"]) == 3
    for guard, _, _ in response.context["guards"]:
        assert guard.title in found
        assert guard.text in found
    assert found.count('class="plotbox"') == 3
    assert f"{pages.school.builder.display_name}" in found


def test_rollout__fragment__only_what_changes(pages, canary):
    found = text(pages.get(pages.school.builder, pages.path(2, "rollout/"), fragment=True))

    assert found.startswith('<div class="stack stack--loose" id="progress"')
    assert "<textarea" not in found


def test_advance__two_stages__then_all_traffic(pages, canary):
    path = pages.path(2, "advance")

    first = pages.post(pages.school.builder, path, stage="0", rationale="Held.")
    again = pages.post(pages.school.builder, path, stage="0", rationale="Pressed twice.")
    last = pages.post(pages.school.builder, path, stage="1")

    assert [first.status_code, again.status_code, last.status_code] == [302, 409, 302]
    assert "at another stage by now" in text(again)
    canary.refresh_from_db()
    assert canary.state == State.LIVE
    assert "“Held.”" in text(pages.get(pages.reader, pages.path(2, "rollout/")))


def test_advance__stage_not_sent__asks_to_reload(pages, canary):
    assert pages.post(pages.school.builder, pages.path(2, "advance")).status_code == 422


def test_advance__minimum_not_reached__button_is_closed_with_its_reason(pages):
    plan = [{"share_bp": 1000, "min_decisions": 20, "min_minutes": 0}]
    make.release(pages.school, pages.built(), plan=plan)

    found = text(pages.get(pages.school.builder, pages.path(2, "rollout/")))

    assert "Not available yet: 20 of 20 decisions to go." in found
    assert pages.post(pages.school.builder, pages.path(2, "advance"), stage="0").status_code == 409


def test_pause_and_resume__stage_is_kept(pages, canary):
    pages.post(pages.school.builder, pages.path(2, "pause"), rationale="Bureau is down.")
    paused = text(pages.get(pages.school.builder, pages.path(2, "rollout/")))
    pages.post(pages.school.builder, pages.path(2, "resume"))

    assert "Paused, all traffic goes to the stable version" in paused
    canary.refresh_from_db()
    assert (canary.state, canary.stage) == (State.CANARY, 0)


def test_rollback__without_reason__asks_and_changes_nothing(pages, canary):
    response = pages.post(pages.school.builder, pages.path(2, "rollback"), rationale="")

    assert response.status_code == 422
    assert "Whoever reads the log later needs the reason." in text(response)
    canary.refresh_from_db()
    assert canary.state == State.CANARY


def test_rollback__live__to_any_version_that_served(pages, canary):
    for stage in ("0", "1"):
        pages.post(pages.school.builder, pages.path(2, "advance"), stage=stage)
    shown = text(pages.get(pages.school.builder, pages.path(2, "rollout/")))

    response = pages.post(
        pages.school.builder,
        pages.path(2, "rollback"),
        rationale="Complaints about repairs.",
        to_version=str(pages.version(1).pk),
    )

    assert f'<option value="{pages.version(1).pk}" selected>' in shown
    assert response.status_code == 302
    assert pages.version(1).state == PolicyVersion.State.LIVE
    assert pages.version(2).state == PolicyVersion.State.ROLLED_BACK
    assert "“Complaints about repairs.”" in text(pages.get(pages.reader, pages.path(2, "rollout/")))


def test_rollback__made_up_target__asks_to_choose(pages, canary):
    response = pages.post(pages.school.builder, pages.path(2, "rollback"), rationale="Why", to_version="v1")

    assert response.status_code == 422


@pytest.mark.parametrize("move", ["pause", "resume", "rollback"])
def test_move__version_without_release__conflict_in_words(pages, move):
    response = pages.post(pages.school.builder, pages.path(2, move), rationale="Why")

    assert response.status_code == 409
    assert "is not in rollout" in text(response)


@pytest.mark.parametrize("move", ["advance", "pause", "rollback"])
def test_move__read_only_role__denied_and_told_before(pages, canary, move):
    shown = text(pages.get(pages.reader, pages.path(2, "rollout/")))

    assert "do not let you release policy versions" in shown
    assert "<textarea" not in shown
    assert pages.post(pages.reader, pages.path(2, move), rationale="Why", stage="0").status_code == 403


def test_move__operator__may_stop_but_not_grow(pages, canary):
    operator = serving.person("olga", "operator", agent=pages.school.world.agent)

    assert pages.post(operator, pages.path(2, "advance"), stage="0").status_code == 403
    assert pages.post(operator, pages.path(2, "pause"), rationale="Alarm.").status_code == 302
    assert pages.post(operator, pages.path(2, "rollback"), rationale="Alarm.").status_code == 302
