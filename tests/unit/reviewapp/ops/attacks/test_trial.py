"""Attacks from end to end, on real cases and with the product's own learner."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from corrections.rules.crowd import engine
from reviewapp.ops.attacks import crowd, trial

KEYS = ["recall", "false_alarms", "auc", "policy_error_before", "policy_error_after", "policy_error_clean"]


def attack(*args):
    out, err = StringIO(), StringIO()
    call_command("attack_trial", *args, stdout=out, stderr=err)
    return out.getvalue()


def test_attack_trial__always__is_found_and_undone():
    found = json.loads(attack("--kind", "always", "--share", "0.15", "--seed", "1", "--json"))
    assert list(found) == KEYS
    assert found["recall"] == 1
    assert found["false_alarms"] <= 0.1
    assert found["auc"] >= 0.95
    assert found["policy_error_after"] < found["policy_error_before"]
    assert found["policy_error_after"] <= found["policy_error_clean"] + 0.01


@pytest.mark.parametrize(("kind", "least"), [("clicker", 0.95), ("flip", 0.95), ("ring", 0.95), ("segment", 0.8)])
def test_signals__over_three_crowds__tell_attackers_from_honest_people(kind, least):
    areas = []
    for seed in (1, 2, 3):
        scene = trial.stage(seed)
        said = crowd.answer(scene.truth, scene.segments, scene.hardness, kind=kind, share=0.15, seed=seed)
        signals = engine.settle(scene.coded(said), segment=scene.segments).signals[trial.SIGNAL[kind]]
        bad = [signals[one] for one in said.attackers]
        good = [signals[one] for one in range(crowd.REVIEWERS) if one not in said.attackers]
        areas.append(trial.area(bad, good))
    assert sum(areas) / 3 >= least


def test_area__ties__count_half():
    assert trial.area([1.0, 2.0], [1.0, 0.0]) == 0.875


def test_attack_trial__nobody_attacks__is_one_sentence_and_exit_1():
    err = StringIO()
    with pytest.raises(SystemExit):
        call_command("attack_trial", "--kind", "flip", "--share", "0.001", stderr=err)
    assert "give a share from 0.025 to 0.975" in err.getvalue()


def test_attack_trial__without_json__is_a_table():
    lines = attack("--kind", "clicker").splitlines()
    assert lines[0] == "40 reviewers, 225 corrections each, attack: clicker"
    assert len(lines) == 7
