"""Rows as files."""

import csv
import io
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest

from corrections.rules.exporting import COLUMNS, csv_head, csv_lines, flat, json_lines

WHEN = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "  =HYPERLINK(1)", "＠x"]
)
def test_csv__cell_that_a_spreadsheet_would_run__is_text(text):
    (cell,) = next(csv.reader(io.StringIO(csv_lines([{"a": text}]), newline="")))
    assert cell == f"'{text}"


@pytest.mark.parametrize("text", ["a=b", "1-2", "plain", "", 'a "quoted", cell', "two\nlines"])
def test_csv__any_other_cell__is_read_back_as_it_was(text):
    (cell,) = next(csv.reader(io.StringIO(csv_lines([{"a": text}]), newline="")))
    assert cell == text


def test_csv__numbers_times_and_nothing__are_written_plainly():
    row = {"a": -5, "b": 0.25, "c": None, "d": WHEN, "e": True}
    assert csv_lines([row]) == "-5,0.25,,2026-11-02T03:04:05+00:00,True\r\n"


def test_csv_head__each_kind__names_its_columns():
    assert csv_head("tasks").startswith("\ufeffid,decision_id,agent")


def test_json_lines__rows__one_each():
    lines = json_lines([{"a": "ü", "b": WHEN}, {"a": None, "b": 1}]).splitlines()
    assert [json.loads(line) for line in lines] == [{"a": "ü", "b": "2026-11-02T03:04:05+00:00"}, {"a": None, "b": 1}]
    assert "ü" in lines[0]


def test_flat__sealed_decision__tells_nothing_of_its_answer():
    row = SimpleNamespace(**dict.fromkeys(COLUMNS["decisions"], "told"), agent_name="Credit")
    row.sealed, row.id, row.output = True, uuid4(), {"a": 1}
    found = flat("decisions", row)
    assert {
        found[name] for name in ("action", "status", "confidence", "policy_version", "arm", "resolution_source")
    } == {None}
    assert found["title"] == "told"
    assert found["agent"] == "Credit"
    row.sealed = False
    assert flat("decisions", row)["action"] == "told"
