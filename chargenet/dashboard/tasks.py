"""The roof's periodic work."""

from celery import shared_task

from chargenet import joins
from chargenet.core import clock, slots

DAY_S = 24 * 3600


@shared_task
def sweep_settled_inbox(**_: object) -> None:
    if slots.claim_slot(name="sweep_settled_inbox", every_s=DAY_S, as_of=clock.now()):
        joins.forget_settled_inbox(as_of=clock.now())


@shared_task
def sweep_running_costs(**_: object) -> None:
    as_of = clock.now()
    joins.show_running_costs(as_of=as_of)
    joins.show_prices(as_of=as_of)
