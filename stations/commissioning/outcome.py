"""What a round of setting up came to: what was kept, and whether billing data may be lost."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from stations import status
from stations.commissioning import measurands, profile, signals
from stations.commissioning.ending import end, find_row
from stations.models import (
    Commissioning,
    CommissioningStep,
    DeviceVariable,
    OcppVersion,
    Station,
)
from stations.variables import Address, Rule, fits, is_same

State, Kind = CommissioningStep.State, CommissioningStep.Kind
# Words of risk; chargenet.dashboard.queries.commissioning says them in plain language.
FEW_ATTEMPTS: Final = "few_attempts"
UNKNOWN_ATTEMPTS: Final = "unknown_attempts"
SHORT_RETRY: Final = "short_retry"
NO_REGISTER: Final = "no_register"
# Attempts times interval: a shorter outage than this must not cost a session.
OUTAGE_S: Final = 15 * 60
WORST: Final = ("refused", "ignored", "failed")


def finish(commissioning: Commissioning, as_of: datetime) -> None:
    """Compare what was read back, write what is at risk, and close the round."""
    for step in commissioning.steps.filter(kind__in=[Kind.SET, Kind.MEASURANDS], state=State.DONE):
        _compare(commissioning.station, step, as_of)
    commissioning.state, commissioning.finished_at = Commissioning.State.DONE, as_of
    commissioning.risks = sorted(risks_of(commissioning.station))
    commissioning.firmware_version = commissioning.station.firmware_version
    commissioning.save(update_fields=["state", "finished_at", "risks", "firmware_version"])
    signals.look_at_signals(station=commissioning.station, as_of=as_of)
    refused = commissioning.steps.filter(state__in=WORST, kind=Kind.SET).count()
    is_refused = bool(refused or commissioning.risks)
    earlier = commissioning.station.observations.filter(kind="config_refused")
    if is_refused or earlier.exists():
        status.record_observation(
            kind="config_refused" if is_refused else "config_settled",
            station_id=commissioning.station_id,
            connector_id=None,
            occurred_at=as_of,
            source_id=f"commissioning:{commissioning.pk}",
            as_of=as_of,
        )


def stop(commissioning: Commissioning, note: str, as_of: datetime) -> None:
    """Give a round up: going on would harm the station."""
    commissioning.steps.filter(state__in=[State.WAITING, State.ASKED]).update(
        state=State.SKIPPED, changed_at=as_of
    )
    commissioning.state, commissioning.finished_at = Commissioning.State.STOPPED, as_of
    commissioning.note = note
    commissioning.risks = sorted(risks_of(commissioning.station))
    commissioning.save(update_fields=["state", "finished_at", "note", "risks"])


def risks_of(station: Station) -> Iterator[str]:
    """Yield why billing data may be lost with this station, by what it is set to now."""
    if station.ocpp_version == OcppVersion.V16:
        attempts = Address("TransactionMessageAttempts")
        interval = Address("TransactionMessageRetryInterval")
        measured = Address("MeterValuesSampledData")
    else:
        link = "OCPPCommCtrlr"
        attempts = Address("MessageAttempts", link, variable_instance="TransactionEvent")
        interval = Address("MessageAttemptInterval", link, variable_instance="TransactionEvent")
        measured = Address("TxUpdatedMeasurands", "SampledDataCtrlr")
    count, wait_s = _number(find_row(station, attempts)), _number(find_row(station, interval))
    if count is None:
        yield UNKNOWN_ATTEMPTS
    elif count < profile.ATTEMPTS:
        yield FEW_ATTEMPTS
    # The wait grows with each attempt (E13.FR.03): the sum of all of them is the outage borne.
    if count and wait_s is not None and wait_s * count * (count - 1) // 2 < OUTAGE_S:
        yield SHORT_RETRY
    row = find_row(station, measured)
    if row is not None and row.value is not None and profile.REGISTER not in row.value:
        yield NO_REGISTER


def _compare(station: Station, step: CommissioningStep, as_of: datetime) -> None:
    row = find_row(station, Address.of(step.progress.get("address") or step.target))
    found = row.value if row is not None else None
    if step.kind == Kind.MEASURANDS:
        is_kept = is_same(found, measurands.value_of(step.progress))
    else:
        is_kept = fits(found, step.wanted, Rule.of(step.rule))
    end(step, State.DONE if is_kept else State.IGNORED, as_of, found=found)


def _number(row: DeviceVariable | None) -> int | None:
    value = row.value if row is not None and not row.is_missing else None
    return int(value) if value and value.isdecimal() and len(value) < 9 else None
