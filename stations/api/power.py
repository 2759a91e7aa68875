"""Shared limits and reservations over REST."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chargenet.core import access, audit, clock, reading
from chargenet.core.models import User
from stations import reservations
from stations.models import Connector, LoadGroup, Reservation, Station, Token

MOST_ID = 2**62


class ShareSerializer(serializers.Serializer[Any]):
    connector_id = serializers.IntegerField()
    session_id = serializers.IntegerField(allow_null=True)
    state = serializers.CharField()
    target_a = serializers.IntegerField()
    confirmed_a = serializers.IntegerField(allow_null=True)
    waits_since = serializers.DateTimeField(allow_null=True)


class MemberSerializer(serializers.Serializer[Any]):
    station_id = serializers.IntegerField()
    phases = serializers.CharField()
    is_dc = serializers.BooleanField()
    default_a = serializers.IntegerField(allow_null=True)
    shares = ShareSerializer(many=True)


class LoadGroupSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    location_id = serializers.IntegerField()
    name = serializers.CharField()
    limit_a = serializers.IntegerField()
    safe_current_a = serializers.IntegerField()
    rotation_s = serializers.IntegerField()
    ceiling_l1_a = serializers.IntegerField()
    ceiling_l2_a = serializers.IntegerField()
    ceiling_l3_a = serializers.IntegerField()
    reconciled_at = serializers.DateTimeField(allow_null=True)
    members = MemberSerializer(many=True)


@extend_schema(tags=["power"])
class LoadGroupViewSet(reading.ScopedReadViewSet):
    rows = (
        LoadGroup.objects.filter(is_active=True)
        .prefetch_related("members__shares")
        .order_by("-id")
    )
    serializer_class = LoadGroupSerializer


class ReservationSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    station_id = serializers.IntegerField()
    connector_id = serializers.IntegerField(allow_null=True)
    token_id = serializers.IntegerField()
    state = serializers.CharField()
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    session_id = serializers.IntegerField(allow_null=True)


class WishSerializer(serializers.Serializer[Any]):
    """What a program may reserve."""

    station_id = serializers.IntegerField(min_value=1, max_value=MOST_ID)
    connector_id = serializers.IntegerField(min_value=1, max_value=MOST_ID, required=False)
    token_id = serializers.IntegerField(min_value=1, max_value=MOST_ID)
    minutes = serializers.IntegerField(min_value=1, max_value=24 * 60)


@extend_schema(tags=["reservations"])
class ReservationViewSet(reading.ScopedReadViewSet):
    rows = Reservation.objects.order_by("-id")
    serializer_class = ReservationSerializer

    @extend_schema(request=WishSerializer, responses={201: ReservationSerializer})
    def create(self, request: Request) -> Response:
        """Ask a station to keep a connector for a token."""
        asked = WishSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            made = _reserve(request, asked.validated_data)
        except reservations.ReservationRefused as refusal:
            raise exceptions.ValidationError({"detail": str(refusal)}) from refusal
        return Response(ReservationSerializer(made).data, HTTPStatus.CREATED)

    @extend_schema(responses={200: ReservationSerializer})
    def destroy(self, request: Request, pk: str) -> Response:
        """Ask a station to give a reserved connector free."""
        rows = Reservation.objects.select_related("station")
        found = access.get_or_404(rows, _user(request), pk=pk)
        user = _commander(request, found.station)
        reservations.cancel(reservation=found, requested_by=user, as_of=clock.now())
        _note(user, found, "reservation.cancel")
        found.refresh_from_db()
        return Response(ReservationSerializer(found).data)


def _reserve(request: Request, asked: dict[str, Any]) -> Reservation:
    user = _user(request)
    station = access.get_or_404(Station.objects.all(), user, pk=asked["station_id"])
    _commander(request, station)
    token = access.get_or_404(Token.objects.all(), user, pk=asked["token_id"])
    connector = None
    if "connector_id" in asked:
        rows = Connector.objects.select_related("evse").filter(station=station)
        connector = access.get_or_404(rows, user, pk=asked["connector_id"])
    as_of = clock.now()
    made = reservations.reserve(
        station=station,
        connector=connector,
        token=token,
        expires_at=as_of + timedelta(minutes=asked["minutes"]),
        requested_by=user,
        as_of=as_of,
    )
    _note(user, made, "reservation.create")
    return made


def _user(request: Request) -> User:
    user = request.user
    assert isinstance(user, User), "the door lets nobody in who is not signed in"
    return user


def _commander(request: Request, station: Station) -> User:
    user = _user(request)
    access.require_role_at(
        user,
        access.COMMAND_ROLES,
        operator_id=station.operator_id,
        location_id=station.location_id,
    )
    return user


def _note(user: User, made: Reservation, action: str) -> None:
    audit.record(
        operator_id=made.operator_id,
        user_id=user.pk,
        action=action,
        object_type="reservation",
        object_id=made.pk,
        as_of=clock.now(),
    )
