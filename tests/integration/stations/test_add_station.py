import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from chargenet import command
from chargenet.core.models import Operator
from stations import registry
from stations.models import Connector, Location, Station

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _demo(settings) -> None:
    """Be the demo, which makes its first operator on demand."""
    settings.DEBUG = True


def run(*arguments: str) -> list[dict[str, Any]]:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_new_station_is_told_its_address_and_password_once() -> None:
    [made] = run("add_station", "NEW-1", "--connectors", "2", "--max-power-kw", "22")
    [again] = run("add_station", "NEW-1", "--connectors", "2", "--max-power-kw", "22")

    station = Station.objects.get()
    assert made["identity"] == "NEW-1"
    assert made["url"].endswith("/ocpp/NEW-1")
    assert made["profile"] == 1
    assert registry.check_password(station.password_hash, made["password"].encode())
    assert again == made | {"password": None}
    assert Connector.objects.filter(station=station, max_power_w=22_000).count() == 2


def test_a_given_password_replaces_the_one_before() -> None:
    run("add_station", "NEW-1")
    run("add_station", "NEW-1", "--password", "sixteen-or-more-1")

    assert registry.check_password(Station.objects.get().password_hash, b"sixteen-or-more-1")


def test_a_password_ocpp_cannot_carry_is_refused_and_nothing_is_kept() -> None:
    with pytest.raises(command.NotDone, match="has 5 bytes"):
        run("add_station", "NEW-1", "--password", "short")

    assert not Station.objects.exists()


def test_another_site_for_a_known_station_is_refused_not_ignored() -> None:
    run("add_station", "NEW-1", "--site", "Hamnen")

    with pytest.raises(command.NotDone, match="site"):
        run("add_station", "NEW-1", "--site", "Torget")
    assert Location.objects.count() == 1


def test_the_station_of_another_operator_is_out_of_reach() -> None:
    for slug in ("nord", "syd"):
        Operator.objects.create(slug=slug, name=slug, legal_name=slug)
    run("add_station", "NEW-1", "--operator", "nord")

    with pytest.raises(command.NotDone, match="another operator"):
        run("add_station", "NEW-1", "--operator", "syd", "--password", "sixteen-or-more-1")
    with pytest.raises(command.NotDone, match="nord, syd"):
        run("add_station", "NEW-2")


@pytest.mark.parametrize("identity", ["A:B", "A/B", "å", "", "A B", "x" * 49, ".", ".."])
def test_an_identity_no_url_can_carry_is_refused(identity: str) -> None:
    with pytest.raises(command.NotDone, match="identity"):
        run("add_station", identity)


@pytest.mark.parametrize("site", ["s" * 161, "Ham\0nen", "Ham\nnen"])
def test_a_site_name_no_page_can_show_is_refused(site: str) -> None:
    with pytest.raises(command.NotDone, match="site"):
        run("add_station", "NEW-1", "--site", site)

    assert not Location.objects.exists()


def test_a_file_adds_all_its_stations_or_none(tmp_path: Path) -> None:
    path = tmp_path / "stations.csv"
    path.write_text("identity,site,max_power_kw\nA-1,Hamnen,22\nA-2,Hamnen,50.5\n")
    made = run("add_stations", str(path))
    path.write_text("identity,site,max_power_kw\nB-1,Hamnen,22\nB-2,Hamnen,many\n")

    with pytest.raises(command.NotDone, match="line 3"):
        run("add_stations", str(path))
    assert [line["identity"] for line in made] == ["A-1", "A-2"]
    assert set(Station.objects.values_list("identity", flat=True)) == {"A-1", "A-2"}


def test_an_unknown_column_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "stations.csv"
    path.write_text("identity,colour\nA-1,red\n")

    with pytest.raises(command.NotDone, match="colour"):
        run("add_stations", str(path))


def test_a_column_named_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stations.csv"
    path.write_text("identity,identity\nA-1,A-2\n")

    with pytest.raises(command.NotDone, match="line 1: column 'identity' is there twice"):
        run("add_stations", str(path))


def test_an_unknown_option_leaves_with_2_and_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "add_station", "A-1", "--colour", "red"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: arguments: unrecognized arguments: --colour red. ")
    assert len(done.stderr.splitlines()) == 1
