"""The demo's cast and its drivers: logins, tokens, contracts."""

import hashlib
import secrets
from datetime import datetime, timedelta

from billing.models import Contract, Customer
from chargenet.core.models import Membership, Operator, User
from chargenet.demo import companies, documents, plan, prices
from chargenet.demo.plan import Person
from stations.models import Token

SIGNED_BEFORE = timedelta(days=200)
NO_LIVES = ("driver",)
PASSWORD_WORDS = 3
# Short, plain and far apart: a demo's password is read from a terminal and typed.
WORDS = (
    *("bjork", "dimma", "fjord", "glimt", "hamn", "isbit", "kajak", "lykta", "mossa", "norr"),
    *("orm", "pil", "regn", "segel", "tall", "udde", "vinter", "yxa", "ask", "brygga"),
    *("dal", "ek", "falk", "grotta", "hav", "jord", "klippa", "lodjur", "moln", "natt"),
)


def new_password() -> str:
    """Return a random password of words and digits: 35 bits, for a demo on one's own machine."""
    words = "-".join(secrets.choice(WORDS) for _ in range(PASSWORD_WORDS))
    return f"{words}-{secrets.randbelow(900_000) + 100_000}"


def make_person(person: Person, operator: Operator, known_password: str) -> str:
    """Make one of the cast with the role; returns the password that opens the login.

    A login that the known password opens stays as it is.
    """
    user = User.objects.filter(email=person.email).first()
    password = known_password
    if user is None:
        password = password or new_password()
        user = User.objects.create_user(person.email, password, name=person.name)
    elif not (password and user.check_password(password)):
        password = new_password()
        user.set_password(password)
        user.save(update_fields=["password"])
    if person.role not in NO_LIVES:
        Membership.objects.get_or_create(operator=operator, user=user, role=person.role)
    return password


def make_driver(person: Person, operator: Operator, *, as_of: datetime) -> None:
    """Give one of the cast who drives a token, and the contract if they have one."""
    user = User.objects.get(email=person.email)
    token, _ = Token.objects.get_or_create(
        operator=operator,
        uid=person.card,
        defaults={"driver": user, "label": f"{person.name}s bricka"},
    )
    customer, _ = Customer.objects.get_or_create(
        operator=operator,
        user=user,
        defaults={
            "reference": f"driver-{user.pk}",
            "name": person.name,
            "email": person.email,
            "street": "Exempelvägen 7",
            "postal_code": "211 22",
            "city": "Malmö",
        },
    )
    if person.has_contract:
        Contract.objects.get_or_create(
            operator=operator,
            customer=customer,
            token=token,
            defaults={
                "tariff": prices.make_tariff(operator, "plus"),
                "valid_from": as_of - SIGNED_BEFORE,
            },
        )


def token_uid(slug: str, number: int) -> str:
    """Return the uid on one driver's card: as long as a card's, not counted through."""
    return hashlib.sha256(f"{slug} driver {number}".encode()).hexdigest()[:14].upper()


def make_fleet_drivers(operator: Operator, *, as_of: datetime) -> list[str]:
    """Return the card uids of the drivers who keep the demo lively, made where missing."""
    names = plan.driver_names(plan.FLEET_DRIVERS[operator.slug])
    uids = {token_uid(operator.slug, n): name for n, name in enumerate(names)}
    Token.objects.bulk_create(
        (Token(operator=operator, uid=uid, label=name) for uid, name in uids.items()),
        ignore_conflicts=True,
    )
    private = set(uids) - companies.charge_cards(operator, list(uids), as_of=as_of)
    Customer.objects.bulk_create(
        (
            Customer(operator=operator, reference=f"token-{uid}", name=name, city=operator.city)
            for uid, name in uids.items()
            if uid in private
        ),
        ignore_conflicts=True,
    )
    _sign_contracts(operator, private, as_of)
    return list(uids)


def _sign_contracts(operator: Operator, uids: set[str], as_of: datetime) -> None:
    """Let each card be charged to its driver, or to one of the companies."""
    tokens = Token.objects.filter(operator=operator, uid__in=uids)
    references = [f"token-{uid}" for uid in uids]
    customers = {
        customer.reference: customer
        for customer in Customer.objects.filter(operator=operator, reference__in=references)
    }
    payers = documents.make_companies(operator)
    Contract.objects.bulk_create(
        (
            Contract(
                operator=operator,
                # Every fourth card is a company's, who share these out.
                customer=payers[place // 4 % len(payers)]
                if place % 4 == 0
                else customers[f"token-{token.uid}"],
                token=token,
                valid_from=as_of - SIGNED_BEFORE,
            )
            for place, token in enumerate(tokens.order_by("uid"))
        ),
        ignore_conflicts=True,
    )
