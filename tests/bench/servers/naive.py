"""The usual way: a Channels consumer that stores each message with `database_sync_to_async`.

The same rows as the gateway's in spirit, fewer in number: the raw frame, the session, the sample.
"""

import json
import os
import secrets
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chargenet.settings")
os.environ.setdefault("CHARGENET_DB_ROLE", "system")

import django

django.setup()

from datetime import UTC, datetime  # noqa: E402

from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import URLRouter  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.urls import re_path  # noqa: E402

from stations.models import Connector, MeterValue, OcppFrame, Session, Station, Token  # noqa: E402


def next_id(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval(pg_get_serial_sequence('{table}', 'id'))")
        number: int = cursor.fetchone()[0]
    return number


class NaiveConsumer(AsyncWebsocketConsumer):
    channel_layer_alias = "none"
    station: Station
    connector: Connector

    async def connect(self) -> None:
        await self.find(self.scope["url_route"]["kwargs"]["identity"])
        await self.accept(subprotocol="ocpp1.6")

    @database_sync_to_async
    def find(self, identity: str) -> None:
        self.station = Station.objects.get(identity=identity)
        self.connector = Connector.objects.get(station=self.station)

    async def receive(self, text_data: str | None = None, bytes_data: Any = None) -> None:
        text = text_data or ""
        frame = json.loads(text)
        answer = await self.store(text, frame[2], frame[3])
        await self.send(text_data=json.dumps([3, frame[1], answer]))

    @database_sync_to_async
    def store(self, text: str, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        with transaction.atomic():
            now = datetime.now(UTC)
            OcppFrame.objects.create(
                id=next_id("stations_ocppframe"),
                operator_id=self.station.operator_id,
                station_id=self.station.pk,
                received_at=now,
                action=action,
                frame=text.encode(),
            )
            return self.apply(action, payload, now)

    def apply(self, action: str, payload: dict[str, Any], now: datetime) -> dict[str, Any]:
        if action == "Authorize":
            known = Token.objects.filter(uid=payload["idTag"]).exists()
            return {"idTagInfo": {"status": "Accepted" if known else "Invalid"}}
        if action == "StartTransaction":
            number = secrets.randbelow(2**31 - 1) + 1
            Session.objects.create(
                operator_id=self.station.operator_id,
                station=self.station,
                connector=self.connector,
                ocpp_transaction_id=str(number),
                id_tag=payload["idTag"],
                started_at=payload["timestamp"],
                received_at=now,
                meter_start_wh=payload["meterStart"],
            )
            return {"transactionId": number, "idTagInfo": {"status": "Accepted"}}
        if action == "MeterValues":
            return self.sample(payload, now)
        if action == "StopTransaction":
            session = self.session(payload)
            session.ended_at = payload["timestamp"]
            session.completed_at = now
            session.meter_stop_wh = payload["meterStop"]
            session.energy_wh = payload["meterStop"] - (session.meter_start_wh or 0)
            session.state = "completed"
            session.save()
        return {}

    def session(self, payload: dict[str, Any]) -> Session:
        return Session.objects.get(
            station=self.station, ocpp_transaction_id=str(payload["transactionId"])
        )

    def sample(self, payload: dict[str, Any], now: datetime) -> dict[str, Any]:
        session = self.session(payload)
        for value in payload["meterValue"]:
            row = {s["measurand"]: float(s["value"]) for s in value["sampledValue"]}
            MeterValue.objects.create(
                id=next_id("stations_metervalue"),
                operator_id=self.station.operator_id,
                station_id=self.station.pk,
                connector_id=self.connector.pk,
                session_id=session.pk,
                occurred_at=value["timestamp"],
                received_at=now,
                energy_wh=int(row["Energy.Active.Import.Register"]),
                power_w=int(row["Power.Active.Import"]),
                current_a=row["Current.Import"],
                voltage_v=row["Voltage"],
            )
        return {}


application = URLRouter(
    [re_path(r"^ocpp/(?P<identity>[^/]+)$", NaiveConsumer.as_asgi())]  # type: ignore[arg-type,list-item]
)
