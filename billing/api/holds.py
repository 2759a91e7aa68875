"""Held sessions over REST: the queue, and the three deeds, each once."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import decorators, exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing import holds
from billing.api import CdrSerializer
from billing.holds import Correction
from billing.models import Cdr, RatingHold, SessionRuling
from chargenet.core import access, clock, reading
from chargenet.core.models import User

Deed = SessionRuling.Deed


class HoldSerializer(serializers.Serializer[Any]):
    """One held session: why, since when, and what it would come to if it were released."""

    session_id = serializers.IntegerField()
    reason = serializers.CharField()
    detail = serializers.CharField()
    findings = serializers.JSONField()
    held_at = serializers.DateTimeField()
    at_risk = serializers.DecimalField(
        14, 2, source="at_risk.amount", allow_null=True, default=None
    )
    currency = serializers.CharField(allow_null=True)


class DeedSerializer(serializers.Serializer[Any]):
    """Why it is done."""

    reason = serializers.CharField(max_length=holds.LONGEST_REASON)


class CorrectionSerializer(DeedSerializer):
    """What is billed in place of what was told."""

    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()
    energy_wh = serializers.IntegerField(min_value=0, max_value=10**9)


class Conflict(exceptions.APIException):
    """Another deed was done of this session meanwhile."""

    status_code = HTTPStatus.CONFLICT
    default_detail = "Somebody decided of this session already."
    default_code = "decided"


@extend_schema(tags=["billing"])
class HoldViewSet(reading.ScopedReadViewSet):
    rows = RatingHold.objects.filter(session__cdr__isnull=True).order_by("-id")
    serializer_class = HoldSerializer
    lookup_field = "session_id"

    def get_queryset(self) -> QuerySet[Any]:
        """Return the held sessions of the asking person that the address asks for."""
        rows = super().get_queryset()
        if reason := self.request.query_params.get("reason", "").replace("\0", ""):
            rows = rows.filter(reason=reason)
        return rows

    @extend_schema(parameters=[OpenApiParameter("reason", str, description="why it is held")])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(request=DeedSerializer, responses={200: CdrSerializer, 202: HoldSerializer})
    @decorators.action(detail=True, methods=["post"])
    def release(self, request: Request, session_id: str = "") -> Response:
        """Bill it as it is: the Cdr, or 202 where no price list prices it yet."""
        return _do(request, session_id, Deed.RELEASE, DeedSerializer(data=request.data))

    @extend_schema(request=CorrectionSerializer, responses={200: CdrSerializer})
    @decorators.action(detail=True, methods=["post"])
    def correct(self, request: Request, session_id: str = "") -> Response:
        """Bill other times or another energy; what was told stays as it is."""
        return _do(request, session_id, Deed.CORRECT, CorrectionSerializer(data=request.data))

    @extend_schema(request=DeedSerializer, responses={200: CdrSerializer})
    @decorators.action(detail=True, methods=["post"])
    def waive(self, request: Request, session_id: str = "") -> Response:
        """Bill nothing: a Cdr of 0."""
        return _do(request, session_id, Deed.WAIVE, DeedSerializer(data=request.data))


def _do(request: Request, session_id: str, deed: SessionRuling.Deed, asked: Any) -> Response:
    user = request.user
    assert isinstance(user, User), "the door lets nobody in who is not signed in"
    if (done := _done_before(user, session_id, deed)) is not None:
        return Response(CdrSerializer(done).data)
    waiting = RatingHold.objects.filter(session__cdr__isnull=True)
    hold = access.get_or_404(waiting, user, session_id=session_id)
    access.require_role_at(
        user, access.MONEY_ROLES, operator_id=hold.operator_id, location_id=None
    )
    asked.is_valid(raise_exception=True)
    cdr = _rule(hold, deed, asked.validated_data, user)
    if cdr is not None:
        return Response(CdrSerializer(cdr).data)
    hold.refresh_from_db()
    return Response(HoldSerializer(hold).data, HTTPStatus.ACCEPTED)


def _done_before(user: User, session_id: str, deed: SessionRuling.Deed) -> Cdr | None:
    """Return the Cdr the same deed made before; raises Conflict where it was another deed."""
    if not session_id.isdecimal() or len(session_id) > reading.MAX_DIGITS - 1:
        return None
    roles = access.operator_ids(user, access.MONEY_ROLES)
    rulings = SessionRuling.objects.filter(session_id=session_id, operator_id__in=roles)
    last = rulings.order_by("-turn").first()
    cdr = Cdr.objects.filter(session_id=session_id, operator_id__in=roles).first()
    if last is None or cdr is None:
        return None
    if last.deed != deed:
        raise Conflict
    return cdr


def _rule(
    hold: RatingHold, deed: SessionRuling.Deed, asked: dict[str, Any], user: User
) -> Cdr | None:
    said = {
        "session_id": hold.session_id,
        "turn": holds.turn_of(hold.session_id),
        "reason": asked["reason"],
        "actor": user,
        "as_of": clock.now(),
    }
    try:
        if deed == Deed.CORRECT:
            names = ("started_at", "ended_at", "energy_wh")
            correction = Correction(**{name: asked[name] for name in names})
            return holds.correct(correction=correction, **said)
        return holds.waive(**said) if deed == Deed.WAIVE else holds.release(**said)
    except (holds.HoldGone, holds.RulingStale) as error:
        raise Conflict from error
    except (holds.CorrectionUnfit, holds.ReasonMissing) as error:
        raise exceptions.ValidationError({"non_field_errors": [str(error) or "reason"]}) from error
