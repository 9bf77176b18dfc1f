"""The consensus of a crowd: one label per task, how sure it is, how reliable everybody is, and who to look at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from corrections.rules.crowd import calibration, reliability, rings, suspicion
from corrections.rules.crowd.answers import Answers, Floats, Ints
from corrections.rules.crowd.reliability import COIN, FULL, POOLED, Fit
from corrections.rules.crowd.suspicion import DISAGREES, GOLD, LIMITS, RING, SEGMENT, Reason, Suspect

# Looking for rings again with the consensus that the first look gave finds those that had bent it.
_LOOKS = 2
# Another shape of the model must call gold better by this many standard errors to be preferred.
_BETTER = 1.0


@dataclass(frozen=True, slots=True)
class Consensus:
    """What a crowd's answers amount to.

    `label` and `confidence` have one entry per task (gold tasks hold their label with confidence 1), `probable` is tasks ×
    labels, `accuracy` one entry per worker (expected share of right answers), `rings` the number of each worker's ring or
    -1, `signals` the deviations per worker behind `suspects`.
    """

    answers: Answers
    label: Ints
    confidence: Floats
    probable: Floats
    accuracy: Floats
    rings: Ints
    temperature: float
    fitted: Fit
    signals: dict[str, Floats]
    suspects: tuple[Suspect, ...]

    @property
    def method(self) -> str:
        """Return in words how this was reached."""
        parts = [f"Dawid-Skene with {self.fitted.shape}"]
        if known := int((self.answers.gold >= 0).sum()):
            parts.append(f"started from {known} gold tasks")
        if (self.rings >= 0).any():
            parts.append(f"{int(self.rings.max()) + 1} ring(s) as one voice each")
        return ", ".join([*parts, f"confidence at temperature {self.temperature:.2f}"])


def settle(answers: Answers, *, segment: Ints | None = None, exclude: Sequence[str] = ()) -> Consensus:
    """Return the consensus of these answers. Deterministic; a million answers take seconds.

    `segment` numbers tasks by what they are about (-1 for none), so that attacks on one of them show. `exclude` names
    workers whose answers do not count, but are still compared with what the others say.
    """
    muted = np.isin(np.array(answers.codes.workers), np.array(list(exclude))) if exclude else None
    silence = None if muted is None else (~muted[answers.worker]).astype(np.float64)
    gold = bool((answers.gold >= 0).any())
    usual = POOLED if gold else FULL
    fitted, found, weights = _without_rings(answers, usual, silence)
    fitted, temperature = _best(answers, fitted, weights) if gold else (fitted, None)
    said = calibration.scores(answers, fitted, weights)
    if temperature is None:
        temperature = calibration.by_answers(answers, fitted, said, weights)
    probable = calibration.tempered(said, fitted, temperature)
    known = answers.gold >= 0
    probable[known] = np.eye(answers.size[2])[answers.gold[known]]
    label = fitted.posterior.argmax(axis=1)
    wrong = suspicion.disagreement(answers, fitted, said, weights, temperature)
    signals, suspects = _suspects(answers, wrong, found, segment)
    return Consensus(
        answers=answers,
        label=label.astype(np.int64),
        confidence=probable[np.arange(len(label)), label],
        probable=probable,
        accuracy=reliability.accuracies(fitted.counts),
        rings=found.rings,
        temperature=temperature,
        fitted=fitted,
        signals=signals,
        suspects=suspects,
    )


@dataclass(frozen=True, slots=True)
class _Rings:
    rings: Ints
    deviation: Floats


def _without_rings(answers: Answers, shape: str, silence: Floats | None) -> tuple[Fit, _Rings, Floats | None]:
    workers = answers.size[1]
    fitted = reliability.fit(answers, shape, weights=silence)
    known = np.full(workers, -1, dtype=np.int64)
    weights = silence
    deviation = np.zeros(workers)
    for _ in range(_LOOKS):
        compared = rings.ties(answers, fitted, silence)
        found = rings.find(compared, workers)
        deviation = rings.belonging(compared, found)
        if (found == known).all():
            break
        known = found
        weights = rings.one_voice(answers, known)
        if silence is not None:
            weights = weights * silence
        fitted = reliability.fit(answers, shape, weights=weights)
    return fitted, _Rings(known, deviation), weights


def _best(answers: Answers, usual: Fit, weights: Floats | None) -> tuple[Fit, float]:
    """Return the shape of the model that calls gold best when it must do without it, and its temperature."""
    chosen, result = usual, _on_gold(answers, usual, weights)
    for shape in (COIN, FULL):
        rival = reliability.fit(answers, shape, weights=weights)
        tried = _on_gold(answers, rival, weights)
        gain = result.losses - tried.losses
        if gain.sum() > _BETTER * float(gain.std()) * np.sqrt(len(gain)) + 1e-9:
            chosen, result = rival, tried
    return chosen, result.temperature


def _on_gold(answers: Answers, fitted: Fit, weights: Floats | None) -> calibration.OnGold:
    said = calibration.scores(answers, fitted, weights)
    start = calibration.by_answers(answers, fitted, said, weights)
    return calibration.by_gold(answers, fitted, weights, start)


def _suspects(
    answers: Answers, wrong: Floats, found: _Rings, segment: Ints | None
) -> tuple[dict[str, Floats], tuple[Suspect, ...]]:
    on_gold, right, total = suspicion.gold_failures(answers)
    signals = {DISAGREES: suspicion.disagrees(answers, wrong), GOLD: on_gold, RING: found.deviation}
    words: dict[str, Callable[[int], str]] = {
        DISAGREES: lambda _: "disagrees with what the others say far more often than is usual on the same tasks",
        GOLD: lambda worker: f"{right[worker]} of {total[worker]} gold tasks right",
        RING: lambda worker: _ring_words(found.rings, worker),
    }
    if segment is not None:
        signals[SEGMENT], worst = suspicion.concentrated(answers, wrong, segment)
        words[SEGMENT] = lambda worker: f"disagreements pile up in segment {worst[worker]}"
    listed = []
    for worker, name in enumerate(answers.codes.workers):
        reasons = tuple(
            Reason(signal, round(float(deviation[worker]), 2), words[signal](worker))
            for signal, deviation in signals.items()
            if deviation[worker] >= LIMITS[signal] and (signal != RING or found.rings[worker] >= 0)
        )
        if reasons:
            score = max(reason.deviation / LIMITS[reason.signal] for reason in reasons)
            listed.append(Suspect(name, round(score, 3), reasons))
    return signals, tuple(sorted(listed, key=lambda suspect: (-suspect.score, suspect.worker)))


def _ring_words(found: Ints, worker: int) -> str:
    others = int((found == found[worker]).sum()) - 1
    return f"gives the same answers as {others} others beyond what being right explains"
