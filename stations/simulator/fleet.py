"""The fleet file: which stations there are. Its format is in docs/simulator.md."""

from dataclasses import dataclass
from pathlib import Path

from stations.simulator import reading


@dataclass(frozen=True, slots=True)
class TokenSpec:
    """A token a driver can hold up here."""

    id: str
    type: str = "ISO14443"


@dataclass(frozen=True, slots=True)
class ConnectorSpec:
    """One connector; `evse` and `evse_connector` are its address in OCPP 2.0.1."""

    number: int
    kind: str
    current: str
    max_power_w: int
    phases: int
    evse: int
    evse_connector: int
    register_wh: int | None


@dataclass(frozen=True, slots=True)
class StationSpec:
    """One station as the fleet file describes it."""

    identity: str
    password: str
    ocpp: str
    site: str
    vendor: str
    model: str
    serial: str
    firmware: str
    connectors: tuple[ConnectorSpec, ...]
    tokens: tuple[TokenSpec, ...]


def load_fleet(path: Path) -> tuple[StationSpec, ...]:
    """Return the stations of a fleet file; raises reading.BadInput."""
    top = reading.read_file(path)
    top.whole("format", 1, low=1, high=1)
    shared = _tokens(top)
    stations = tuple(_station(fields, shared) for fields in top.objects("stations"))
    top.close()
    if not stations:
        raise reading.BadInput(top.where, "stations is empty", "List at least one station")
    seen: set[str] = set()
    for place, station in enumerate(stations):
        if station.identity in seen:
            raise reading.BadInput(
                f"{top.where} stations[{place}]",
                f"identity {station.identity!r} is there twice",
                "Every station needs its own",
            )
        seen.add(station.identity)
    return stations


def _tokens(fields: reading.Fields) -> tuple[TokenSpec, ...]:
    found = []
    for place, raw in enumerate(fields.values("tokens", [])):
        where = f"{fields.where} tokens[{place}]"
        one = reading.as_fields(where, {"id": raw} if isinstance(raw, str) else raw)
        found.append(TokenSpec(one.text("id", longest=36), one.text("type", "ISO14443")))
        one.close()
    return tuple(found)


def _station(fields: reading.Fields, shared: tuple[TokenSpec, ...]) -> StationSpec:
    identity = fields.text("identity", longest=48)
    if ":" in identity or "/" in identity:
        raise reading.BadInput(fields.where, f"identity is {identity!r}", "Leave out ':' and '/'")
    ocpp = fields.word("ocpp", ("1.6", "2.0.1"))
    tokens = _tokens(fields) or shared
    if not tokens:
        raise reading.BadInput(
            fields.where, "no tokens", "List tokens here or for the whole fleet"
        )
    if ocpp == "1.6" and any(len(token.id) > 20 for token in tokens):
        raise reading.BadInput(
            fields.where, "a token is too long", "OCPP 1.6 allows 20 characters"
        )
    connectors = tuple(_connector(one) for one in fields.objects("connectors"))
    if not connectors:
        raise reading.BadInput(fields.where, "connectors is empty", "List at least one connector")
    if len({one.number for one in connectors}) < len(connectors):
        raise reading.BadInput(fields.where, "a connector number is there twice", "Number them 1…")
    station = StationSpec(
        identity=identity,
        password=fields.text("password"),
        ocpp=ocpp,
        site=fields.text("site", ""),
        vendor=fields.text("vendor", "Chargenet", longest=20),
        model=fields.text("model", "Simulated", longest=20),
        serial=fields.text("serial", "", longest=25) or identity[-25:],
        firmware=fields.text("firmware", "1.0.0", longest=50),
        connectors=connectors,
        tokens=tokens,
    )
    fields.close()
    return station


def _connector(fields: reading.Fields) -> ConnectorSpec:
    number = fields.whole("number", low=1, high=99)
    current = fields.word("current", ("AC", "DC"))
    connector = ConnectorSpec(
        number=number,
        kind=fields.word("kind", ("tethered", "socket"), "tethered"),
        current=current,
        max_power_w=round(1000 * fields.number("max_power_kw", low=1.0, high=1000.0)),
        phases=fields.whole("phases", 3, low=1, high=3),
        evse=fields.whole("evse", number, low=1, high=99),
        evse_connector=fields.whole("evse_connector", 1, low=1, high=99),
        register_wh=fields.whole("register_wh") if fields.has("register_wh") else None,
    )
    fields.close()
    return connector
