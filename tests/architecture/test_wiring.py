"""Every event is heard, every task named in the wiring exists and can be called with more."""

import inspect

import pytest

from chargenet import wiring
from chargenet.celery import app, run_many
from chargenet.core.events import Event, News


def _named_tasks() -> set[str]:
    heard = {task for tasks in wiring.SUBSCRIBERS.values() for task in tasks}
    return heard | {task for task, _ in wiring.BEAT.values()}


def test_the_wiring_names_every_event() -> None:
    assert set(wiring.SUBSCRIBERS) == set(Event)


def test_every_task_in_the_wiring_exists() -> None:
    app.loader.import_default_modules()

    assert sorted(_named_tasks() - set(app.tasks)) == []


def test_every_task_takes_what_a_later_release_may_send() -> None:
    app.loader.import_default_modules()
    deaf = [
        name
        for name in _named_tasks()
        if not any(
            p.kind is inspect.Parameter.VAR_KEYWORD
            for p in inspect.signature(app.tasks[name].run).parameters.values()
        )
    ]

    assert deaf == []


def test_many_nudges_of_one_task_travel_in_few_messages() -> None:
    news: list[News] = [
        (Event.SESSION_COMPLETED, {"session_id": n, "station_id": 1})
        for n in range(wiring.MANY + 1)
    ]

    calls = list(wiring._calls(news))

    sizes = {lane: len(call["many"]) for lane, _, call in reversed(calls) if "many" in call}  # type: ignore[arg-type]
    assert sizes == {"urgent": len(news) // wiring.SHARED_BY, "default": wiring.MANY}
    assert {name for _, name, _ in calls} <= {run_many.name, "faults.tasks.examine_station"}
    rated = [call for _, _, call in calls if call["task"] == "billing.tasks.rate_session"]
    assert [ids for call in rated for ids in call["many"]] == [ids for _, ids in news]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("count", "most"),
    [(wiring.FEW + 1, wiring.FEW), (10_000, wiring.MANY)],
)
def test_what_cannot_wait_travels_in_few_nudges_a_message_and_in_a_flood_in_many(
    count: int, most: int
) -> None:
    news: list[News] = [(Event.STATUS_CHANGED, {"station_id": n}) for n in range(count)]

    many: list[int] = [len(call["many"]) for _, _, call in wiring._calls(news) if "many" in call]  # type: ignore[arg-type]

    assert max(many) == most
    assert sum(many) in {count, count - 1}


def test_what_takes_minutes_waits_in_the_slow_lane_and_a_station_before_all_others() -> None:
    heard = [(event, task) for event, tasks in wiring.SUBSCRIBERS.items() for task in tasks]
    slow = {task for event, task in heard if wiring._lane_of(event, task) == "slow"}

    assert slow == wiring.AT_LEISURE
    assert wiring._lane_of(Event.STATUS_CHANGED, "faults.tasks.examine_station") == "urgent"
    assert wiring._lane_of(Event.STATION_CONNECTED, "faults.tasks.examine_station") == "default"
    assert app.conf.beat_schedule["sweep_trials"]["options"]["queue"] == "slow"


def test_one_nudge_travels_as_itself() -> None:
    assert list(wiring._calls([(Event.STATUS_CHANGED, {"station_id": 7})])) == [
        ("urgent", "faults.tasks.examine_station", {"station_id": 7})
    ]


def test_a_nudge_that_fails_does_not_end_the_others(monkeypatch) -> None:
    done: list[int] = []

    def run(*, station_id: int) -> None:
        if station_id == 1:
            raise LookupError(station_id)
        done.append(station_id)

    app.loader.import_default_modules()
    monkeypatch.setattr(app.tasks["faults.tasks.examine_station"], "run", run)

    run_many.run(task="faults.tasks.examine_station", many=[{"station_id": 1}, {"station_id": 2}])

    assert done == [2]


def test_a_beat_says_the_period_once_and_asks_at_least_hourly() -> None:
    for name, (task, every_s) in wiring.BEAT.items():
        entry = app.conf.beat_schedule[name]
        assert entry["task"] == task
        assert entry["kwargs"] == {"every_s": every_s}
        assert entry["schedule"] == entry["options"]["expires"] == min(every_s, 3600)


def test_what_a_station_says_waits_behind_no_sweep(monkeypatch) -> None:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(
        app, "send_task", lambda task, *, queue, **_: sent.append((task, queue)), raising=True
    )
    many: list[News] = [(Event.STATUS_CHANGED, {"station_id": n}) for n in range(2)]

    wiring.send_to_workers([(Event.STATUS_CHANGED, {"station_id": 7})])
    wiring.send_to_workers(many)
    wiring.send_to_workers([(Event.CDR_RATED, {"cdr_id": 7})])

    assert sent == [
        ("faults.tasks.examine_station", "urgent"),
        (run_many.name, "urgent"),
        ("revenue.tasks.post_cdr", "default"),
    ]
    # a worker that is not told which queues to serve serves all, the urgent one first
    assert list(app.amqp.queues) == ["urgent", "default", "slow"]


def test_what_takes_minutes_is_never_before_a_timer() -> None:
    lanes = {
        name: entry["options"]["queue"] for name, entry in sorted(app.conf.beat_schedule.items())
    }
    assert lanes["sweep_silent_stations"] == lanes["sweep_wide"] == "default"
    assert lanes["settle_uptime"] == lanes["settle_uptime_of_today"] == "slow"
    assert {lane for name, lane in lanes.items() if wiring.BEAT[name][1] >= 3600} == {"slow"}
