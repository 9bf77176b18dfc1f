"""Made-up crowds: people of known reliability answer tasks of known truth, and some of them lie."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Scene:
    """Rows of (task, worker, label), the truth per task and who was made to be bad."""

    rows: list[tuple[str, str, str]]
    truth: dict[str, str]
    bad: set[str] = field(default_factory=set)


def crowd(
    *,
    tasks: int = 600,
    workers: int = 30,
    voices: int = 5,
    labels: int = 2,
    seed: int = 1,
    ring: int = 0,
    clickers: int = 0,
    lies: float = 0.5,
) -> Scene:
    """Return a crowd with accuracies of .7 to .95; ring members tell one lie on a share of the tasks."""
    chance = np.random.default_rng(seed)
    accuracy = chance.uniform(0.7, 0.95, workers)
    truth = chance.integers(0, labels, tasks)
    lied = chance.random(tasks) < lies
    lie = (truth + chance.integers(1, labels, tasks)) % labels
    rows = []
    for task in range(tasks):
        for worker in chance.choice(workers, voices, replace=False).tolist():
            honest = chance.random() < accuracy[worker]
            label = truth[task] if honest else (truth[task] + chance.integers(1, labels)) % labels
            if worker < ring and lied[task]:
                label = lie[task]
            elif ring <= worker < ring + clickers:
                label = chance.integers(0, labels)
            rows.append((f"t{task:05}", f"w{worker:03}", str(label)))
    return Scene(
        rows,
        {f"t{task:05}": str(label) for task, label in enumerate(truth.tolist())},
        {f"w{worker:03}" for worker in range(ring + clickers)},
    )
