"""kill -9 of any child: the supervisor starts it again and the product answers."""

import json
import os
import signal

import pytest

from reviewapp.ops import processes
from tests.stack import Stack, until

NAMES = ["postgres", "valkey", "web", "live", "worker", "learner", "beat"]


def all_there(stack: Stack) -> bool:
    """Tell whether every process runs; the workers start after the first page is up."""
    groups = stack.groups()
    return all(name in groups and processes.in_group(groups[name]) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_kill__child__is_started_again_and_the_product_answers(patient: Stack, name: str) -> None:
    until(lambda: all_there(patient), 60, lambda: patient.output)
    before = patient.groups()
    os.kill(before[name], signal.SIGKILL)
    until(lambda: patient.groups().get(name) not in (None, before[name]), 30, lambda: patient.output)
    until(patient.healthy, 60, lambda: patient.output)
    assert f"{name} ended (code -9)" in patient.output
    assert not processes.in_group(before[name])
    # Nothing else was restarted for it.
    assert {other: group for other, group in patient.groups().items() if other != name} == {
        other: group for other, group in before.items() if other != name
    }


def test_kill__server_process_inside_web__is_started_again(patient: Stack) -> None:
    group = patient.groups()["web"]
    (inner,) = (process.pid for process in processes.in_group(group) if process.pid != group)
    os.kill(inner, signal.SIGKILL)
    until(lambda: patient.groups().get("web") not in (None, group), 30, lambda: patient.output)
    until(patient.healthy, 60, lambda: patient.output)


def test_doctor__after_all_that__finds_nothing_wrong(patient: Stack) -> None:
    def well() -> bool:
        told = patient.manage("doctor", "--json")
        return told.returncode == 0 and bool(json.loads(told.stdout)["ok"])

    until(well, 90, lambda: patient.manage("doctor").stdout)
