"""What the release pages are told: true, scoped by permission, and with a reason beside every closed door."""

import pytest
from django.contrib.auth.models import AnonymousUser

from policies.models import PolicyVersion
from policies.selectors import audits, boards, builds, evaluations, rollouts, versions
from policies.services import builds as build_services
from policies.services import guards, releases
from policies.services import versions as version_services
from reviewapp.core.errors import Missing
from tests.factories import learning as make
from tests.factories import serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    made = make.school(gates={"segments": ["purpose"], "segment_min_n": 20})
    make.base(made)
    return made


@pytest.fixture
def canary(school):
    make.settle(school, 0, 60)
    return make.release(school, make.built(school))


def _actions(page):
    return {action.code: action for action in page.actions}


def test_board__canary_beside_stable__shares_add_up(school, canary):
    board = boards.board(school.builder, "lending")

    assert [(one.number, one.share_bp, one.role) for one in board.serving] == [(1, 9000, "stable"), (2, 1000, "canary")]
    assert [(row.number, row.state, row.share_bp) for row in board.rows] == [(2, "releasing", 1000), (1, "live", 9000)]
    assert board.rows[0].approval == f"Approved by {school.officer.display_name}"
    assert board.build.state == "succeeded"
    assert board.decisions_last_hour == 60


def test_board__new_verdicts_since_the_last_snapshot__counted(school, canary):
    make.settle(school, 100, 7)

    assert boards.board(school.builder, None).new_consensus == 7


def test_board__reviewer__sees_it_and_why_building_is_not_theirs(school):
    board = boards.board(serving.person("ann", "reviewer", agent=school.world.agent), "lending")

    build = board.actions[0]
    assert (build.code, build.allowed) == ("build", False)
    assert "do not let you build policy versions" in build.why_not


def test_board__build_under_way__says_so(school):
    build_services.request(agent_id=school.agent_id, reason="Test", by=school.builder)

    assert boards.board(school.builder, "lending").actions[0].why_not == "A build is under way already."


@pytest.mark.parametrize("slug", [None, "lending"])
def test_board__stranger__nothing_is_there(school, slug):
    with pytest.raises(Missing):
        boards.board(serving.person("eve"), slug)


def test_pages__stranger_or_nobody__every_page_is_missing(school):
    version_id = PolicyVersion.objects.get().pk
    for user in (serving.person("eve"), AnonymousUser()):
        for page in (versions.header, versions.changes, evaluations.page, rollouts.page, audits.page):
            with pytest.raises(Missing):
                page(user, version_id)


def test_build__stranger__missing(school):
    build = build_services.request(agent_id=school.agent_id, reason="Test", by=school.builder)

    assert builds.get(school.builder, build.pk).requested_by == school.builder.display_name
    with pytest.raises(Missing):
        builds.get(serving.person("eve"), build.pk)


def test_changes__learned_version__words_and_numbers(school, canary):
    page = versions.changes(school.builder, canary.version_id)

    assert (page.header.number, page.header.replaces_number, page.header.parent_number) == (2, 1, 1)
    assert page.header.share_bp == 1000
    assert page.lines[0].startswith("Learned from ")
    assert {change.area for change in page.changes} == {"field"}
    assert page.flips["cases"] == page.snapshot.rows
    assert page.approval.state == "approved"
    assert [stage.percent for stage in page.plan] == ["10 %", "50 %", "100 %"]


def test_header__serving_version_beside_a_canary__has_the_rest(school, canary):
    assert versions.header(school.builder, canary.replaces_id).share_bp == 9000


def test_header__submitted__four_eyes_is_visible_before_anything_is_pressed(school):
    make.settle(school, 0, 60)
    version = version_services.submit(version_id=make.built(school).pk, plan=None, by=school.builder)

    own = _actions(versions.header(school.builder, version.pk))
    other = _actions(versions.header(school.officer, version.pk))

    assert (own["approve"].allowed, own["approve"].why_not) == (
        False, "You submitted this version, so someone else decides (four-eyes).",
    )  # fmt: skip
    assert own["withdraw"].allowed
    assert other["approve"].allowed
    assert "withdraw" not in other


