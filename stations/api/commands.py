"""Commands over REST: the same verb as the dashboard's, one command a key."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.db import models
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chargenet.core import access, clock, reading
from chargenet.core.models import User
from stations import commands, message_log, orders
from stations.models import Command, Station

UNFIT, REUSED = "unfit", "key_reused"


class CommandSerializer(serializers.Serializer[Any]):
    """One command as it stands; secrets are masked, a token is shown to who may see it."""

    id = serializers.IntegerField()
    station_id = serializers.IntegerField()
    action = serializers.CharField()
    payload = serializers.SerializerMethodField()
    state = serializers.CharField()
    answer = serializers.SerializerMethodField()
    error = serializers.CharField()
    requested_by_id = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField()

    def get_payload(self, row: Command) -> dict[str, Any]:
        return message_log.masked(row.payload, shows_tokens=self._shows_tokens(row))

    def get_answer(self, row: Command) -> dict[str, Any] | None:
        return message_log.masked(row.answer, shows_tokens=self._shows_tokens(row))

    def _shows_tokens(self, row: Command) -> bool:
        user = self.context["request"].user
        return message_log.shows_tokens(user, operator_id=row.operator_id)


class OrderSerializer(serializers.Serializer[Any]):
    """What a program may ask for."""

    station_id = serializers.IntegerField(min_value=1, max_value=2**62)
    action = serializers.RegexField(r"^[A-Za-z][A-Za-z0-9_]{1,39}$")
    payload = serializers.DictField(default=dict)
    expires_in_s = serializers.IntegerField(
        min_value=5, max_value=86_400, default=int(orders.LIFETIME.total_seconds())
    )


class Conflict(exceptions.APIException):
    """The idempotency key was sent before, with something else."""

    status_code = HTTPStatus.CONFLICT
    default_detail = "This Idempotency-Key stands for another command."
    default_code = REUSED


@extend_schema(tags=["commands"])
class CommandViewSet(reading.ScopedReadViewSet):
    rows = Command.objects.order_by("-id")
    serializer_class = CommandSerializer

    def get_queryset(self) -> models.QuerySet[Any]:
        """Return the commands of the asking person, narrowed by station and state."""
        rows = super().get_queryset()
        station, state = (self.request.query_params.get(name) for name in ("station", "state"))
        if station is not None:
            rows = rows.filter(station_id=_whole_number(station))
        return rows.filter(state=state) if state else rows

    @extend_schema(
        parameters=[
            OpenApiParameter("station", int, description="commands of one station"),
            OpenApiParameter("state", str, description="commands in one state"),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return commands, the newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        request=OrderSerializer,
        responses={201: CommandSerializer, 200: CommandSerializer},
        parameters=[reading.key_parameter("command", most=orders.LONGEST_KEY)],
    )
    def create(self, request: Request) -> Response:
        """Queue a command: 201, or 200 where the same one is there already."""
        asked = OrderSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row, is_new = _order(request, asked.validated_data)
        shown = CommandSerializer(row, context={"request": request})
        return Response(shown.data, HTTPStatus.CREATED if is_new else HTTPStatus.OK)


def _order(request: Request, asked: dict[str, Any]) -> tuple[Command, bool]:
    user = request.user
    assert isinstance(user, User), "the door lets nobody in who is not signed in"
    station = access.get_or_404(Station.objects.all(), user, pk=asked["station_id"])
    access.require_role_at(
        user,
        access.COMMAND_ROLES,
        operator_id=station.operator_id,
        location_id=station.location_id,
    )
    key = reading.idempotency_key(request, most=orders.LONGEST_KEY)
    try:
        return orders.order_command(
            station=station,
            action=asked["action"],
            payload=asked["payload"],
            requested_by=user,
            as_of=clock.now(),
            lifetime=timedelta(seconds=asked["expires_in_s"]),
            idempotency_key=key,
        )
    except commands.CommandUnfit as error:
        raise exceptions.ValidationError({"payload": list(error.args)}, UNFIT) from error
    except orders.KeyUsedOtherwise as error:
        raise Conflict from error
    except orders.TooManyCommands as error:
        raise exceptions.Throttled(error.retry_after_s) from error


def _whole_number(text: str) -> int:
    """Return the id a query names; what is none finds nothing."""
    return int(text) if text.isdecimal() and len(text) < reading.MAX_DIGITS else -1
