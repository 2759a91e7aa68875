"""Faults and tickets over REST."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from chargenet.core import reading
from faults.models import Fault, Ticket


class FaultSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    code = serializers.CharField()
    scope = serializers.CharField()
    severity = serializers.IntegerField()
    state = serializers.CharField()
    station_id = serializers.IntegerField(allow_null=True)
    connector_id = serializers.IntegerField(allow_null=True)
    cable_id = serializers.IntegerField(allow_null=True)
    began_at = serializers.DateTimeField()
    opened_at = serializers.DateTimeField(allow_null=True)
    cleared_at = serializers.DateTimeField(allow_null=True)
    ticket_id = serializers.IntegerField(allow_null=True)
    evidence = serializers.JSONField()


class TicketSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    code = serializers.CharField()
    severity = serializers.IntegerField()
    state = serializers.CharField()
    station_id = serializers.IntegerField(allow_null=True)
    connector_id = serializers.IntegerField(allow_null=True)
    cable_id = serializers.IntegerField(allow_null=True)
    opened_at = serializers.DateTimeField()
    acknowledge_by = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    restore_by = serializers.DateTimeField(allow_null=True)
    wait_for = serializers.CharField()
    expected_on = serializers.DateField(allow_null=True)
    closing = serializers.CharField()
    component = serializers.CharField()
    cause = serializers.CharField()
    action = serializers.CharField()
    exclusion_class = serializers.CharField()
    proof = serializers.CharField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


@extend_schema(tags=["faults"])
class FaultViewSet(reading.ScopedReadViewSet):
    rows = Fault.objects.order_by("-id")
    serializer_class = FaultSerializer


@extend_schema(tags=["faults"])
class TicketViewSet(reading.ScopedReadViewSet):
    rows = Ticket.objects.order_by("-id")
    serializer_class = TicketSerializer
