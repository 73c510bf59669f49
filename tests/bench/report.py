"""What a run found, as tables for people and as JSON for programs."""

from math import inf
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from tests.bench.deadlines import AT_ONCE, CREATES_PER_SECOND, Deadlines
from tests.bench.heartbeats import Heartbeats
from tests.bench.live import Live
from tests.bench.notices import Notices
from tests.bench.phases import BATCH, BUS, HTTP, NATS, OTHERS, RELAY, SINGLE, Measured
from tests.bench.processes import Memory
from tests.bench.reads import AGAIN, ANYWHERE, SMALL, of

EXPECTED_PER_SECOND = 4000
EXPECTED_SHARE = 0.5
EXPECTED_PAGES = 3000
EXPECTED_RATIO = 1.2
EXPECTED_LATENESS_MS = 2000
EXPECTED_SWEEP_SECONDS = 1
_FAST = 128
_WORTH_SHOWING = 0.1
_WHOLE = 100


class Ratio(msgspec.Struct):
    """One number over another, and what is expected of it, if anything."""

    name: str
    value: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def wanted(self) -> str:
        if self.at_most is not None:
            return f"<= {self.at_most:,g}"
        return "" if self.at_least is None else f">= {self.at_least:,g}"

    @property
    def reached(self) -> str:
        if self.at_least is None and self.at_most is None:
            return ""
        return "yes" if (self.at_least or 0) <= self.value <= (self.at_most or inf) else "no"


class Report(msgspec.Struct):
    """One run on one machine."""

    machine: dict[str, Any]
    first_start_seconds: float
    start_seconds: float
    idle_cpu_percent: float
    idle_memory: dict[str, Memory]
    memory: dict[str, Memory]
    """After the load."""
    phases: list[Measured]
    live: list[Live]
    deadlines: Deadlines
    notices: Notices
    heartbeats: Heartbeats
    acknowledged: int
    counted: int
    """Tasks that the system has afterwards."""
    ratios: list[Ratio] = []

    @property
    def lost(self) -> int:
        return max(self.acknowledged - self.counted, 0)

    @property
    def errors(self) -> int:
        measured = (*self.phases, *self.live, self.notices, self.heartbeats)
        return sum(one.errors for one in measured) + self.deadlines.missing


def ratios(phases: list[Measured], size: int, deadlines: Deadlines) -> list[Ratio]:
    """The real thing beside its ceilings, and pages among many tasks, `size`, beside those among few."""
    fast = {phase.name: phase.per_second for phase in phases if phase.in_flight == _FAST}
    raw = {phase.name: phase.per_second for phase in phases}
    best = max(phase.per_second for phase in phases if phase.name == HTTP)
    return [
        Ratio("creates per second over HTTP, the better of the two", best, EXPECTED_PER_SECOND),
        Ratio("HTTP creates / aiohttp + NATS echo", fast[HTTP] / fast[RELAY], EXPECTED_SHARE),
        Ratio("bus creates / NATS echo", fast[BUS] / fast[NATS]),
        Ratio("bus creates / single inserts, asyncpg", fast[BUS] / raw[f"{SINGLE}, asyncpg"]),
        Ratio("bus creates / batches of 50, asyncpg", fast[BUS] / raw[f"{BATCH}, asyncpg"]),
        Ratio(f"pages per second, {of(AGAIN, size)}", raw[of(AGAIN, size)], EXPECTED_PAGES),
        *(
            Ratio(f"{name}, {SMALL:,} / {size:,}", raw[of(name, SMALL)] / raw[of(name, size)], at_most=EXPECTED_RATIO)
            for name in (AGAIN, ANYWHERE)
        ),
        Ratio("deadline to event, p99 ms", deadlines.lateness.p99_ms, at_most=EXPECTED_LATENESS_MS),
        Ratio(
            f"seconds for {AT_ONCE:,} deadlines at once",
            deadlines.alone.written_seconds,
            at_most=EXPECTED_SWEEP_SECONDS,
        ),
    ]


def show(report: Report, console: Console) -> None:
    """All tables."""
    console.print("  ".join(f"{name}: {value}" for name, value in report.machine.items()), soft_wrap=True)
    tables = (_throughput, _live, _deadlines, _notices, _heartbeats, _ratios, _processor, _memory)
    for table in (kind(report) for kind in tables):
        console.print(table)
    starts = f"{report.first_start_seconds:.1f} s on an empty folder, {report.start_seconds:.1f} s on a used one"
    console.print(f"ready after {starts}; idle: {report.idle_cpu_percent:.1f} % of one processor")
    console.print(
        f"creates acknowledged: {report.acknowledged}; tasks in the system: {report.counted}; "
        f"lost: {report.lost}; errors: {report.errors}"
    )


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left", no_wrap=True)
    return table


def _throughput(report: Report) -> Table:
    table = _table("Throughput", "load", "in flight", "per second", "rounds", "p50 ms", "p99 ms", "errors")
    for phase in report.phases:
        table.add_row(
            f"[bold]{phase.name}[/bold]" if phase.of_product else phase.name,
            str(phase.in_flight),
            f"{phase.per_second:,.0f}",
            f"{min(phase.rounds):,.0f} - {max(phase.rounds):,.0f}",
            f"{phase.p50_ms:.1f}",
            f"{phase.p99_ms:.1f}",
            str(phase.errors),
        )
    return table


