"""`manage.py consensus` on a real crowd."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

DATA = Path(__file__).parents[1] / "rules" / "crowd" / "data"
KEYS = ["tasks", "workers", "answers", "method", "accuracy", "f1", "ece", "precision_at_95", "share_at_95"]


def consensus(*args, **options):
    out, err = StringIO(), StringIO()
    call_command("consensus", *map(str, args), stdout=out, stderr=err, **options)
    return out.getvalue()


def test_consensus__json_with_gold__has_exactly_the_agreed_members():
    said = json.loads(
        consensus(DATA / "rte_answers.csv", "--truth", DATA / "rte_truth.csv", "--gold-share", 0.05, "--json")
    )
    assert list(said) == [*KEYS, "seconds", "suspects"]
    assert (said["tasks"], said["workers"], said["answers"]) == (800, 164, 8000)
    assert said["accuracy"] > 0.91
    assert set(said["suspects"][0]) == {"worker", "score", "reasons"}


def test_consensus__without_truth__measures_nothing(tmp_path):
    said = json.loads(consensus(DATA / "temp_answers.csv", "--json"))
    assert [said[key] for key in KEYS[4:]] == [None] * 5
    assert "nothing is measured" in consensus(DATA / "temp_answers.csv")


def test_consensus__same_seed__is_the_same_but_for_time():
    args = (DATA / "temp_answers.csv", "--truth", DATA / "temp_truth.csv", "--gold-share", 0.1, "--seed", 3, "--json")
    one, other = json.loads(consensus(*args)), json.loads(consensus(*args))
    assert {**one, "seconds": 0} == {**other, "seconds": 0}


def test_consensus__truth_column_and_out__tables_and_file(tmp_path):
    table = tmp_path / "a.csv"
    table.write_text(
        "task,worker,label,truth\n" + "".join(f"{n},{w},{n % 2},{n % 2}\n" for n in range(9) for w in "abc")
    )
    said = consensus(table, "--out", tmp_path / "out.csv")
    assert "Measured on 9 tasks" in said
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[0] == "task,consensus,confidence"
    assert [line.split(",")[1] for line in lines[1:]] == [str(n % 2) for n in range(9)]


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (b"task,worker,label\n1,a\n", (), "a.csv: Line 2: 2 columns"),
        (b"task,worker,label\n1,a,\xff\n", (), "not UTF-8"),
        (b"task,worker,label\n1,a,x\n", ("--gold-share", "0.05"), "Gold needs truths"),
        (b"task,worker,label\n1,a,x\n", ("--truth", "/nowhere.csv"), "/nowhere.csv: No such file"),
    ],
)
def test_consensus__a_fault__is_one_sentence_and_exit_1(tmp_path, content, options, words):
    table = tmp_path / "a.csv"
    table.write_bytes(content)
    err = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("consensus", str(table), *options, stderr=err)
    assert ended.value.code == 1
    assert words in err.getvalue()
