"""What the demo's cables have been through: most are sound, one of each network wears out."""

import random
from datetime import datetime
from itertools import groupby
from math import exp

from chargenet.core.models import Operator
from faults import cables
from faults.models import CableReading, RuleState
from faults.rules import contact_worn
from faults.rules.facts import Card, Measures, SessionOutcome
from faults.rules.protocol import Snapshot
from stations.models import Cable, CableFitting, Session

SEED = 20260102
MOST = 90
# θ of sound contacts, K/A², by kind of cable; how they scatter; from when the worn one rises.
SOUND = {Cable.Type.TYPE2: 0.02, Cable.Type.CCS2: 6e-4, Cable.Type.CHADEMO: 9e-4}
SCATTER, WORN_FOR, WORN_STEP = 0.05, 22, 1.042
USUAL_A = {Cable.Type.TYPE2: 26.0, Cable.Type.CCS2: 210.0, Cable.Type.CHADEMO: 115.0}


def wear_cables(operator: Operator, *, as_of: datetime) -> None:
    """Write the heat of the newest sessions of each cable; cables that have any are left alone."""
    if CableReading.objects.filter(operator=operator).exists():
        return
    fitted = list(
        CableFitting.objects.filter(operator=operator, removed_at__isnull=True)
        .select_related("cable", "connector")
        .order_by("pk")
    )
    rows = Session.objects.filter(
        connector_id__in=[one.connector_id for one in fitted], state=Session.State.COMPLETED
    ).order_by("connector_id", "-ended_at")
    told = {
        key: list(found)[:MOST] for key, found in groupby(rows, key=lambda row: row.connector_id)
    }
    fast = [one for one in fitted if one.cable.type == Cable.Type.CCS2]
    worn = max(fast, key=lambda one: len(told.get(one.connector_id, ())), default=None)
    for fitting in fitted:
        sessions = told.get(fitting.connector_id, [])[::-1]
        readings = _readings(fitting, sessions, is_worn=fitting is worn)
        CableReading.objects.bulk_create(readings)
        _teach(fitting, readings, as_of)
    cables.refresh_lives([one.cable_id for one in fitted], as_of)


def _readings(
    fitting: CableFitting, sessions: list[Session], *, is_worn: bool
) -> list[CableReading]:
    chance = random.Random(f"{SEED}-{fitting.cable.serial_number}")  # noqa: S311  a demo
    kind = Cable.Type(fitting.cable.type)
    found = []
    for number, session in enumerate(sessions):
        assert session.ended_at is not None, "a completed session has an end"
        since = number - (len(sessions) - WORN_FOR)
        times = WORN_STEP**since if is_worn and since > 0 else 1.0
        theta = SOUND[kind] * times * exp(chance.gauss(0, SCATTER))
        ambient = 14.0 + chance.uniform(-6, 6)
        warm = theta * (USUAL_A[kind] * chance.uniform(0.8, 1.0)) ** 2
        found.append(
            CableReading(
                operator_id=fitting.operator_id,
                cable_id=fitting.cable_id,
                connector_id=fitting.connector_id,
                session_id=session.pk,
                at=session.ended_at,
                theta=theta,
                hottest_c=round(ambient + warm, 1),
                ambient_c=round(ambient, 1),
            )
        )
    return found


def _teach(fitting: CableFitting, readings: list[CableReading], as_of: datetime) -> None:
    """Let the rule of worn contacts remember these sessions as if it had counted them."""
    sessions = tuple(
        SessionOutcome(
            id=one.session_id,
            connector_id=one.connector_id,
            token="",
            started_at=one.at,
            ended_at=one.at,
            energy_wh=0,
            measures=Measures(theta=one.theta, hottest_c=one.hottest_c),
        )
        for one in readings
    )
    card = Card(cable_id=fitting.cable_id, cable_since=fitting.fitted_at)
    seen = Snapshot(
        as_of=as_of,
        station_id=fitting.connector.station_id,
        subject=fitting.connector_id,
        sessions=sessions,
        cards={fitting.connector_id: card},
    )
    result = contact_worn.check(seen, contact_worn.Thresholds(), {})
    RuleState.objects.get_or_create(
        operator_id=fitting.operator_id,
        code=contact_worn.CODE,
        scope_key=f"connector:{fitting.connector_id}",
        defaults={
            "station_id": fitting.connector.station_id,
            "state": result.state,
            "updated_at": as_of,
        },
    )
