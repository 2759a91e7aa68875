"""F09: a job a station was given failed, or it fell silent in the middle of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.rules import instants
from faults.rules.facts import Notice
from faults.rules.protocol import Clear, Firing, Result, Scope, Snapshot, State, Wake
from faults.rules.vocabulary.meaning import fold
from faults.rules.vocabulary.security import CERTIFICATE_FAILED

CODE = "F09"
TITLE = "Firmware, log or settings job failed"
SEVERITY = 4
SCOPE: Scope = "station"
FAMILY = "station"
CAUSE = "station"
IS_IMPAIRING = False
WAKES: frozenset[Wake] = frozenset({"notice"})

# The job a kind of notice is about.
JOBS = {
    "firmware_status": "firmware",
    "publish_firmware_status": "publishing",
    "log_status": "log",
    "diagnostics_status": "log",
    "config_refused": "settings",
    "config_settled": "settings",
    "certificate_renewed": "certificate",
    "security_event": "certificate",
}
FAILED = frozenset(
    {
        "downloadfailed",
        "installationfailed",
        "installverificationfailed",
        "invalidsignature",
        "revokedcertificate",
        "invalidcertificate",
        "publishfailed",
        "invalidchecksum",
        "uploadfailed",
        "uploadfailure",
        "badmessage",
        "notsupportedoperation",
        "permissiondenied",
        "refused",
        *CERTIFICATE_FAILED,
    }
)
UNDER_WAY = frozenset(
    {"downloading", "downloaded", "installing", "installrebooting", "signatureverified"}
    | {"uploading", "checksumverified", "downloadpaused"}
)
STUCK = "stuck"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How long a job may say nothing, and when a failure nobody tried again is old news."""

    stuck_after: timedelta = timedelta(minutes=60)
    forgotten_after: timedelta = timedelta(days=7)


def check(snapshot: Snapshot, thresholds: Thresholds, state: State) -> Result:
    """Say whether a job failed or is stuck.

    State: {"jobs": {"firmware": {"word", "at"}}}: only what failed or is under way.
    """
    jobs, ended_at = _take_in(snapshot, dict(state.get("jobs", {})))
    jobs = {
        name: job
        for name, job in jobs.items()
        if snapshot.as_of - _at(job) < thresholds.forgotten_after
    }
    kept: State = {"jobs": jobs} if jobs else {}
    bad = {
        name: word for name, job in jobs.items() if (word := _trouble(job, snapshot, thresholds))
    }
    checks = [
        _at(job) + (thresholds.forgotten_after if name in bad else thresholds.stuck_after)
        for name, job in jobs.items()
    ]
    check_at = min(checks, default=None)
    if not bad:
        return Clear(state=kept, ended_at=ended_at, check_at=check_at)
    times = [_at(jobs[name]) for name in bad]
    return Firing(
        state=kept,
        evidence={
            "jobs": {
                name: {"word": jobs[name]["word"], "at": jobs[name]["at"], "trouble": word}
                for name, word in bad.items()
            }
        },
        began_at=min(times),
        seen_at=max(times),
        severity=SEVERITY,
        attribution="charger",
        is_down=False,
        is_standing=False,
        check_at=check_at,
    )


def _take_in(snapshot: Snapshot, jobs: State) -> tuple[State, datetime | None]:
    trusted, ended_at = snapshot.is_clock_trusted, None
    told = [
        (instants.happened_at(one.occurred_at, one.received_at, trusted=trusted), one)
        for one in snapshot.notices
        if one.kind in JOBS
    ]
    for at, notice in sorted(told, key=lambda pair: (pair[0], pair[1].id)):
        name, word = JOBS[notice.kind], _word(notice)
        known = jobs.get(name)
        if known is not None and at < _at(known):
            continue
        if fold(word) in FAILED or fold(word) in UNDER_WAY:
            jobs[name] = {"word": word, "at": at.isoformat()}
        elif notice.kind != "security_event" and jobs.pop(name, None) is not None:
            ended_at = at
    return jobs, ended_at


def _word(notice: Notice) -> str:
    if notice.kind == "config_refused":
        return "Refused"
    return str(notice.detail.get("status") or notice.detail.get("type") or "")


def _trouble(job: State, snapshot: Snapshot, thresholds: Thresholds) -> str:
    if fold(job["word"]) in FAILED:
        return str(job["word"])
    return STUCK if snapshot.as_of - _at(job) >= thresholds.stuck_after else ""


def _at(job: State) -> datetime:
    return datetime.fromisoformat(job["at"])