def _live(report: Report) -> Table:
    table = _table("Live", "sockets", "open after s", "events", "delivered", "closed", "p50 ms", "p99 ms", "gateway")
    for live in report.live:
        table.add_row(
            f"{live.sockets:,}",
            f"{live.opening_seconds:.1f}",
            str(live.events),
            f"{100 * live.delivered:.2f} %",
            str(live.closed),
            f"{live.p50_ms:.1f}",
            f"{live.p99_ms:.1f}",
            f"{live.gateway_percent:.0f} %",
        )
    return table


def _deadlines(report: Report) -> Table:
    table = _table("Deadlines", "load", "tasks", "heard", "seconds", "per second", "p50 ms", "p99 ms")
    late = report.deadlines.lateness
    one_by_one, meanwhile = "one by one: deadline to event", f"{CREATES_PER_SECOND} creates per second meanwhile"
    table.add_row(one_by_one, str(late.tasks), str(late.heard), "", "", f"{late.p50_ms:.0f}", f"{late.p99_ms:.0f}")
    for sweep, how in (report.deadlines.alone, "alone"), (report.deadlines.busy, "among creates"):
        rate = f"{sweep.heard / sweep.seconds:,.0f}" if sweep.heard else ""
        written, seconds = f"all at once, {how}: written by the store", f"{sweep.seconds:.2f}"
        table.add_row(written, f"{sweep.tasks:,}", "", f"{sweep.written_seconds:.2f}", "", "", "")
        table.add_row("and heard by a reader", f"{sweep.tasks:,}", f"{sweep.heard:,}", seconds, rate, "", "")
    creates = report.deadlines.busy
    for name, found in (meanwhile, creates.meanwhile), ("the same before", creates.before):
        table.add_row(name, "", "", "", "", f"{found.p50_ms:.1f}", f"{found.p99_ms:.1f}")
    return table


def _notices(report: Report) -> Table:
    found = report.notices
    title = f"Notices: from the assignment to the toast or to Telegram, which refused {found.too_many} as too many"
    table = _table(title, "load", "assigned", "told", "alone", "per second", "p50 ms", "p99 ms")
    for told in found.told:
        table.add_row(
            told.name,
            f"{told.assigned:,}",
            f"{100 * told.told / max(told.assigned, 1):.2f} %",
            f"{100 * told.alone / max(told.told, 1):.2f} %",
            f"{told.per_second:,.0f}",
            f"{told.p50_ms:.1f}",
            f"{told.p99_ms:.1f}",
        )
    return table


def _heartbeats(report: Report) -> Table:
    found = report.heartbeats
    title = f"Presence: {found.per_second:,} heartbeats per second in bundles"
    table = _table(title, "connections", "all here after s", "handled", "p50 ms", "p99 ms", "actors", "redis")
    table.add_row(
        f"{found.connections:,}",
        f"{found.coming_seconds:.1f}",
        f"{100 * found.handled:.2f} %",
        f"{found.p50_ms:.1f}",
        f"{found.p99_ms:.1f}",
        *(f"{milliseconds:.1f} ms per 1,000" for milliseconds in (found.actors_ms, found.redis_ms)),
    )
    return table


def _ratios(report: Report) -> Table:
    table = _table("Compared", "", "value", "expected", "reached")
    for ratio in report.ratios:
        value = f"{ratio.value:,.0f}" if ratio.value > _WHOLE else f"{ratio.value:.2f}"
        table.add_row(ratio.name, value, ratio.wanted, ratio.reached)
    return table


def _processor(report: Report) -> Table:
    """Seconds of processor time, and percent of one processor; processes that never did anything are left out."""
    names = [
        name for name in report.idle_memory if any(phase.cpu_seconds[name] >= _WORTH_SHOWING for phase in report.phases)
    ]
    table = _table("Processor seconds", "load", *names, "ceilings", "generator", "others", "µs each")
    for phase in report.phases:
        ceilings = sum(seconds for name, seconds in phase.cpu_seconds.items() if name.startswith("echo "))
        spent = [*(phase.cpu_seconds[name] for name in names), ceilings]
        spent += [phase.cpu_seconds["load generator"], max(phase.cpu_seconds[OTHERS], 0.0)]
        cells = [f"{seconds:.1f} {100 * seconds / phase.wall_seconds:3.0f}%" for seconds in spent]
        table.add_row(f"{phase.name}, {phase.in_flight}", *cells, _each(phase, list(report.idle_memory)))
    return table


def _each(phase: Measured, ours: list[str]) -> str:
    """What one request costs all processes of the product together."""
    if not (phase.of_product and phase.acknowledged):
        return ""
    return f"{sum(phase.cpu_seconds[name] for name in ours) * 1e6 / phase.acknowledged:.0f}"


def _memory(report: Report) -> Table:
    table = _table("Memory in MiB", "process", "processes", "idle RSS", "idle PSS", "RSS after", "PSS after")
    for name, idle in report.idle_memory.items():
        after = report.memory[name]
        values = (idle.rss, idle.pss, after.rss, after.pss)
        table.add_row(name, str(after.processes), *(f"{value:.0f}" for value in values))
    sums = [
        sum(getattr(memory, kind) for memory in found.values())
        for found in (report.idle_memory, report.memory)
        for kind in ("rss", "pss")
    ]
    table.add_row("all", "", *(f"[bold]{value:.0f}[/bold]" for value in sums))
    return table
