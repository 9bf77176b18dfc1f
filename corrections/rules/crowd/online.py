"""One more answer between two rebuilds: the case is scored again, and its people's records follow.

An approximation for ordering work and for showing progress (one step of incremental EM, Neal and Hinton 1998); what is learned
from is settled by the whole model at the next rebuild.
"""

from dataclasses import dataclass

import numpy as np

from corrections.rules.crowd.answers import Floats
from corrections.rules.crowd.engine import Consensus
from corrections.rules.crowd.reliability import PRIOR, pooled


@dataclass(frozen=True, slots=True)
class Now:
    """What a case looks like after an answer: the label that leads and how sure that is."""

    label: str
    confidence: float


class Online:
    """The records of a settled crowd, kept up to date answer by answer. Not for several threads at once."""

    def __init__(self, agreed: Consensus) -> None:
        """Start from a consensus. Cases and people it did not know may come; labels may not."""
        answers = agreed.answers
        codes = answers.codes
        labels = len(codes.labels)
        self._labels = {name: number for number, name in enumerate(codes.labels)}
        self._names = codes.labels
        cube = agreed.fitted.counts.reshape(-1, labels, labels)
        self._records = {name: cube[number].copy() for number, name in enumerate(codes.workers)}
        self._everybody: Floats = PRIOR * pooled(cube)
        self._classes: Floats = np.log(agreed.fitted.classes)
        self._temperature = agreed.temperature
        self._posterior = dict(zip(codes.tasks, agreed.fitted.posterior.copy(), strict=True))
        self._gold = {codes.tasks[task]: int(answers.gold[task]) for task in np.flatnonzero(answers.gold >= 0).tolist()}
        self._said: dict[str, dict[str, int]] = {name: {} for name in codes.tasks}
        for task, worker, label in zip(
            answers.task.tolist(), answers.worker.tolist(), answers.label.tolist(), strict=True
        ):
            self._said[codes.tasks[task]][codes.workers[worker]] = label

    def add(self, task: str, worker: str, label: str) -> Now:
        """Take one answer, the worker's newest on this task, and return how the task looks now.

        Raises `KeyError` for a label that the crowd did not know: that takes a rebuild.
        """
        given = self._labels[label]
        said = self._said.setdefault(task, {})
        before = self._posterior.get(task)
        earlier = said.get(worker)
        if earlier is not None and before is not None:
            self._records[worker][earlier] -= before
        said[worker] = given
        scores = self._scores(said)
        after = _softmax(scores + self._classes)
        if task in self._gold:
            after = np.eye(len(self._names))[self._gold[task]]
        for person, place in said.items():
            if before is not None and person != worker:
                self._records[person][place] += after - before
        self._record(worker)[given] += after
        self._posterior[task] = after
        if task in self._gold:
            return Now(self._names[self._gold[task]], 1.0)
        shown = _softmax(self._temperature * scores + self._classes)
        leading = int(after.argmax())
        return Now(self._names[leading], float(shown[leading]))

    def _scores(self, said: dict[str, int]) -> Floats:
        total = np.zeros(len(self._names))
        for person, place in said.items():
            record = self._record(person) + self._everybody
            total += np.log(np.maximum(record[place], 1e-10) / np.maximum(record.sum(axis=0), 1e-10))
        return total

    def _record(self, worker: str) -> Floats:
        found = self._records.get(worker)
        if found is None:
            found = self._records[worker] = np.zeros((len(self._names), len(self._names)))
        return found


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max())
    shares: Floats = raised / raised.sum()
    return shares
