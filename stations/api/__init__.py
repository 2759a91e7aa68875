"""Stations, connectors and sessions over REST; the OCPP identity is never shown."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from chargenet.core import reading
from stations.models import Connector, Location, Session, Station


class LocationSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    street = serializers.CharField()
    postal_code = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    latitude = serializers.DecimalField(max_digits=9, decimal_places=6, allow_null=True)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6, allow_null=True)
    timezone = serializers.CharField()


class ConnectorSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    station_id = serializers.IntegerField()
    evse_number = serializers.IntegerField(source="evse.number")
    number = serializers.IntegerField()
    public_code = serializers.CharField()
    kind = serializers.CharField()
    standard = serializers.CharField()
    max_power_w = serializers.IntegerField(allow_null=True)
    status = serializers.CharField()
    error_code = serializers.CharField()
    status_occurred_at = serializers.DateTimeField(allow_null=True)
    last_register_wh = serializers.IntegerField(allow_null=True)


class StationSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    location_id = serializers.IntegerField()
    name = serializers.CharField()
    vendor = serializers.CharField()
    model = serializers.CharField()
    firmware_version = serializers.CharField()
    ocpp_version = serializers.CharField()
    is_online = serializers.BooleanField()
    last_seen_at = serializers.DateTimeField(allow_null=True)
    connectors = ConnectorSerializer(many=True)


class SessionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    station_id = serializers.IntegerField()
    connector_id = serializers.IntegerField()
    cable_id = serializers.IntegerField(allow_null=True)
    state = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    energy_wh = serializers.IntegerField(allow_null=True)
    parking_s = serializers.IntegerField()
    stop_reason = serializers.CharField()
    needs_review = serializers.BooleanField()
    flags = serializers.ListField(child=serializers.CharField())


@extend_schema(tags=["stations"])
class LocationViewSet(reading.ScopedReadViewSet):
    rows = Location.objects.order_by("-id")
    serializer_class = LocationSerializer


@extend_schema(tags=["stations"])
class StationViewSet(reading.ScopedReadViewSet):
    rows = Station.objects.prefetch_related("connectors__evse").order_by("-id")
    serializer_class = StationSerializer


@extend_schema(tags=["stations"])
class ConnectorViewSet(reading.ScopedReadViewSet):
    rows = Connector.objects.select_related("evse").order_by("-id")
    serializer_class = ConnectorSerializer


@extend_schema(tags=["sessions"])
class SessionViewSet(reading.ScopedReadViewSet):
    rows = Session.objects.order_by("-id")
    serializer_class = SessionSerializer
