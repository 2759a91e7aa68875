"""The life of a visit: plug in, authorise, charge, linger, leave."""

import dataclasses

from stations.simulator import power
from stations.simulator.connector import POLL_S, Connector, Halted
from stations.simulator.plan import Visit

# A faulty contactor closes for a moment: a failed session shows a few Wh at most.
SPARK_W = 300.0


async def drive(connector: Connector) -> None:
    """Receive visitors for ever."""
    while True:
        visit, remote_id = await _next(connector)
        await connector.host.powered.wait()
        if connector.takes(visit.token.id):
            await _receive(connector, visit, remote_id)
        connector.free_since_s = connector.host.clock.elapsed_s()


async def _next(connector: Connector) -> tuple[Visit, int | None]:
    while True:
        if connector.ordered:
            return connector.ordered.popleft()
        left_s = _due_s(connector) - connector.host.clock.elapsed_s()
        if left_s <= 0:
            return connector.next_planned(), None
        await connector.nap(min(left_s, POLL_S))


def _due_s(connector: Connector) -> float:
    clock_s = connector.host.clock.elapsed_s()
    hurry = connector.host.troubles.active("failing_sessions", clock_s, connector.spec.number)
    if hurry:
        if connector.free_since_s < hurry.from_s:
            return hurry.from_s
        return connector.free_since_s + float(hurry.options["every_s"])
    while connector.peek().arrives_s < connector.free_since_s:
        connector.next_planned()
    return connector.peek().arrives_s


async def _receive(connector: Connector, visit: Visit, remote_id: int | None) -> None:
    connector.visit = _troubled(connector, visit)
    connector.clear_halt()
    # while nobody charged, the cable cooled
    connector.meter.step(connector.host.clock.elapsed_s() - connector.free_since_s)
    connector.meter.begin()
    _wear(connector)
    try:
        await _stay(connector, connector.visit, remote_id)
    except Halted as halted:
        await _leave_early(connector, str(halted))
    finally:
        connector.meter.power_w = 0.0
        connector.visit = None
        connector.reserved_for = None
        connector.clear_halt()
    connector.report(connector.resting())


def _wear(connector: Connector) -> None:
    """Let contacts be as bad as the scenario says, a little worse with each session."""
    entry = connector.host.troubles.active(
        "worn_cable", connector.host.clock.elapsed_s(), connector.spec.number
    )
    if entry is None:
        connector.meter.contact = 1.0
        return
    if connector.meter.contact < entry.options["times"]:
        connector.meter.contact = float(entry.options["times"])
    connector.meter.contact *= 1 + entry.options["per_session"]


def _troubled(connector: Connector, visit: Visit) -> Visit:
    entry = connector.host.troubles.active(
        "failing_sessions", connector.host.clock.elapsed_s(), connector.spec.number
    )
    if entry is None or connector.rng.random() >= entry.options["share"]:
        return visit
    after_s = entry.options["after_s"] * connector.rng.uniform(0.7, 1.3)
    return dataclasses.replace(
        visit, fail_after_s=after_s, fail_reason=str(entry.options["reason"])
    )


async def _stay(connector: Connector, visit: Visit, remote_id: int | None) -> None:
    connector.show("Preparing")
    early = connector.host.starts_at_plug and remote_id is None
    if early:
        connector.begin(visit, None, "CablePluggedIn")
    if remote_id is None:
        await connector.pause(visit.plug_s)
        if not await connector.host.authorize(visit.token):
            raise Halted("DeAuthorized")
    if connector.tx is not None:
        connector.tell_change("Authorized")
    else:
        connector.begin(visit, remote_id, "Authorized" if remote_id is None else "RemoteStart")
    await connector.pause(min(1.0, visit.plug_s))
    reason = await _deliver(connector, visit)
    if reason is None:
        connector.show("SuspendedEV")
        await _linger(connector, visit.idle_s)
        reason = visit.leave_reason
    connector.end(reason)
    connector.show("Finishing")
    await connector.pause(connector.host.shorter(connector.rng.uniform(4, 20)))


async def _leave_early(connector: Connector, reason: str) -> None:
    had_transaction = connector.tx is not None
    connector.end("Other" if reason == "Faulted" else reason)
    if had_transaction and reason in ("Remote", "DeAuthorized"):
        connector.show("Finishing")
        try:
            await connector.pause(connector.host.shorter(connector.rng.uniform(4, 20)))
        except Halted:
            return


async def _deliver(connector: Connector, visit: Visit) -> str | None:
    """Let energy flow until the car has enough (None) or the session fails (the reason)."""
    clock = connector.host.clock
    began_s = last_s = clock.elapsed_s()
    sample_at_s = began_s + connector.host.sample_s()
    while True:
        flows = _set_power(connector, visit)
        connector.show("Charging" if flows or visit.stuck else "SuspendedEVSE")
        await connector.pause(_step_s(connector, visit, sample_at_s))
        now_s = clock.elapsed_s()
        connector.meter.step(now_s - last_s)
        if connector.tx is not None and flows:
            connector.tx.charged_s += now_s - last_s
        last_s = now_s
        if visit.fail_after_s is not None and now_s - began_s >= visit.fail_after_s:
            return visit.fail_reason
        if connector.meter.delivered_wh >= visit.energy_wh and not visit.stuck:
            connector.meter.power_w = 0.0
            return None
        if now_s >= sample_at_s:
            sample_at_s = now_s + connector.host.sample_s()
            connector.sample()


def _set_power(connector: Connector, visit: Visit) -> bool:
    entry = connector.host.troubles.active(
        "hot_cable", connector.host.clock.elapsed_s(), connector.spec.number
    )
    connector.meter.hot_c = entry.options["to_c"] if entry else None
    connector.meter.hot_tau_s = entry.options["over_s"] / 3 if entry else power.CABLE_TAU_S
    connector.meter.cap_w = connector.host.cap_w(connector)
    wanted_w = power.draw_w(
        connector.spec, visit, connector.meter.delivered_wh, connector.meter.cap_w
    )
    if visit.stuck:
        wanted_w = 0.0 if connector.meter.delivered_wh >= visit.energy_wh else wanted_w
    elif visit.fail_after_s is not None:
        wanted_w = SPARK_W if connector.meter.delivered_wh < 1 else 0.0
    connector.meter.draw(wanted_w, visit)
    return wanted_w > 0 or visit.fail_after_s is not None


def _step_s(connector: Connector, visit: Visit, sample_at_s: float) -> float:
    step_s = min(POLL_S, max(sample_at_s - connector.host.clock.elapsed_s(), 0.01))
    if visit.fail_after_s is not None:
        return min(step_s, max(visit.fail_after_s / 4, 0.01))
    if connector.meter.power_w > 0:
        left_wh = visit.energy_wh - connector.meter.delivered_wh
        step_s = min(step_s, max(left_wh * 3600 / connector.meter.power_w, 0.05))
    return step_s


async def _linger(connector: Connector, idle_s: float) -> None:
    """Stay plugged in with a full battery, telling meter values now and then."""
    clock = connector.host.clock
    last_s, until_s = clock.elapsed_s(), clock.elapsed_s() + idle_s
    while last_s < until_s:
        await connector.pause(min(until_s - last_s, connector.host.sample_s()))
        now_s = clock.elapsed_s()
        connector.meter.step(now_s - last_s)
        last_s = now_s
        if last_s < until_s:
            connector.sample()
