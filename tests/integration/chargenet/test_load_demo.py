import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from billing import queries
from billing.models import Cdr, FairRule, Invoice, RatingHold, SessionRuling
from chargenet import command
from chargenet.core.models import Membership, Operator, User
from chargenet.demo import days, upkeep
from revenue.models import Posting
from stations import registry
from stations.models import (
    BulkCommand,
    CableFitting,
    FirmwareImage,
    FirmwareJob,
    Reservation,
    Session,
    Station,
    Token,
)
from stations.simulator import fleet
from tests.integration.chargenet.importing_scene import everything

pytestmark = pytest.mark.django_db
STATIONS = 13


@pytest.fixture
def folder(settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Be a demo of fewer days and of passwords that cost little, with a folder of its own."""
    settings.DEBUG = True
    settings.VAR_DIR = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(days, "DAYS", 36)
    return tmp_path / "demo"


def load(stations: int = STATIONS) -> dict[str, Any]:
    out = io.StringIO()
    call_command("load_demo", stations=stations, stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def test_the_demo_is_a_lively_network_with_people_who_can_enter(folder: Path) -> None:
    told = load()

    assert told["stations"] == Station.objects.count() == STATIONS
    assert {operator.slug for operator in Operator.objects.all()} == {"nordladd", "sydladd"}
    logins = {login["name"]: login for login in told["logins"]}
    assert set(logins) == {"Astrid", "Bo", "Cilla", "Dag", "Fia", "Stina", "Erik"}
    for login in logins.values():
        assert User.objects.get(email=login["email"]).check_password(login["password"])
    roles = Membership.objects.values_list("user__name", "operator__slug", "role")
    assert ("Erik", "sydladd", "operator") in roles
    assert not Membership.objects.filter(user__name__in=["Astrid", "Bo"]).exists()
    assert CableFitting.objects.filter(removed_at__isnull=True).exists()
    assert set(Station.objects.values_list("ocpp_version", flat=True)) == {"1.6", "2.0.1"}


def test_every_page_of_upkeep_has_something_to_show(folder: Path) -> None:
    load()

    nord = Operator.objects.get(slug="nordladd")
    for model, only, _deed in upkeep.DEEDS:
        shown = model._default_manager.filter(operator=nord, **only)
        assert shown.exists(), f"{model.__name__}: its page is empty"
    assert set(FirmwareJob.objects.values_list("state", flat=True)) == {"waiting"}
    assert all(image.is_signed for image in FirmwareImage.objects.all())
    assert set(BulkCommand.objects.values_list("state", flat=True)) == {"draft", "running"}
    assert set(Reservation.objects.values_list("station__ocpp_version", flat=True)) == {
        *("1.6", "2.0.1")
    }


def test_the_history_is_rated_invoiced_partly_paid_and_booked(folder: Path) -> None:
    load()

    assert Session.objects.filter(state="completed", source="import").count() > 150
    unpriced = RatingHold.objects.filter(reason="no_tariff")
    assert {hold.session.station.location.name for hold in unpriced} == {"Uppsala Resecentrum"}
    assert sum(posting.amount for posting in Posting.objects.all()) == 0
    assert Posting.objects.filter(cable__isnull=False).exists()
    [astrids] = {
        cdr.customer
        for cdr in Cdr.objects.filter(driver__name="Astrid").select_related("customer")
    }
    assert astrids is not None
    assert Invoice.objects.filter(customer=astrids).exists()
    nord = Operator.objects.get(slug="nordladd")
    still_open = queries.open_invoices(nord.pk).count()
    assert 0 < still_open < Invoice.objects.filter(operator=nord).count()


def test_the_books_have_companies_held_sessions_and_a_policy_changed_once(folder: Path) -> None:
    load()

    assert set(RatingHold.objects.values_list("reason", flat=True)) == {
        *("no_tariff", "needs_review", "overlap", "too_long", "over_power", "unknown_token"),
        *("register_fell", "register_reset", "reading_gap"),
    }
    assert set(SessionRuling.objects.values_list("deed", flat=True)) == {
        *("release", "correct", "waive")
    }
    fleets = Cdr.objects.filter(customer__kind="fleet")
    assert set(fleets.values_list("cost_centre__code", flat=True)) >= {"4410", "4420"}
    partners = Cdr.objects.filter(customer__kind="partner")
    assert {cdr.vat_decision["treatment"] for cdr in partners} == {"reverse_charge"}
    [ended] = FairRule.objects.filter(valid_until__isnull=False)
    assert (ended.position, ended.until_wh) == (2, 500)
    assert Cdr.objects.filter(gate__outcome="energy_only", driver__name="Bo").count() == 1


def test_loading_it_again_changes_nothing_but_when_prices_were_looked_for(folder: Path) -> None:
    first = load()
    before = everything()

    second = load()

    after = everything()
    # the sessions without a price were tried again
    for rows in (before, after):
        rows.pop("billing_ratinghold")
    assert {table for table in before if before[table] != after[table]} == set()
    assert second == first


def test_the_simulator_takes_the_fleet_file_and_its_keys_open(folder: Path) -> None:
    load()

    listed = json.loads((folder / "fleet.json").read_text())["stations"]
    for each in listed:
        station = Station.objects.get(identity=each["identity"])
        assert registry.check_password(station.password_hash, each["password"].encode())
        assert Token.objects.filter(operator=station.operator, uid__in=each["tokens"]).count() > 5
    assert len(fleet.load_fleet(folder / "fleet.json")) == STATIONS
    assert (folder / "fleet.json").stat().st_mode & 0o077 == 0
    assert (folder / "logins.json").stat().st_mode & 0o077 == 0


def test_lost_files_give_new_keys_and_passwords_and_no_second_history(folder: Path) -> None:
    first = load()
    sessions = Session.objects.count()
    for path in folder.iterdir():
        path.unlink()

    second = load()

    assert Session.objects.count() == sessions
    for login in second["logins"]:
        assert User.objects.get(email=login["email"]).check_password(login["password"])
    assert first["logins"] != second["logins"]


def test_a_smaller_demo_lets_the_other_stations_rest(folder: Path) -> None:
    load()
    load(stations=4)

    assert Station.objects.filter(is_active=True).count() == 4


def test_production_takes_no_demo(folder: Path, settings) -> None:
    settings.DEBUG = False

    with pytest.raises(command.NotDone, match="production"):
        load()
    assert not Operator.objects.exists()
