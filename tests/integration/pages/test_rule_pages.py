"""The pages of fault rules: what they say and set, and how findings are shown."""

from datetime import timedelta

import pytest
from django.test import Client

from chargenet.core import clock
from chargenet.core.models import AuditEntry
from chargenet.dashboard.queries import stations
from faults import detection, public_status, rules, trials, tuning
from faults.models import Closing, RuleSetting, RuleTrial
from faults.queries import service
from stations.models import Connector, ConnectorSignal, Station
from tests.cast import Cast, make_cast
from tests.integration.faults import scene, test_precision

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return make_cast()


@pytest.fixture
def cilla(made: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(made.cilla)
    return client


def test_every_rule_has_its_line_and_its_page(cilla: Client) -> None:
    listed = cilla.get("/rules/").content.decode()

    for code in rules.BY_CODE:
        assert f"/rules/{code}/" in listed
        assert cilla.get(f"/rules/{code}/").status_code == 200
    assert cilla.get("/rules/F99/").status_code == 404


def test_the_connectors_a_rule_is_blind_on_are_counted_and_named(
    made: Cast, cilla: Client
) -> None:
    ConnectorSignal.objects.create(
        operator=made.operator,
        connector=made.tethered,
        signal="device_events",
        seen_at=clock.now(),
        looked_at=clock.now(),
    )
    page = cilla.get("/rules/F30/").context["page"]

    assert page.row.blind == 2
    assert {row.connector_id for row in page.blind} == set(
        made.ac_station.connectors.values_list("pk", flat=True)
    )


def test_a_threshold_set_for_a_site_holds_there_and_is_audited(made: Cast, cilla: Client) -> None:
    form = {"site": made.location.pk, "ticket_after": "7200", "is_active": "1", "pings": "3"}
    cilla.post("/rules/F01/set/", form)

    row = RuleSetting.objects.get()
    assert (row.code, row.location, row.values, row.updated_by) == (
        "F01",
        made.location,
        {"ticket_after": 7200.0},
        made.cilla,
    )
    here = cilla.get(f"/rules/F01/?site={made.location.pk}").context["page"].thresholds
    assert [(one.value, one.is_own) for one in here if one.name == "ticket_after"] == [
        ("7200", True)
    ]
    elsewhere = cilla.get("/rules/F01/").context["page"].thresholds
    assert not any(one.is_own for one in elsewhere)
    assert AuditEntry.objects.get().action == "rule.set"


def test_a_threshold_is_put_back_as_it_came(made: Cast, cilla: Client) -> None:
    cilla.post("/rules/F01/set/", {"pings": "9", "is_active": "1"})
    cilla.post("/rules/F01/set/", {"step": "reset"})

    assert not RuleSetting.objects.exists()


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "1e999", "2.5"])
def test_what_a_threshold_cannot_be_is_refused_by_name(
    made: Cast, cilla: Client, value: str
) -> None:
    answer = cilla.post("/rules/F01/set/", {"pings": value, "is_active": "1"}, follow=True)

    assert "Pings missed: a" in str(next(iter(answer.context["messages"])))
    assert not RuleSetting.objects.exists()


def test_thresholds_are_told_in_plain_words_with_their_unit(made: Cast, cilla: Client) -> None:
    cilla.post("/rules/F01/set/", {"ticket_after": "7200", "is_active": "1"})
    page = cilla.get("/rules/F01/").context["page"]

    told = {one.name: one for one in page.thresholds}
    waits = told["ticket_after"]
    assert waits.label == "Must last before it opens a ticket"
    assert (waits.unit, waits.held, waits.default) == ("s", "2\u00a0h", "1\u00a0h")
    assert page.settings[0].values == [("Must last before it opens a ticket", "2\u00a0h")]
    shares = {one.name: one for one in cilla.get("/rules/F11/").context["page"].thresholds}
    assert (shares["alone_below"].value, shares["alone_below"].unit) == ("0.00001", "0–1")


def test_how_often_a_rule_was_right_is_listed_and_its_demotion_told(
    made: Cast, cilla: Client
) -> None:
    test_precision.close(made, Closing.VERIFIED, 20, at=clock.now())
    test_precision.close(made, Closing.NO_FAULT_FOUND, 40, at=clock.now())
    tuning.weigh_rules(operator_id=made.operator.pk, as_of=clock.now())

    listed = cilla.get("/rules/?sort=-right").context["page"]
    assert "20 of 60" in cilla.get("/rules/?state=demoted").content.decode()
    assert [row.code for row in listed.rows][:1] == ["F36"]
    assert "sends nobody out" in cilla.get("/rules/F36/").content.decode()
    assert "sends nobody out" not in cilla.get("/rules/F01/").content.decode()


