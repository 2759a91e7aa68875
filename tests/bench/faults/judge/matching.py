"""Which ticket speaks of which trouble, and which of none.

A trouble is found by a ticket of its scope and family opened between its onset and a day after its
end; more tickets of it are duplicates, all others are false (faults.md 11.3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

DAY, HOUR = 86_400.0, 3600.0
GRACE = DAY
Json = Mapping[str, Any]


@dataclass(slots=True)
class Verdict:
    """What became of one trouble; delays from the onset, `missed` in tries of drivers."""

    trouble: Json
    ticket: Json | None = None
    duplicates: int = 0
    is_judged: bool = True
    why_not: str = ""
    delay_s: float | None = None
    missed: int | None = None
    followers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Judged:
    """One world judged: its troubles, and the tickets that speak of none of them."""

    verdicts: list[Verdict]
    false: list[Json]
    spared: int
    connector_days: float


def judge(truth: Json, tickets: Sequence[Json], *, days: float, connectors: int) -> Judged:
    """Match every ticket to a trouble, or to none."""
    until = days * DAY
    verdicts = [_verdict(one, truth, until) for one in truth["troubles"]]
    false: list[Json] = []
    for ticket in sorted(tickets, key=lambda one: one["opened"]):
        if not any(_claim(verdict, ticket, truth) for verdict in _by_fit(verdicts, ticket)):
            false.append(ticket)
    spared = sum(not verdict.is_judged for verdict in verdicts)
    return Judged(verdicts, false, spared, days * connectors)


def tries(truth: Json, trouble: Json, since: float, until: float) -> int:
    """Return how often drivers tried the connectors of a trouble in a time."""
    attempts = truth["attempts"]
    return sum(
        since <= at < until for one in trouble["connectors"] for at in attempts.get(str(one), ())
    )


def felt(truth: Json, trouble: Json, since: float, until: float) -> int:
    """Return how often in a time drivers tried what is wrong, or felt that it is."""
    if trouble["kind"] not in FELT:
        return tries(truth, trouble, since, until)
    return sum(since <= at < until for at in trouble["shown"])


def daily_rate(truth: Json, trouble: Json) -> float:
    """Return how often a day drivers tried a connector before its trouble."""
    days: float = max(trouble["onset"] / DAY, 1.0)
    return float(
        tries(truth, trouble, 0, trouble["onset"]) / days / max(len(trouble["connectors"]), 1)
    )


# Of these a car notices nothing that asks for less than is left: only visits that felt it count.
FELT = frozenset({"derated", "lost_module", "lost_phase"})
# So often must drivers have tried before something hidden can be expected to be known.
LEAST_TRIES = {
    "dead_start": 6, "half_dead": 20, "worn_contact": 15, "wearing_contact": 40, "derated": 12,
    "lost_module": 12, "lost_phase": 8, "meter_backwards": 2, "meter_too_much": 4,
    "meter_drift": 12, "output_live": 2, "weak_supply": 12, "no_pilot": 8, "cards_refused": 12,
    "stuck_preparing": 6, "lost_messages": 8, "reader_dead": 20, "bad_firmware": 60,
}  # fmt: skip
# So long must a connector be silent, by how often it was used: (sessions a day, days).
SILENT_FOR = ((3.0, 5.0), (1.0, 14.0), (0.3, 30.0))


def _verdict(trouble: Json, truth: Json, until: float) -> Verdict:
    found = Verdict(trouble)
    end = min(trouble["end"], until)
    if trouble["first_effect"] is None and trouble["kind"] != "silent":
        found.is_judged, found.why_not = False, "nobody came by: it never showed"
    elif trouble["kind"] == "silent":
        rate = daily_rate(truth, trouble)
        wanted = next((days for least, days in SILENT_FOR if rate >= least), None)
        if wanted is None or end - trouble["onset"] < wanted * DAY:
            found.is_judged, found.why_not = False, "too short, or too little used before"
    else:
        least = LEAST_TRIES.get(trouble["kind"], 0)
        if felt(truth, trouble, trouble["onset"], end) < least:
            found.is_judged, found.why_not = False, f"fewer than {least} visits while it lasted"
    if until - (trouble["first_effect"] or trouble["onset"]) < 2 * HOUR:
        found.is_judged, found.why_not = False, "began as the world ended"
    return found


def _by_fit(verdicts: list[Verdict], ticket: Json) -> list[Verdict]:
    """Return the troubles a ticket may speak of, those of its own code and place first."""
    near = [one for one in verdicts if is_near(one.trouble, ticket)]
    return sorted(
        near,
        key=lambda one: (
            ticket["code"] not in one.trouble["codes"],
            not _is_same_place(one.trouble, ticket),
            -one.trouble["onset"],
        ),
    )


def _claim(verdict: Verdict, ticket: Json, truth: Json) -> bool:
    trouble = verdict.trouble
    names_it = bool({ticket["code"], *ticket["codes"]} & set(trouble["codes"]))
    if names_it and _is_same_place(trouble, ticket):
        if verdict.ticket is None:
            verdict.ticket = ticket
            verdict.delay_s = ticket["opened"] - trouble["onset"]
            verdict.missed = felt(truth, trouble, trouble["onset"], ticket["opened"])
        else:
            verdict.duplicates += 1
        return True
    if names_it or ticket["code"] in trouble["also"]:
        verdict.duplicates += 1
        verdict.followers.append(ticket["code"])
        return True
    return False


def is_near(trouble: Json, ticket: Json) -> bool:
    """Return whether a ticket was opened where and while something was wrong."""
    if not trouble["onset"] - 1 <= ticket["opened"] <= trouble["end"] + GRACE:
        return False
    kind, _, number = ticket["scope_key"].partition(":")
    if kind == "connector":
        return int(number) in trouble["connectors"]
    if kind == "station":
        return number in {str(one) for one in trouble["stations"]}
    if kind == "site":
        return set(ticket["stations"]) & set(trouble["stations"]) != set()
    return trouble["scope"] in {"network", "cohort", "site"}


def _is_same_place(trouble: Json, ticket: Json) -> bool:
    if trouble["scope"] in {"network", "cohort"}:
        return bool(ticket["scope"] == trouble["scope"])
    return bool(ticket["scope_key"] == trouble["scope_key"])
