"""Answers as numbers: who said what of which task, ready for sparse products."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# What the posterior and the confusion matrices may hold, in numbers of eight bytes each.
_MOST_CELLS = 30_000_000


class TooMany(ValueError):
    """There are more labels than confusion matrices of this many tasks and people can hold."""


@dataclass(frozen=True, slots=True)
class Codes:
    """Which number stands for which name; the same answers in any order give the same numbers."""

    tasks: tuple[str, ...]
    workers: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Answers:
    """Every answer once, sorted by task and then worker: `task`, `worker` and `label` hold one number per answer.

    `gold` has one number per task: its known label, or -1.
    """

    codes: Codes
    task: Ints
    worker: Ints
    label: Ints
    gold: Ints

    @property
    def size(self) -> tuple[int, int, int]:
        """Return how many tasks, workers and labels there are."""
        return len(self.codes.tasks), len(self.codes.workers), len(self.codes.labels)

    @cached_property
    def cell(self) -> Ints:
        """Return for each answer the row of its worker and label in a stack of confusion matrices."""
        return self.worker * self.size[2] + self.label

    @cached_property
    def counted(self) -> Ints:
        """Return how many answers each worker gave."""
        return np.bincount(self.worker, minlength=self.size[1])

    def matrix(self, weights: Floats | None = None) -> sparse.csr_matrix:
        """Return tasks × (workers · labels) with the weight of each answer, 1 without `weights`."""
        tasks, workers, labels = self.size
        starts = np.searchsorted(self.task, np.arange(tasks + 1))
        data = np.ones(len(self.task)) if weights is None else weights
        return sparse.csr_matrix((data, self.cell, starts), shape=(tasks, workers * labels))


def encode(rows: Iterable[tuple[str, str, str]], gold: Mapping[str, str] | None = None) -> Answers:
    """Return rows of (task, worker, label) as numbers; of several answers by one worker to one task the last one counts.

    `gold` names tasks whose label is known. Raises `TooMany` when the model would need more than a gigabyte.
    """
    known = dict(gold or {})
    seen: tuple[dict[str, int], ...] = ({}, {}, {})
    columns: tuple[list[int], list[int], list[int]] = ([], [], [])
    next_numbers = tuple(count() for _ in seen)
    for row in rows:
        for name, numbers, column, fresh in zip(row, seen, columns, next_numbers, strict=True):
            number = numbers.get(name)
            if number is None:
                number = numbers[name] = next(fresh)
            column.append(number)
    for task, label in known.items():
        if task in seen[0] and label not in seen[2]:
            seen[2][label] = len(seen[2])
    names, arrays = [], []
    for numbers, column in zip(seen, (*columns,), strict=True):
        ordered = in_order(numbers)
        place = np.empty(len(ordered), dtype=np.int64)
        place[[numbers[name] for name in ordered]] = np.arange(len(ordered))
        names.append(ordered)
        arrays.append(place[np.array(column, dtype=np.int64)] if column else np.zeros(0, dtype=np.int64))
    codes = Codes(*names)
    _check(codes)
    at = {name: number for number, name in enumerate(codes.labels)}
    truth = np.array([at.get(known[task], -1) if task in known else -1 for task in codes.tasks], dtype=np.int64)
    return Answers(codes, *_last(*arrays), gold=truth)


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Return names sorted, as numbers where all of them are numbers."""
    listed = list(names)
    try:
        return tuple(sorted(listed, key=lambda name: (float(name), name)))
    except ValueError:
        return tuple(sorted(listed))


def _last(task: Ints, worker: Ints, label: Ints) -> tuple[Ints, Ints, Ints]:
    # A stable sort keeps repeats in the order they came, so that the last of each run is the newest.
    order = np.lexsort((np.arange(len(task)), worker, task))
    task, worker, label = task[order], worker[order], label[order]
    newest = np.ones(len(task), dtype=bool)
    newest[:-1] = (task[1:] != task[:-1]) | (worker[1:] != worker[:-1])
    return task[newest], worker[newest], label[newest]


def _check(codes: Codes) -> None:
    labels = len(codes.labels)
    if labels * max(len(codes.tasks), len(codes.workers) * labels) > _MOST_CELLS:
        raise TooMany(f"{labels} different labels are too many for {len(codes.tasks)} tasks; group rare ones")


def votes(answers: Answers, weights: Floats | None = None) -> Floats:
    """Return tasks × labels: how many answers (or how much of their weight) each label of each task got."""
    tasks, _, labels = answers.size
    flat = np.bincount(answers.task * labels + answers.label, weights, minlength=tasks * labels)
    return flat.reshape(tasks, labels).astype(np.float64)
