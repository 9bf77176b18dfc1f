"""`manage.py simulate` against the running product."""

import json

from tests.stack import Stack, free_ports


def test_simulate__one_small_round__ends_with_one_json_object(stack: Stack) -> None:
    done = stack.manage(
        "simulate",
        "--agent",
        "credit",
        "--rounds",
        "1",
        "--decisions",
        "12",
        "--reviewers",
        "3",
        "--seed",
        "5",
        "--json",
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    before, after = found["rounds"]
    assert (found["agent"], found["seed"], before["round"], after["round"]) == ("credit", 5, 0, 1)
    assert (before["decisions"], after["decisions"]) == (0, 12)
    assert after["consensus"] == round(after["flagged_share"] * 12)
    assert after["corrections"] >= 2 * after["consensus"]
    assert after["holdout_ci"][0] <= after["holdout_error"] <= after["holdout_ci"][1]
    assert "round 1 of 1" in done.stderr


def test_simulate__nothing_runs__one_sentence_and_exit_1(stack: Stack) -> None:
    done = stack.manage("simulate", "--url", f"http://127.0.0.1:{free_ports()}")
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        line for line in done.stderr.strip().splitlines() if line.startswith("countersign: Nothing answers")
    ]


def test_simulate__agent_without_enough_cases__one_sentence_and_exit_1(stack: Stack) -> None:
    done = stack.manage("simulate", "--agent", "refund")
    assert done.returncode == 1
    assert "only credit and employment" in done.stderr
