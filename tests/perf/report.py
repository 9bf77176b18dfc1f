"""The table people read and the line programs read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.perf.arithmetic import tidy


@dataclass(frozen=True, slots=True)
class Row:
    """A figure, and how far it may go: "≤ 2.0" by `most`, "≥ 5,000" by `least`."""

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def target(self) -> str:
        """Return the target in words, "" when there is none."""
        if self.most is not None:
            return f"≤ {self.most:g}"
        return f"≥ {self.least:,g}" if self.least is not None else ""

    @property
    def met(self) -> bool | None:
        """Say whether the target is met; None without one."""
        if self.most is not None:
            return self.value <= self.most
        return self.value >= self.least if self.least is not None else None


def members(found: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures that programs compare, by their agreed names, three significant digits each."""
    decided, batch, cycles = found["decided"], found["batches"]["batch"], found["cycles"]
    small = cycles[min(cycles)]
    figures = {
        "floor_cpu_ms": decided["floor"]["cpu_ms"],
        "decide_cpu_ms": decided["decide"]["cpu_ms"],
        "decide_vs_floor_cpu": decided["decide"]["cpu_vs_floor"],
        "decide_p95_ms": decided["decide"]["p95_ms"],
        "floor_p95_ms": decided["floor"]["p95_ms"],
        "batch_per_s": batch["per_s"],
        "batch_cpu_ms_per_row": batch["cpu_ms"],
        "runtime_us": found["pure"]["runtime_us"],
        "schema_us": found["pure"]["schema_us"],
        "cycle_api_cpu_ms": small["api"]["serving_cpu_ms"],
        "cycle_html_cpu_ms": small["html"]["serving_cpu_ms"],
        "cycle_growth_10k_100k": found["growth"],
        "switch_p99_ms": found["switch"]["p99_ms"],
        "rss_mb": found["rest_mb"],
    }
    return {name: tidy(value) for name, value in figures.items()}


def rows(found: Mapping[str, Any]) -> list[Row]:
    """Return the table's rows with their targets."""
    decided, batches, cycles = found["decided"], found["batches"], found["cycles"]
    listed = [
        Row("bare floor: one INSERT, no logic: CPU", decided["floor"]["cpu_ms"], "ms"),
        Row("bare floor: throughput", decided["floor"]["per_s"], "/s"),
        Row("raw INSERT, no server: CPU", found["insert"]["cpu_ms"], "ms"),
    ]
    for name in ("decide", "web"):
        one, aims = decided[name], name == "decide"
        listed += [
            Row(f"{name}: a decision: CPU", one["cpu_ms"], "ms"),
            Row(f"{name}: CPU against the floor", one["cpu_vs_floor"], "×", most=2.0 if aims else None),
            Row(f"{name}: p95 at 8 clients", one["p95_ms"], "ms"),
            Row(f"{name}: p95 against the floor", one["p95_vs_floor"], "×", most=2.5 if aims else None),
            Row(f"{name}: throughput", one["per_s"], "/s"),
        ]
    listed += [
        Row("batch: decisions", batches["batch"]["per_s"], "/s", least=5000),
        Row("batch: CPU a row", batches["batch"]["cpu_ms"], "ms", most=0.25),
        Row("COPY alone: rows", batches["copy"]["per_s"], "/s"),
        Row("COPY alone: CPU a row", batches["copy"]["cpu_ms"], "ms"),
        Row("runtime: 20 rules, 20 features, autonomy", found["pure"]["runtime_us"], "µs", most=120),
        Row(f"schema check of {found['pure']['document_bytes']} bytes", found["pure"]["schema_us"], "µs", most=15),
    ]
    for backlog in sorted(cycles):
        for name, most in (("api", 6.0), ("html", 25.0)):
            one, aims = cycles[backlog][name], backlog == min(cycles)
            said = f"review cycle by {'API' if name == 'api' else 'pages'}, {backlog:,} waiting"
            listed += [
                Row(f"{said}: CPU", one["serving_cpu_ms"], "ms", most=most if aims else None),
                Row(f"{said}: what follows in the workers", one["after_cpu_ms"], "ms"),
            ]
    return [
        *listed,
        Row("growth of a cycle with ten times the backlog (worse of both)", found["growth"], "×", most=1.2),
        *_pages(found["pages"]),
        Row("growth of a page with ten times the backlog (worst of them)", found["page_growth"], "×", most=1.3),
        Row("slot switch reaches every process: p50", found["switch"]["p50_ms"], "ms", most=50),
        Row("slot switch reaches every process: p99", found["switch"]["p99_ms"], "ms", most=1000),
        Row("whole stack at rest, PSS", found["rest_mb"], "MB", most=550),
        *_flat(found),
    ]


def _flat(found: Mapping[str, Any]) -> list[Row]:
    """Return the row on memory over 80,000 decisions, when that was looked at."""
    if "flat" not in found:
        return []
    grown = found["flat"]["after_mb"] / found["flat"]["before_mb"]
    return [Row("memory of the decide process after 80,000 more decisions", grown, "×", most=1.05)]


def table(listed: list[Row]) -> str:
    """Return the rows as text in columns; a target that is missed is marked."""
    width = max(len(row.name) for row in listed)
    lines = []
    for row in listed:
        mark = {True: "met", False: "MISSED", None: ""}[row.met]
        value = f"{tidy(row.value):,g} {row.unit}".rstrip()
        lines.append(f"  {row.name:<{width}}  {value:>12}  {row.target:>9}  {mark}".rstrip())
    return "\n".join(lines)


def _pages(found: Mapping[int, Mapping[str, Mapping[str, float]]]) -> list[Row]:
    """Return the rows on what reading a page costs, at every backlog."""
    return [
        Row(f"{name}, {backlog:,} waiting: {words}", one[figure], "ms", most=60 if figure == "p95_ms" else None)
        for backlog in sorted(found)
        for name, one in found[backlog].items()
        for figure, words in (("cpu_ms", "CPU"), ("p95_ms", "p95"))
    ]
