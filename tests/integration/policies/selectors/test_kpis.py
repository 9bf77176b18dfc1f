"""Business figures of a release: values by arm with intervals, on the rollout and evaluation pages."""

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Decision
from agents.services import outcomes
from policies.selectors import evaluations, kpis, rollouts
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from tests.factories import learning as make
from tests.factories import serving
from tests.integration.agents.api.test_outcomes import TERMS

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(monkeypatch):
    first = serving.contract_body
    monkeypatch.setattr(serving, "contract_body", lambda **changes: first(**{**TERMS, **changes}))
    made = make.school(gates={"segments": [], "segment_min_n": 20})
    make.base(made)
    return made


@pytest.fixture
def canary(school):
    make.settle(school, 0, 60)
    return make.release(school, make.built(school), plan=[{"share_bp": 5000, "min_decisions": 0, "min_minutes": 0}])


def tell(row: Decision, *, repaid: bool, loss: float = 0.0) -> None:
    body = {"repaid": repaid, "loss": loss}
    outcomes.record(decision=row, outcome=body, observed_at=clock.now(), by=actors.SYSTEM)


def tell_all(school: make.School, n: int = 120) -> list[Decision]:
    """Cases decided in both arms: the canary's are repaid nearly always, those of the stable version seldom."""
    rows = [row for row in make.settle(school, 500, n) if row.arm != "fallback"]
    for at, row in enumerate(rows):
        good = at % 10 != 0 if row.arm == "canary" else at % 10 == 0
        tell(row, repaid=good, loss=0.0 if good else 100.0 + at)
    return rows


def test_figures__both_arms_told__values_intervals_and_what_is_better(school, canary):
    rows = tell_all(school)

    found = rollouts.page(school.builder, canary.version_id).figures

    assert (found.number, found.baseline, found.told) == (2, 1, True)
    loss, repaid = found.rows
    assert [(side.version, side.arm_label) for side in repaid.sides] == [(2, "Canary"), (1, "Stable")]
    assert sum(side.n for side in repaid.sides) == len(rows)
    assert (repaid.verdict, repaid.more_is_better, repaid.difference[0]) == ("better", True, "+")
    assert (loss.verdict, loss.more_is_better, loss.difference[0]) in {("better", False, "-"), ("better", False, "−")}
    assert " to " in repaid.interval


def test_figures__cases_before_the_rollout__do_not_count_on_its_page(school, canary):
    early = Decision.objects.filter(decided_at__lt=canary.started_at)[:5]
    for row in early:
        tell(row, repaid=True)

    assert not rollouts.page(school.builder, canary.version_id).figures.told
    ever = evaluations.page(school.builder, canary.version_id).figures
    assert [(side.version, side.arm, side.n) for side in ever.rows[1].sides] == [(1, "stable", 5)]


def test_figures__one_case_each__no_verdict_and_it_says_too_few(school, canary):
    rows = make.settle(school, 500, 60)
    for arm in ("canary", "stable"):
        tell(next(row for row in rows if row.arm == arm), repaid=arm == "canary", loss=3.0)

    loss, repaid = rollouts.page(school.builder, canary.version_id).figures.rows

    assert (loss.verdict, loss.interval) == ("open", "too few cases")
    assert repaid.verdict == "open"


def test_figures__newer_observation__replaces_the_older(school, canary):
    row = make.settle(school, 500, 1)[0]
    tell(row, repaid=False)
    tell(row, repaid=True)

    side = rollouts.page(school.builder, canary.version_id).figures.rows[1].sides[0]

    assert (side.n, side.text) == (1, "1")


def test_figures__contract_without_any__no_section(db):
    made = make.school()

    assert kpis.figures(made.agent_id, 2, 1) is None


@pytest.mark.parametrize("page", ["rollout", "evaluation"])
def test_pages__figures_told__stand_on_the_page_and_only_for_who_may_see_it(school, canary, page):
    tell_all(school, 40)
    url = reverse(f"policies:{page}", args=[canary.version_id])
    client, stranger = Client(), Client()
    client.force_login(school.builder)
    stranger.force_login(serving.person("stranger"))

    shown = client.get(url)

    assert shown.status_code == 200
    assert b"Business figures" in shown.content
    assert b"version 2, canary" in shown.content
    assert b"Loss share" in shown.content
    assert stranger.get(url).status_code == 404


def test_pages__no_outcome_yet__rollout_says_so(school, canary):
    client = Client()
    client.force_login(school.builder)

    shown = client.get(reverse("policies:rollout", args=[canary.version_id]))

    assert b"No outcome was told yet of these cases." in shown.content


def _rollout(canary, **headers: str):
    return Client().get(f"/api/v1/versions/{canary.version_id}/rollout", headers=headers)


def test_api__figures_told__means_intervals_and_the_difference(school, canary):
    tell_all(school)
    key = serving.personal_key(school.builder, "policies")

    told = _rollout(canary, authorization=f"Bearer {key}").json()["figures"]

    assert (told["version"], told["baseline"]) == (2, 1)
    loss, repaid = told["rows"]
    assert (loss["direction"], repaid["direction"], repaid["verdict"]) == ("down", "up", "better")
    new, old = repaid["arms"]
    assert [(one["version"], one["arm"]) for one in (new, old)] == [(2, "canary"), (1, "stable")]
    assert new["low"] < new["value"] < new["high"]
    gap = repaid["difference"]
    assert gap["value"] == pytest.approx(new["value"] - old["value"])
    assert 0 < gap["low"] < gap["value"] < gap["high"]


def test_api__one_case__an_end_that_nobody_knows_is_null(school, canary):
    row = next(row for row in make.settle(school, 500, 60) if row.arm == "canary")
    tell(row, repaid=True, loss=3.0)
    key = serving.personal_key(school.builder, "policies")

    loss = _rollout(canary, authorization=f"Bearer {key}").json()["figures"]["rows"][0]

    (arm,) = loss["arms"]
    assert arm["value"] > 0
    assert (arm["low"], arm["high"], arm["n"]) == (None, None, 1)
    assert (loss["difference"], loss["verdict"]) == (None, "open")