def test_evaluation__gates_segments_and_calibration__complete(school, canary):
    page = evaluations.page(school.builder, canary.version_id)

    found = page.evaluation
    assert found.baseline_number == 1
    assert found.n > 160
    assert found.n_people == found.n - 160
    codes = [gate.code for gate in found.gates]
    assert codes[:6] == ["no_worse", "broken", "alone", "load", "confidence", "faults"]
    assert {row.value for row in found.segments} == {"car", "education", "repairs"}
    assert sum(row.n for row in found.segments) == found.n
    assert all(gate.axis_low <= gate.limit <= gate.axis_high for gate in found.gates)
    assert sum(row.n for row in found.calibration) == found.n
    assert found.changed_total == sum(cell.count for _, cells in found.changed.rows for cell in cells if not cell.same)


def test_evaluation__not_there_yet__none():
    made = make.school(slug="fresh")
    version = version_services.seal_base(agent_id=made.agent_id, body=make.WRITTEN, by=made.builder)

    assert evaluations.page(made.builder, version.pk).evaluation is None


def test_evaluation__first_version__nothing_to_compare_with(school):
    found = evaluations.page(school.builder, PolicyVersion.objects.get().pk).evaluation

    assert (found.baseline_number, found.changed, found.error.before) == (None, None, None)


def test_rollout__canary__stage_guards_and_log(school, canary):
    guards.watch(release_id=canary.pk)
    releases.pause(release_id=canary.pk, rationale="Bureau unreachable.", by=school.builder)
    releases.resume(release_id=canary.pk, rationale="Back.", by=school.builder)

    page = rollouts.page(school.builder, canary.version_id)

    assert [(stage.percent, stage.state) for stage in page.stages] == [
        ("10 %", "now"),
        ("50 %", "open"),
        ("100 %", "open"),
    ]
    assert {one.code for one in page.guards} == {"worse", "faults", "load"}
    assert [row.title for row in page.log] == ["Resumed at 10 %", "Paused", "Rollout started at 10 %"]
    assert page.log[1].text == "Bureau unreachable."
    assert _actions(page.header)["advance"].label == "Advance to 50 %"


def test_rollout__live__done_stages_and_targets_to_go_back_to(school, canary):
    releases.advance(release_id=canary.pk, by=school.builder)
    releases.advance(release_id=canary.pk, by=school.builder)

    page = rollouts.page(school.builder, canary.version_id)

    assert [stage.state for stage in page.stages] == ["done", "done", "now"]
    assert [target.number for target in page.rollback_targets] == [1]
    assert _actions(page.header)["rollback"].label == "Roll back to version 1"


def test_rollout__not_released__shows_the_plan(school):
    make.settle(school, 0, 60)

    page = rollouts.page(school.builder, make.built(school).pk)

    assert (page.release, page.stages[-1].text) == (None, "All traffic")


def test_audit__everything_by_whom__newest_first(school, canary):
    page = audits.page(school.officer, canary.version_id)

    assert [fact.label for fact in page.digests] == [
        "Policy",
        "Training snapshot",
        "Recipe",
        "Evaluation",
        "Approved together",
    ]
    titles = [row.title for row in page.events]
    assert titles[0] == "Rollout started at 10 %"
    assert (
        titles.index("Version 2 approved")
        < titles.index("Version 2 submitted for approval")
        < titles.index("Version 2 built")
    )
    assert "Build asked for" in titles
    approved = next(row for row in page.events if row.title == "Version 2 approved")
    assert (approved.who, approved.text) == (school.officer.display_name, "Read and accepted.")


def test_board__many_versions__constant_number_of_queries(school, canary, django_assert_max_num_queries):
    with django_assert_max_num_queries(22):
        boards.board(school.builder, "lending")


def test_header__signature__is_checked_each_time_it_is_shown(school, canary, client, settings):
    client.force_login(school.builder)
    place = f"/versions/{canary.version_id}/"
    assert "Signature valid" in client.get(place).text

    settings.TRUSTED_KEYS = ["bmV2ZXIgc2lnbmVkIGFueXRoaW5nIGhlcmUhISEhISE="]
    found = versions.header(school.builder, canary.version_id)
    assert "cannot be trusted" in found.distrust
    assert "Signature not trusted" in client.get(place).text
