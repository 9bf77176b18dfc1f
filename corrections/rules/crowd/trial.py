"""A consensus of a table, measured where its truth is known: what `manage.py consensus` prints."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from corrections.rules.crowd import engine, measures
from corrections.rules.crowd.answers import encode
from corrections.rules.crowd.engine import Consensus
from corrections.rules.crowd.measures import Quality


@dataclass(frozen=True, slots=True)
class Trial:
    """The consensus, how good it is on tasks of known truth that are no gold, and how many those are."""

    consensus: Consensus
    quality: Quality
    measured: int


def run(
    rows: Iterable[tuple[str, str, str]], truth: Mapping[str, str], *, gold_share: float = 0.0, seed: int = 1
) -> Trial:
    """Settle rows of (task, worker, label), with a share of the tasks of known truth as gold, chosen by `seed`.

    `truth` may be filled while `rows` is read. Without gold the truth is used for nothing but measuring.
    """
    listed = list(rows)
    answered = {row[0] for row in listed}
    gold = gold_of({task: label for task, label in truth.items() if task in answered}, gold_share, seed)
    answers = encode(listed, gold)
    del listed
    agreed = engine.settle(answers)
    at = {label: number for number, label in enumerate(answers.codes.labels)}
    known = np.array([at.get(truth[task], -1) if task in truth else -2 for task in answers.codes.tasks], dtype=np.int64)
    fair = (known != -2) & (answers.gold < 0)
    return Trial(
        agreed, measures.quality(agreed.probable[fair], agreed.label[fair], known[fair]), measured=int(fair.sum())
    )


def gold_of(truth: Mapping[str, str], share: float, seed: int) -> dict[str, str]:
    """Return a share of the known truths, rounded to whole tasks, at least one of them unless the share is nought."""
    if share <= 0 or not truth:
        return {}
    tasks = sorted(truth)
    many = max(1, round(share * len(tasks)))
    chosen = np.random.default_rng(seed).choice(len(tasks), size=min(many, len(tasks)), replace=False)
    return {tasks[place]: truth[tasks[place]] for place in chosen.tolist()}
