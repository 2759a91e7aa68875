"""Opening again what we locked, once no danger is left: told until the station has done it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from faults.engine import ladder
from faults.healing import calls
from faults.models import Healing, HealingStep
from faults.queries import healing as reads
from stations import commands
from stations.models import Command

RELEASE: Final = "release"


def release(station_id: int, as_of: datetime) -> None:
    """Open what we locked at a station, but for what another danger keeps locked."""
    places: dict[int | None, list[Healing]] = {}
    for healing in reads.healings_to_release(station_id):
        places.setdefault(healing.fault.connector_id, []).append(healing)
    for healings in places.values():
        _open(healings, as_of)


def _open(healings: Sequence[Healing], as_of: datetime) -> None:
    """Tell a station to open one place, wait for its word, or tell it again."""
    told = reads.newest_release(healings)
    state = told.command.state if told is not None and told.command is not None else ""
    if told is not None and state == Command.State.ACCEPTED:
        _rest(healings, None, "cleared", released_at=_said_at(told))
    elif told is not None and state in commands.UNDER_WAY:
        _rest(healings, as_of + ladder.LOOK_AGAIN, "releasing")
    elif not healings[0].station.is_online:
        # the sweep asks again, and its coming back does at once
        _rest(healings, as_of + ladder.LOOK_AGAIN, "offline")
    elif told is not None and as_of < told.at + _pause(healings):
        _rest(healings, told.at + _pause(healings), "refused")
    else:
        _tell(healings[0], as_of)
        _rest(healings, as_of + ladder.LOOK_AGAIN, "releasing")


def _tell(healing: Healing, as_of: datetime) -> None:
    command = commands.send_command(
        station=healing.station,
        action=commands.CHANGE_AVAILABILITY,
        payload={"operative": True, **calls.place_of(healing.fault)},
        as_of=as_of,
        origin=f"{calls.ORIGIN}:{healing.pk}",
    )
    HealingStep.objects.create(
        operator_id=healing.operator_id,
        healing=healing,
        round=healing.round,
        step=RELEASE,
        command=command,
        at=as_of,
    )


def _rest(
    healings: Sequence[Healing],
    until: datetime | None,
    why: str,
    released_at: datetime | None = None,
) -> None:
    for healing in healings:
        healing.check_at, healing.why, healing.released_at = until, why, released_at
        healing.save(update_fields=["check_at", "why", "released_at"])


def _pause(healings: Sequence[Healing]) -> timedelta:
    """Return how long a refused order rests: what is refused again and again, longer."""
    several = reads.count_releases(healings) >= ladder.SEVERAL
    return ladder.SELDOM if several else ladder.LOOK_AGAIN


def _said_at(told: HealingStep) -> datetime:
    return told.command.finished_at or told.at if told.command is not None else told.at
