"""`manage.py consensus`: what a table of people's answers amounts to, by the code that settles corrections."""

import json
import time
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from corrections.rules.crowd import tables, trial
from corrections.rules.crowd.answers import TooMany
from corrections.rules.crowd.measures import Quality

_SHOWN = 20


class Command(BaseCommand):
    """Needs files and nothing else: no database, no running product."""

    help = "Settle a CSV of answers (task,worker,label[,truth]): consensus, confidence, reliability, people to look at."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the files and how much of the truth is gold."""
        parser.add_argument("file", type=Path, help="CSV with the columns task,worker,label and perhaps truth")
        parser.add_argument("--truth", type=Path, help="CSV with the columns task,truth")
        parser.add_argument(
            "--gold-share", type=_share, default=0.0, help="share of the known truths used as gold, 0 to 1"
        )
        parser.add_argument("--seed", type=int, default=1, help="decides which tasks are gold")
        parser.add_argument("--out", type=Path, help="write every task's consensus to this CSV")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, settle and print; exits with 1 and one sentence when a file cannot be read."""
        started = time.perf_counter()
        try:
            done = _settle(options)
        except (tables.TableFault, TooMany, OSError, UnicodeDecodeError) as fault:
            self.stderr.write(f"countersign: {_words(fault)}")
            raise SystemExit(1) from None
        seconds = time.perf_counter() - started
        if options["out"]:
            with options["out"].open("w", encoding="utf-8", newline="") as out:
                tables.write(out, done.consensus)
        self.stdout.write(json.dumps(_as_json(done, seconds)) if options["json"] else _as_text(done, seconds))


def _settle(options: dict[str, Any]) -> trial.Trial:
    truth: dict[str, str] = {}
    if options["truth"]:
        with options["truth"].open(encoding="utf-8-sig", newline="") as lines:
            try:
                truth = tables.truths(lines)
            except tables.TableFault as fault:
                raise tables.TableFault(f"{options['truth']}: {fault}") from None
    with options["file"].open(encoding="utf-8-sig", newline="") as lines:
        try:
            rows = list(tables.answers(lines, truth))
        except tables.TableFault as fault:
            raise tables.TableFault(f"{options['file']}: {fault}") from None
    if options["gold_share"] and not truth:
        raise tables.TableFault("Gold needs truths: give --truth FILE.csv, a truth column, or leave --gold-share out.")
    return trial.run(rows, truth, gold_share=options["gold_share"], seed=options["seed"])


def _as_json(done: trial.Trial, seconds: float) -> dict[str, Any]:
    agreed, quality = done.consensus, done.quality
    tasks, workers, _ = agreed.answers.size
    return {
        "tasks": tasks,
        "workers": workers,
        "answers": len(agreed.answers.task),
        "method": agreed.method,
        "accuracy": _rounded(quality.accuracy),
        "f1": _rounded(quality.f1),
        "ece": _rounded(quality.ece),
        "precision_at_95": _rounded(quality.precision_at_95),
        "share_at_95": _rounded(quality.share_at_95),
        "seconds": round(seconds, 3),
        "suspects": [
            {"worker": one.worker, "score": one.score, "reasons": [reason.words for reason in one.reasons]}
            for one in agreed.suspects
        ],
    }


def _as_text(done: trial.Trial, seconds: float) -> str:
    agreed = done.consensus
    tasks, workers, labels = agreed.answers.size
    counted = len(agreed.answers.task)
    lines = [f"{tasks} tasks, {workers} people, {counted} answers, {labels} labels, {seconds:.2f} s", agreed.method, ""]
    lines += ["Least sure", f"{'task':24}{'consensus':16}{'confidence':>10}"]
    codes = agreed.answers.codes
    for task in agreed.confidence.argsort(kind="stable")[:_SHOWN].tolist():
        label = codes.labels[agreed.label[task]]
        lines.append(f"{codes.tasks[task]:24}{label:16}{agreed.confidence[task]:>10.3f}")
    lines += ["", "Least reliable", f"{'worker':24}{'right':>10}{'answers':>10}"]
    given = agreed.answers.counted
    for worker in agreed.accuracy.argsort(kind="stable")[:_SHOWN].tolist():
        lines.append(f"{codes.workers[worker]:24}{agreed.accuracy[worker]:>10.3f}{given[worker]:>10}")
    lines += ["", *_measured(done.quality, done.measured)]
    if agreed.suspects:
        lines += ["", "To look at"]
        lines += [f"{one.worker:24}{'; '.join(reason.words for reason in one.reasons)}" for one in agreed.suspects]
    return "\n".join(lines)


def _measured(quality: Quality, many: int) -> list[str]:
    if quality.accuracy is None:
        return ["No truth is given, so nothing is measured."]
    named = {
        "accuracy": quality.accuracy,
        "F1": quality.f1,
        "log loss": quality.log_loss,
        "calibration error": quality.ece,
        "right at 95 % and more": quality.precision_at_95,
        "share at 95 % and more": quality.share_at_95,
    }
    return [f"Measured on {many} tasks that are no gold"] + [
        f"{name:24}{'none' if value is None else format(value, '10.4f'):>10}" for name, value in named.items()
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 5)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        raise ArgumentTypeError("give a share from 0 to less than 1, such as 0.05")
    return share


def _words(fault: Exception) -> str:
    if isinstance(fault, OSError):
        return f"{fault.filename}: {fault.strerror}. Name a file that can be read and written."
    if isinstance(fault, UnicodeDecodeError):
        return "The file is not UTF-8; save it as UTF-8 and try again."
    return str(fault)
