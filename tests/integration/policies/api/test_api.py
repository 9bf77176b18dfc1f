"""The release API: the whole way of a version over HTTP, and its refusals."""

from uuid import uuid4

import pytest

from policies.models import Build
from policies.services import builds
from tests.factories import learning as make
from tests.factories import serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    made = make.school()
    make.base(made)
    return made


@pytest.fixture
def call(client, school):
    """Call the API as one of the school's people; `by` is "builder" or "officer"."""
    keys = {name: serving.personal_key(getattr(school, name), "policies", "read") for name in ("builder", "officer")}

    def send(method, path, body=None, *, by="builder", key=None):
        headers = {"Authorization": f"Bearer {key or keys[by]}"}
        return getattr(client, method)(f"/api/v1/{path}", body, content_type="application/json", headers=headers)

    return send


def _built(call, school):
    make.settle(school, 0, 60)
    asked = call("post", "agents/lending/builds", {"reason": "Round 1"})
    assert asked.status_code == 202, asked.content
    builds.run(build_id=asked.json()["id"])
    return call("get", f"builds/{asked.json()['id']}").json()


def test_whole_way__build_submit_approve_release_advance_roll_back(call, school):
    build = _built(call, school)
    version = build["version"]["id"]
    submitted = call("post", f"versions/{version}/submit", {})
    approved = call("post", f"versions/{version}/approval", {"verdict": "approved", "rationale": "Read."}, by="officer")
    started = call("post", f"versions/{version}/release", {})
    release = started.json()["id"]
    advanced = call("post", f"releases/{release}/advance", {"rationale": "Calm."})
    live = call("post", f"releases/{release}/advance", {})
    back = call("post", f"releases/{release}/rollback", {"rationale": "Complaints."})

    assert (build["state"], build["version"]["number"]) == ("succeeded", 2)
    assert submitted.json()["state"] == "submitted"
    assert approved.json()["state"] == "approved"
    assert (started.status_code, started.json()["share_bp"]) == (201, 1000)
    assert advanced.json()["share_bp"] == 5000
    assert live.json()["state"] == "live"
    assert (back.json()["state"], back.json()["kind"]) == ("live", "rollback")


def test_version__detail__evaluation_notes_and_actions(call, school):
    version = _built(call, school)["version"]["id"]

    body = call("get", f"versions/{version}").json()

    assert body["evaluation"]["cases"] > 160
    assert {gate["code"] for gate in body["evaluation"]["gates"]} >= {"no_worse", "faults"}
    assert body["evaluation"]["measures"]["error"]["now"]["n"] == body["evaluation"]["cases"]
    assert body["plan"] == make.PLAN
    assert [action["code"] for action in body["actions"]] == ["submit"]


def test_versions__list__serving_and_rows(call, school):
    body = call("get", "agents/lending/versions").json()

    assert [(one["number"], one["share_bp"], one["role"]) for one in body["serving"]] == [(1, 10_000, "stable")]
    assert [row["number"] for row in body["versions"]] == [1]


def test_rollout__before_release__plan(call, school):
    version = call("get", "agents/lending/versions").json()["versions"][0]["id"]

    assert call("get", f"versions/{version}/rollout").json()["release"]["state"] == "live"


def test_approval__by_the_submitter__403_problem(call, school):
    version = _built(call, school)["version"]["id"]
    call("post", f"versions/{version}/submit", {})

    answer = call("post", f"versions/{version}/approval", {"verdict": "approved", "rationale": "Mine."})

    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "four_eyes"


def test_approval__unknown_verdict_or_field__422_names_it(call, school):
    version = call("get", "agents/lending/versions").json()["versions"][0]["id"]

    wrong = call("post", f"versions/{version}/approval", {"verdict": "maybe"})
    unknown = call("post", f"versions/{version}/approval", {"verdict": "approved", "rational": "Typo."})

    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "verdict")
    assert (unknown.status_code, unknown.json()["errors"][0]["path"]) == (422, "rational")


def test_release__another_plan_than_approved__409(call, school):
    version = _built(call, school)["version"]["id"]
    call("post", f"versions/{version}/submit", {})
    call("post", f"versions/{version}/approval", {"verdict": "approved", "rationale": "Read."}, by="officer")

    answer = call("post", f"versions/{version}/release", {"plan": [{"share_bp": 9000}]})

    assert (answer.status_code, answer.json()["code"]) == (409, "plan_differs")


def test_build__second_while_open__409(call, school):
    call("post", "agents/lending/builds", {})

    assert call("post", "agents/lending/builds", {}).status_code == 409
    assert Build.objects.filter(state="queued").count() == 1


@pytest.mark.parametrize("path", ["agents/other/builds", "versions/{0}/submit", "releases/{0}/advance"])
def test_unknown__404(call, school, path):
    assert call("post", path.format(uuid4()), {}).status_code == 404


def test_key_without_scope__403(call, school):
    key = serving.personal_key(school.builder, "review")

    answer = call("get", "agents/lending/versions", key=key)

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_service_key__reads_its_agent_but_changes_nothing(call, school):
    read = call("get", "agents/lending/versions", key=school.world.key)
    write = call("post", "agents/lending/builds", {}, key=school.world.key)

    assert read.status_code == 200
    assert write.status_code == 403


def test_service_key__other_agent__404(call, school):
    other = serving.world(slug="other")

    assert call("get", "agents/lending/versions", key=other.key).status_code == 404


def test_no_key__401(client, school):
    assert client.get("/api/v1/agents/lending/versions").status_code == 401
