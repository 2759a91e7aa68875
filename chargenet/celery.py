"""The workers: fault rules, rating, invoice runs, notifications, sweeps."""

import logging
import os

from celery import Celery
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chargenet.settings")
os.environ.setdefault("CHARGENET_DB_ROLE", "system")

logger = logging.getLogger(__name__)

# Three lanes, so that nothing waits behind what is longer: a worker without --queues serves all.
# What a station just said, whatever comes in turn, and what has hours of time.
URGENT, DEFAULT, SLOW = "urgent", "default", "slow"

app = Celery("chargenet")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_default_queue=DEFAULT,
    task_queues=[Queue(name, routing_key=name) for name in (URGENT, DEFAULT, SLOW)],
    task_time_limit=120,
    task_soft_time_limit=90,
    task_ignore_result=True,
    # With the broker away or mute a nudge must fail at once: a person's request waits for it.
    # A worker asks for a second at a time, so a few seconds of silence are no answer to it either.
    broker_transport_options={
        "visibility_timeout": 600,
        "socket_timeout": 4,
        "socket_connect_timeout": 4,
        "socket_keepalive": True,
        "health_check_interval": 30,
        "retry_on_timeout": False,
        "max_retries": 0,
        # of a worker's queues the first that holds something is served first
        "queue_order_strategy": "priority",
    },
    broker_connection_retry_on_startup=True,
    worker_soft_shutdown_timeout=15,
    worker_max_tasks_per_child=1000,
    accept_content=["json"],
    task_serializer="json",
)
app.autodiscover_tasks()


@app.task(name="chargenet.run_many", ignore_result=True)
def run_many(*, task: str, many: list[dict[str, int]], **_: object) -> None:
    """Run one task for many things; what fails is logged and left to its sweep."""
    for ids in many:
        try:
            app.tasks[task].run(**ids)
        except Exception:
            logger.exception("nudge failed task=%s ids=%s", task, ids)
