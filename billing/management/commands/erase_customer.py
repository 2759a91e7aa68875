"""Forget a customer, but for what the books must keep; run again it changes nothing."""

from typing import Any

from django.core.management.base import CommandParser

from billing import erasure
from billing.models import Customer
from chargenet import command
from chargenet.command import NotDone
from chargenet.core import clock


class Command(command.DoorCommand):
    help = "Blank all that is known of a customer but what the books keep, and print what stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--operator", metavar="SLUG")
        parser.add_argument("--customer", type=int, metavar="ID", required=True)
        parser.add_argument("--reason", required=True, help="who asked, and when")

    def handle(self, *, operator: str | None, customer: int, reason: str, **_options: Any) -> None:
        seller = command.choose_operator(operator)
        found = Customer.objects.filter(operator=seller, pk=customer).first()
        if found is None:
            where = f"no customer {customer} at {seller.slug}"
            raise NotDone("--customer", where, "See the customers page.")
        login = found.user_id
        try:
            erased = erasure.erase_customer(
                customer_id=customer, reason=reason, erased_by=None, as_of=clock.now()
            )
        except erasure.StillNeeded as error:
            raise NotDone(
                "--customer", f"is still needed: {error}", "Settle that first."
            ) from error
        if login is not None:
            erasure.forget_login(user_id=login)
        self.write_json(
            {
                "customer": erased.customer_id,
                "erased": erased.is_new,
                "documents_kept": erased.documents,
                "kept_until": erased.kept_until,
            }
        )