def test_nobody_sets_a_rule_for_a_site_of_another(made: Cast, cilla: Client) -> None:
    erik = Client()
    erik.force_login(made.erik)
    form = {"site": made.location.pk, "pings": "9", "is_active": "1"}

    assert erik.post("/rules/F01/set/", form).status_code == 404
    assert not RuleSetting.objects.exists()


def broken(made: Cast, code: str) -> str:
    """Return how the station is shown after it told a code and then claims to be fine."""
    now = clock.now()
    Station.objects.update(is_online=True, connected_at=now, last_seen_at=now)
    scene.say(made.socket, "Faulted", at=now - timedelta(minutes=9), code=code)
    detection.examine_station(station_id=made.ac_station.pk, as_of=now)
    Connector.objects.update(status="Available", error_code="")
    return stations.describe_stations([made.ac_station])[0].state


def test_a_safety_finding_is_worn_as_a_lock_on_list_and_map(made: Cast) -> None:
    Station.objects.update(is_online=True)
    made.ac_station.refresh_from_db()

    assert broken(made, "GroundFailure") == "Locked"
    assert service.outages([made.socket.pk])[made.socket.pk].is_locked
    found = stations.stations_of(made.cilla).filter(stations._with_connector("Locked"))
    assert [one.pk for one in found] == [made.ac_station.pk]


def test_a_lesser_finding_is_out_of_order_unless_the_operator_only_advises(made: Cast) -> None:
    Station.objects.update(is_online=True)
    made.ac_station.refresh_from_db()
    assert broken(made, "ReaderFailure") == "OutOfOrder"

    for _ in range(2):
        public_status.set_policy(
            operator=made.operator, is_advisory=True, actor_id=made.cilla.pk, as_of=clock.now()
        )

    assert stations.describe_stations([made.ac_station])[0].state == "Available"
    assert AuditEntry.objects.filter(action="status_policy.set").count() == 1


def test_the_switch_of_a_rule_stands_as_it_is_where_the_form_is_for(
    made: Cast, cilla: Client
) -> None:
    site = made.location.pk
    cilla.post("/rules/F01/set/", {"site": site, "is_active": "0"})

    here, elsewhere = (cilla.get(path) for path in (f"/rules/F01/?site={site}", "/rules/F01/"))

    chosen = '<option value="0" selected>'
    assert chosen in here.content.decode()
    assert chosen not in elsewhere.content.decode()


def test_a_change_is_tried_before_it_is_saved_and_the_form_keeps_it(
    made: Cast, cilla: Client
) -> None:
    tried = cilla.post("/rules/F02/try/", {"fires_after": "7200", "days": "14"})
    trial = RuleTrial.objects.get()
    where = f"/rules/F02/?operator={made.operator.pk}&trial={trial.pk}#trial"
    assert (tried.status_code, tried.headers["Location"]) == (302, where)
    assert (trial.values, (trial.end - trial.begin).days) == ({"fires_after": 7200.0}, 14)
    assert not RuleSetting.objects.exists()

    part = f"/rules/F02/trials/{trial.pk}/"
    assert "Being tried" in cilla.get(part).content.decode()
    trials.run_trial(trial_id=trial.pk, as_of=clock.now())
    assert "Nothing would have changed" in cilla.get(part).content.decode()
    fields = cilla.get(where).context["page"].thresholds
    tried_ones = [(one.name, one.value, one.held) for one in fields if one.is_tried]
    assert tried_ones == [("fires_after", "7200", "2\u00a0h")]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"fires_after": "120"}, "Nothing to try"),
        ({"fires_after": "soon"}, "Not tried: Must last before it is a fault"),
    ],
)
def test_what_cannot_be_tried_says_why(cilla: Client, form: dict[str, str], why: str) -> None:
    answer = cilla.post("/rules/F02/try/", form, follow=True)

    assert why in str(next(iter(answer.context["messages"])))
    assert not RuleTrial.objects.exists()


def test_another_rule_does_not_show_a_trial(made: Cast, cilla: Client) -> None:
    cilla.post("/rules/F02/try/", {"fires_after": "7200"})
    trial = RuleTrial.objects.get()

    assert cilla.get(f"/rules/F01/trials/{trial.pk}/").status_code == 404
