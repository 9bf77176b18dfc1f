"""The evaluation page: every plot has its numbers and a sentence."""

import pytest

from policies.models import Evaluation
from policies.services import versions
from tests.factories import learning as make
from tests.unit.policies.views.conftest import text

pytestmark = pytest.mark.django_db


def test_evaluation__learned_version__gates_with_interval_limit_and_sentence(pages):
    response = pages.get(pages.school.builder, pages.path(2, "evaluation/"))

    found = text(response)
    evaluation = response.context["found"]
    for gate in evaluation.gates:
        assert gate.title in found
        assert gate.text in found
        assert gate.limit_words in found
    assert found.count('class="forest plot"') == len(evaluation.gates) + 4 + len(evaluation.segments)
    assert "Decisions that change" in found
    assert f'data-copy="{evaluation.data_digest}"' in found


def test_evaluation__first_version__nothing_to_compare_with(pages):
    found = text(pages.get(pages.school.builder, pages.path(1, "evaluation/")))

    assert "Decisions that change" not in found
    assert "Nothing, no version served then" in found
    assert "nothing to compare with yet" in found


def test_evaluation__segments_watched__each_in_a_row(pages):
    make.learning.configure(
        agent_id=pages.school.agent_id, gates={"segments": ["purpose"], "segment_min_n": 20}, by=make.actors.SYSTEM
    )
    pages.rebuilt()

    found = text(pages.get(pages.school.builder, pages.path(3, "evaluation/")))

    assert "Error by segment" in found
    assert "repairs" in found


def test_evaluation__not_yet__says_so(pages):
    other = make.school(slug="other")
    version = versions.seal_base(agent_id=other.agent_id, body=make.WRITTEN, by=other.builder)

    assert not Evaluation.objects.filter(version=version).exists()
    assert "Not evaluated yet" in text(pages.get(other.builder, f"/versions/{version.pk}/evaluation/"))


def test_evaluation__read_only_role__reads(pages):
    assert pages.get(pages.reader, pages.path(1, "evaluation/")).status_code == 200


def test_evaluation__fragment__the_part_alone(pages):
    found = text(pages.get(pages.school.builder, pages.path(1, "evaluation/"), fragment=True))

    assert found.startswith('<div class="stack stack--loose" id="evaluation">')
    assert "<html" not in found
