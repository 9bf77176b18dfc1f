"""Answers and truths from CSV, read line by line; a fault names its line and the mend."""

import csv
from collections.abc import Iterable, Iterator
from typing import TextIO

from corrections.rules.crowd.engine import Consensus

_ANSWER = ("task", "worker", "label")
_TRUTH = ("task", "truth")


class TableFault(ValueError):
    """A table that cannot be read; its text names the line and what to do."""


def answers(lines: Iterable[str], truth: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield (task, worker, label) of each row; a column `truth`, where there is one, is collected into `truth`.

    Columns may come in any order and others are ignored. Raises `TableFault` at the row that is wrong.
    """
    reader = csv.reader(lines)
    header = _header(reader, _ANSWER)
    task, worker, label = (header.index(name) for name in _ANSWER)
    known = header.index("truth") if "truth" in header else None
    width, empty = len(header), True
    for row in _rows(reader):
        if not row:
            continue
        if len(row) != width:
            raise TableFault(_width(reader.line_num, len(row), width))
        said = (row[task].strip(), row[worker].strip(), row[label].strip())
        if not all(said):
            missing = next(name for name, value in zip(_ANSWER, said, strict=True) if not value)
            raise TableFault(f"Line {reader.line_num}: {missing} is empty; fill it in or leave the line out.")
        if known is not None and row[known].strip():
            _learn(truth, said[0], row[known].strip(), reader.line_num)
        empty = False
        yield said
    if empty:
        raise TableFault("Line 2: there is no answer; give one line per answer below the column names.")


def truths(lines: Iterable[str]) -> dict[str, str]:
    """Return the truth per task. Raises `TableFault` at the row that is wrong."""
    reader = csv.reader(lines)
    header = _header(reader, _TRUTH)
    task, truth = (header.index(name) for name in _TRUTH)
    found: dict[str, str] = {}
    for row in _rows(reader):
        if not row:
            continue
        if len(row) != len(header):
            raise TableFault(_width(reader.line_num, len(row), len(header)))
        if not row[task].strip() or not row[truth].strip():
            missing = "task" if not row[task].strip() else "truth"
            raise TableFault(f"Line {reader.line_num}: {missing} is empty; fill it in or leave the line out.")
        _learn(found, row[task].strip(), row[truth].strip(), reader.line_num)
    return found


def _header(reader: Iterator[list[str]], needed: tuple[str, ...]) -> list[str]:
    header = [name.strip().lstrip("\ufeff").lower() for name in next(_rows(reader), [])]
    if missing := [name for name in needed if name not in header]:
        wanted = ",".join(needed)
        raise TableFault(f"Line 1: the column {missing[0]} is missing; begin the file with the line {wanted}.")
    if repeated := [name for name in needed if header.count(name) > 1]:
        raise TableFault(f"Line 1: the column {repeated[0]} is there twice; keep one of them.")
    return header


def _rows(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as fault:
        line = getattr(reader, "line_num", 1)
        raise TableFault(f"Line {line}: this is not CSV ({fault}); save the table as comma-separated text.") from None


def _learn(truth: dict[str, str], task: str, label: str, line: int) -> None:
    if truth.setdefault(task, label) != label:
        raise TableFault(
            f"Line {line}: task {task} has the truth {label}, and {truth[task]} in a line before; give one of them."
        )


def _width(line: int, found: int, wanted: int) -> str:
    return f"Line {line}: {found} columns where the first line has {wanted}; quote values that contain a comma."


def write(lines: TextIO, agreed: Consensus) -> None:
    """Write task, consensus and confidence of every task."""
    writer = csv.writer(lines)
    writer.writerow(("task", "consensus", "confidence"))
    codes = agreed.answers.codes
    for task, label, sure in zip(codes.tasks, agreed.label.tolist(), agreed.confidence.tolist(), strict=True):
        writer.writerow((task, codes.labels[label], f"{sure:.4f}"))
