"""Every event is heard, every task named in the wiring exists and can be called with more."""

import inspect

from chargenet import wiring
from chargenet.celery import app
from chargenet.core.events import Event


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
