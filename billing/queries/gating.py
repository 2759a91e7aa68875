"""What the gate must know of sessions, read for a chunk at a time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.db.models import Q

from billing.gate import families, judging, policy
from billing.gate.case import Action, Case, Readings, Trouble
from billing.gate.judging import Setting, Verdict
from billing.gate.policy import Outcome, Rule
from billing.models import Customer, FairRule, GateSetting, SessionRuling
from billing.tariffs.bill import PricedSession
from stations import queries as station_queries
from stations.models import Impairment, Session

Deed = SessionRuling.Deed


@dataclass(frozen=True, slots=True)
class DatedRule:
    """A row of an operator's policy, and when it held."""

    valid_from: datetime
    valid_until: datetime | None
    rule: Rule


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything the gate needs of some sessions, read once."""

    as_of: datetime
    plans: Mapping[int, judging.Plan]
    rules: Mapping[int, Sequence[DatedRule]]
    rulings: Mapping[int, SessionRuling]
    troubles: Mapping[int, Sequence[Trouble]]
    twice: Mapping[int, int]
    readings: Mapping[int, station_queries.ReadThrough]

    def as_ruled(self, session: Session) -> Session:
        """Return a session as a person corrected it; the row itself stays as it was."""
        ruling = self.rulings.get(session.pk)
        if ruling is None or not ruling.corrected:
            return session
        ruled = copy(session)
        ruled.started_at = datetime.fromisoformat(ruling.corrected["started_at"])
        ruled.ended_at = datetime.fromisoformat(ruling.corrected["ended_at"])
        ruled.energy_wh = ruling.corrected["energy_wh"]
        length_s = int((ruled.ended_at - ruled.started_at).total_seconds())
        ruled.parking_s = min(session.parking_s, length_s)
        return ruled

    def is_waived(self, session: Session) -> bool:
        """Say whether a person waived it."""
        ruling = self.rulings.get(session.pk)
        return ruling is not None and ruling.deed == Deed.WAIVE

    def judge(self, session: Session, priced: PricedSession, payer: Customer | None) -> Verdict:
        """Return what becomes of a session at this price; what a person decided stands."""
        case = self._case(session, priced, payer)
        plan = self.plans[session.operator_id]
        if (ruling := self.rulings.get(session.pk)) is not None:
            return judging.released(case, plan, ruling.deed)
        own = self.rules.get(session.operator_id, ()) if case.troubles else ()
        return judging.judge(case, plan, rules_at(own, session.started_at))

    def _case(self, session: Session, priced: PricedSession, payer: Customer | None) -> Case:
        assert session.ended_at is not None, "only completed sessions come here"
        total = priced.total
        return Case(
            started_at=session.started_at,
            ended_at=session.ended_at,
            seen_at=session.completed_at or self.as_of,
            energy_wh=session.energy_wh or 0,
            parking_s=session.parking_s,
            is_metered=session.source == "ocpp",
            meter_start_wh=session.meter_start_wh,
            meter_stop_wh=session.meter_stop_wh,
            max_power_w=session.connector.max_power_w,
            flags=tuple(session.flags),
            needs_review=session.needs_review,
            id_tag=session.id_tag,
            is_token_known=session.token_id is not None,
            is_payer_known=payer is not None,
            overlaps_session=self.twice.get(session.pk),
            readings=_readings(self.readings.get(session.pk)),
            troubles=tuple(self.troubles.get(session.connector_id, ())),
            price=Fraction(total.incl or total.excl or 0),
            currency=priced.currency,
        )


def open_gate(sessions: Sequence[Session], *, as_of: datetime) -> Gate:
    """Read what the gate needs of sessions: six queries, however many they are."""
    operator_ids = {session.operator_id for session in sessions}
    # A listed session has no register readings: nothing to compare, tens of thousands to ask.
    metered = [session.pk for session in sessions if session.meter_start_wh is not None]
    return Gate(
        as_of=as_of,
        plans=_plans(operator_ids),
        rules=_rules(operator_ids),
        rulings=_rulings([session.pk for session in sessions]),
        troubles=_troubles(sessions),
        twice=station_queries.metered_twice(metered),
        readings=station_queries.readings_of(metered),
    )


def _plans(operator_ids: Collection[int]) -> dict[int, judging.Plan]:
    found: dict[int, dict[str, Setting]] = {each: {} for each in operator_ids}
    for row in GateSetting.objects.filter(operator_id__in=operator_ids):
        found[row.operator_id][row.check_name] = Setting(Action(row.action), row.limits)
    return {each: judging.plan_of(settings) for each, settings in found.items()}


def _rules(operator_ids: Collection[int]) -> dict[int, list[DatedRule]]:
    found: dict[int, list[DatedRule]] = defaultdict(list)
    rows = FairRule.objects.filter(operator_id__in=operator_ids).order_by("position", "pk")
    for row in rows:
        found[row.operator_id].append(DatedRule(row.valid_from, row.valid_until, as_rule(row)))
    return found


def rules_at(rows: Iterable[DatedRule], at: datetime) -> Sequence[Rule]:
    """Return the policy that held at an instant: an operator's own, else the shipped one."""
    own = [
        row.rule
        for row in rows
        if row.valid_from <= at and (row.valid_until is None or at < row.valid_until)
    ]
    return own or policy.SHIPPED


def as_rule(row: FairRule) -> Rule:
    """Return a row of the policy as it is weighed."""
    return Rule(
        position=row.position,
        outcome=Outcome(row.outcome),
        code=row.code,
        family=row.family,
        cause=row.cause,
        from_wh=row.from_wh,
        until_wh=row.until_wh,
    )


def _rulings(session_ids: Sequence[int]) -> dict[int, SessionRuling]:
    rows = SessionRuling.objects.filter(session_id__in=session_ids).order_by("turn")
    return {row.session_id: row for row in rows}


def _troubles(sessions: Sequence[Session]) -> dict[int, list[Trouble]]:
    """Return the confirmed impairments of the sessions' connectors over all their time."""
    if not sessions:
        return {}
    first = min(session.started_at for session in sessions)
    last = max(session.ended_at or session.started_at for session in sessions)
    rows = Impairment.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=first),
        connector_id__in={session.connector_id for session in sessions},
        started_at__lte=last,
    ).order_by("started_at", "pk")
    found: dict[int, list[Trouble]] = defaultdict(list)
    for row in rows:
        family = families.family_of(row.code)
        found[row.connector_id].append(
            Trouble(row.code, row.cause, row.started_at, row.ended_at, family)
        )
    return found


def _readings(read: station_queries.ReadThrough | None) -> Readings | None:
    if read is None:
        return None
    return Readings(
        count=read.count,
        fall_wh=max(read.fall_wh, 0),
        zero_after_wh=read.zero_after_wh,
        jump_wh=read.jump_wh,
        jump_s=read.jump_s,
        gap_s=read.gap_s,
        gap_wh=read.gap_wh,
    )
