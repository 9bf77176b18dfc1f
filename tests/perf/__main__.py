"""`make bench` and `make bench-quick`: ratios measured in one run on this machine, whatever else it is like.

Usage: python -m tests.perf [--quick] [--million] [--json FILE]. The last line on standard output is one JSON object.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import orjson

from tests.perf import arithmetic, bed, deciding, load, machine, report, reviewing, switching, terms
from tests.perf.bed import Bed


def main() -> int:
    """Measure, print the table, and end with the line for programs."""
    parser = argparse.ArgumentParser(prog="python -m tests.perf", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, under a minute")
    parser.add_argument("--million", action="store_true", help="a backlog of 1,000,000 as well; takes minutes")
    parser.add_argument("--json", type=Path, help="write every figure to this file")
    chosen = parser.parse_args()
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - began:5.1f} s] {text}", file=sys.stderr, flush=True)

    print(f"Machine: {machine.description()}", flush=True)
    with bed.made(demo=not chosen.quick) as found:
        say("the product, a decide process and the bare floor answer")
        facts = measure(found, quick=chosen.quick, million=chosen.million, say=say)
    listed = report.rows(facts)
    print(report.table(listed))
    print(f"Others on this machine used {facts['foreign']:.2f} of a core before the start.")
    line = report.members(facts)
    if chosen.json:
        chosen.json.write_text(json.dumps({"figures": line, "all": facts}, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(line))
    return 0


def measure(found: Bed, *, quick: bool, million: bool, say: Any) -> dict[str, Any]:
    """Return every figure, medians of rounds."""
    facts: dict[str, Any] = {}
    facts["foreign"] = bed.quiet(found, patience=3 if quick else 60)
    facts["rest_mb"] = machine.pss_mb(found.supervisor)
    say("at rest")
    pure = found.ask("pure", count=300 if quick else 2000)
    facts["pure"] = {name: arithmetic.median(v) if isinstance(v, list) else v for name, v in pure.items()}
    say("rules, model and schema alone")
    rounds, seconds = (3, 1.0) if quick else (7, 5.0)
    facts["decided"] = deciding.compare(found, rounds=rounds, seconds=seconds)
    say("one decision after the other")
    facts["insert"] = deciding.raw_insert(found, count=500 if quick else 3000)
    facts["batches"] = deciding.batches(found, rows=5_000 if quick else 20_000, rounds=1 if quick else 3)
    say("batches")
    waits = switching.switches(found, count=6 if quick else 40)
    facts["switch"] = {"p50_ms": arithmetic.percentile(waits, 0.5), "p99_ms": arithmetic.percentile(waits, 0.99)}
    say("switches of the slot")
    template = _flagged(found)
    facts["cycles"], facts["pages"] = {}, {}
    sizes = [10_000, 100_000, *([1_000_000] if million else [])]
    for backlog in sizes:
        count = 24 if quick else 400
        facts["cycles"][backlog] = reviewing.cycles(found, template, backlog=backlog, api=count, html=count)
        say(f"reviews at a backlog of {backlog:,}")
        facts["pages"][backlog] = reviewing.pages(found, count=20 if quick else 100)
    facts["growth"] = max(
        facts["cycles"][100_000][kind]["serving_cpu_ms"] / facts["cycles"][10_000][kind]["serving_cpu_ms"]
        for kind in ("api", "html")
    )
    facts["page_growth"] = max(
        facts["pages"][100_000][name]["cpu_ms"] / facts["pages"][10_000][name]["cpu_ms"]
        for name in facts["pages"][10_000]
    )
    if not quick:
        facts["flat"] = flatness(found)
        say("memory over 100,000 decisions")
    return facts


def _flagged(found: Bed) -> str:
    """Have the policy doubt one case, as a case to make a backlog of; return its decision's id."""
    body = {**terms.document(3), "figure_00": 950_000.0}
    auth = {"Authorization": f"Bearer {found.made['key']}", "Content-Type": "application/json"}
    told: list[str] = []

    def client() -> load.Client:
        reply: load.Reply = yield load.request(
            "POST", f"/api/v1/agents/{terms.AGENT}/decisions", orjson.dumps({"input": body}), auth
        )
        answer = orjson.loads(reply.body)
        if answer.get("status") != "review":
            raise RuntimeError(f"the case was not flagged: {reply.body!r}")
        told.append(answer["id"])

    load.run([client()], port=found.stack.port)
    found.settle()
    return told[0]


def flatness(found: Bed) -> dict[str, float]:
    """Return memory of the decide process after 20,000 and after 100,000 more decisions by batch, in MB."""
    deciding.batches(found, rows=20_000, rounds=1)
    before = machine.pss_mb(found.decide.pid)
    deciding.batches(found, rows=80_000, rounds=1)
    return {"before_mb": before, "after_mb": machine.pss_mb(found.decide.pid)}


if __name__ == "__main__":
    raise SystemExit(main())
