"""The table: target, ours, how sure, and whether it was met or missed, and by how much."""

from collections import Counter
from collections.abc import Iterator, Mapping

from tests.bench.faults.judge.intervals import quantile, wilson
from tests.bench.faults.judge.rows import ROWS, Target
from tests.bench.faults.judge.summing import Part, Sum

CLEAN_TARGET, CLEAN_SEVERE_TARGET = 2.0, 0.1
HEAD = (
    "| Class | n | recall (95 %) | target | precision (95 %) | target "
    "| delay median / p90 | target | duplicates | |",
    "|---|---|---|---|---|---|---|---|---|---|",
)
KIND_HEAD = (
    "| Trouble | n | found (95 %) | median delay h | p90 h | visits before, median "
    "| duplicates | not judged |",
    "|---|---|---|---|---|---|---|---|",
)
NOT_AT_HAND = ("Irish status, Nov 2018", "Dundee", "Norway")
UNITS = {"s": 1.0, "visits": 1.0, "days": 1 / 24, "h": 1.0}


def lines(sim: Sum, clean: Sum) -> Iterator[str]:
    """Yield the published table as Markdown."""
    yield from HEAD
    for name, target in ROWS.items():
        yield _row(target, sim.by_row.get(name, Part()))
    yield ""
    yield from _false_lines("CLEAN", clean)
    yield from _false_lines("SIM", sim)


def _row(target: Target, part: Part) -> str:
    hits, of = part.recall
    true, told = part.precision
    if not of:
        return f"| {target.title} | 0 | not run | | | | | | | |"
    median, p90 = _delays(part, target.unit)
    verdicts = [
        _verdict(hits / of, target.recall),
        _verdict(true / told if told else None, target.precision),
        _late(median, target.delay),
        _late(p90, target.p90),
    ]
    missed = [word for word in verdicts if word.startswith("missed")]
    word = "; ".join(missed) or ("met" if any(verdicts) else "–")
    return (
        f"| {target.title} | {of} | {_share(hits, of)} | {_percent(target.recall)} "
        f"| {_share(true, told)} | {_percent(target.precision)} "
        f"| {_number(median)} / {_number(p90)} {target.unit or 'h'} | {_number(target.delay)} "
        f"| {part.duplicates():.2f} | {word} |"
    )


def kind_lines(sim: Sum) -> Iterator[str]:
    """Yield one line for each kind of trouble."""
    yield from KIND_HEAD
    for name, part in sorted(sim.by_kind.items()):
        hits, of = part.recall
        delays = part.delays_h()
        yield (
            f"| {name} | {of} | {_share(hits, of)} | {_number(quantile(delays, 0.5))} "
            f"| {_number(quantile(delays, 0.9))} | {_number(quantile(part.missed(), 0.5))} "
            f"| {part.duplicates():.2f} | {sim.not_judged[name]} |"
        )


def replay_lines(replays: Mapping[str, Sum]) -> Iterator[str]:
    """Yield what came of real lists: alerts, for nobody knows which of them are true."""
    for name, total in replays.items():
        rate, low, high = total.false_rate()
        told = Counter(str(one["code"]) for one in total.false)
        codes = ", ".join(f"{code} {count}" for code, count in told.most_common()) or "none"
        yield (
            f"- {name}, {total.connector_days:,.0f} connector-days: {rate:.2f} alerts for 1000 "
            f"connector-days ({low:.2f} to {high:.2f}): {codes}"
        )
        for kind, part in sorted(total.by_kind.items()):
            hits, of = part.recall
            yield (
                f"  - put in: {kind}: {_share(hits, of)} of {of} found, median "
                f"{_number(quantile([one / 24 for one in part.delays_h()], 0.5))} days, "
                f"{_number(quantile(part.missed(), 0.5))} visits; "
                f"{total.not_judged[kind]} not judged"
            )
    for name in NOT_AT_HAND:
        yield f"- {name}: not run (the data is not at hand)"


def _false_lines(name: str, total: Sum) -> Iterator[str]:
    if not total.connector_days:
        yield f"- {name}: not run"
        return
    rate, low, high = total.false_rate()
    severe, severe_low, severe_high = total.false_rate((1, 2))
    told = Counter(f"{one['code']} S{one['severity']}" for one in total.false)
    line = (
        f"- {name}, {total.connector_days:,.0f} connector-days: {rate:.2f} false tickets for 1000 "
        f"connector-days ({low:.2f} to {high:.2f}); S1–S2 {severe:.3f} ({severe_low:.3f} to "
        f"{severe_high:.3f})"
    )
    if name == "CLEAN":
        line += f"; targets {CLEAN_TARGET} and {CLEAN_SEVERE_TARGET}: "
        line += (
            f"{_late(rate, CLEAN_TARGET) or 'met'}, {_late(severe, CLEAN_SEVERE_TARGET) or 'met'}"
        )
    yield line
    codes = ", ".join(f"{code} {count}" for code, count in told.most_common())
    yield f"  - by code: {codes or 'none'}"


def _delays(part: Part, unit: str) -> tuple[float | None, float | None]:
    if unit == "visits":
        values = part.missed()
    elif unit == "s":
        values = part.delays_seen_s()
    else:
        values = [hours * UNITS.get(unit, 1.0) for hours in part.delays_h()]
    return quantile(values, 0.5), quantile(values, 0.9)


def _verdict(value: float | None, target: float | None) -> str:
    if target is None or value is None:
        return ""
    return "met" if value >= target - 1e-9 else f"missed by {100 * (target - value):.1f} points"


def _late(value: float | None, target: float | None) -> str:
    if target is None or value is None:
        return ""
    return "met" if value <= target + 1e-9 else f"missed by {value - target:.1f}"


def _share(hits: int, of: int) -> str:
    if not of:
        return "–"
    low, high = wilson(hits, of)
    return f"{100 * hits / of:.1f} % ({100 * low:.0f}–{100 * high:.0f})"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:g} %"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}" if value < 100 else f"{value:.0f}"
