"""The roof's periodic work."""

from datetime import datetime

from celery import shared_task

from chargenet import joins
from chargenet.core import clock, slots


@shared_task
@slots.once_a_slot
def sweep_settled_inbox(as_of: datetime) -> None:
    joins.forget_settled_inbox(as_of=as_of)


@shared_task
def sweep_running_costs(**_: object) -> None:
    as_of = clock.now()
    joins.show_running_costs(as_of=as_of)
    joins.show_final_costs(as_of=as_of)
    joins.show_prices(as_of=as_of)
    joins.tell_tariffs(as_of=as_of)


@shared_task
@slots.once_a_slot
def sweep_payments(as_of: datetime) -> None:
    joins.tell_payments(as_of=as_of)


@shared_task
@slots.once_a_slot
def sweep_proofs(as_of: datetime) -> None:
    joins.prove_repairs(as_of=as_of)
