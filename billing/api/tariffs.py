"""Price lists over REST: every version, and what a session would cost by it."""

from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from billing.models import Tariff
from billing.queries import lists
from billing.queries.lists import PriceLists
from billing.queries.markets import Market, spot_between
from billing.tariffs import reading, trial
from billing.tariffs.bill import PricedSession
from billing.tariffs.native import writing
from billing.tariffs.trial import Wish
from chargenet.core import reading as rest


class TariffSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    code = serializers.CharField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    currency = serializers.CharField()
    spot_area = serializers.CharField()
    created_at = serializers.DateTimeField()


class TariffWithDocumentSerializer(TariffSerializer):
    """A version with what it says: OCPI's part, ours beside it, and both as exact JSON text."""

    ocpi = serializers.JSONField()
    native = serializers.JSONField()
    text = serializers.SerializerMethodField()

    def get_text(self, tariff: Tariff) -> str:
        return lists.price_lists([tariff.pk]).texts[tariff.pk]


class TariffHoldSerializer(serializers.Serializer[Any]):
    """Where and for whom a version holds, since when and until when; null narrows nothing."""

    location_id = serializers.IntegerField(allow_null=True)
    station_id = serializers.IntegerField(allow_null=True)
    connector_id = serializers.IntegerField(allow_null=True)
    group_id = serializers.IntegerField(allow_null=True)
    partner_id = serializers.IntegerField(allow_null=True)
    from_power_w = serializers.IntegerField(allow_null=True)
    below_power_w = serializers.IntegerField(allow_null=True)
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField(allow_null=True)


class TariffVersionSerializer(TariffSerializer):
    holds = TariffHoldSerializer(many=True, source="assignments")


class TariffCostSerializer(serializers.Serializer[Any]):
    excl_vat = serializers.CharField(allow_null=True)
    incl_vat = serializers.CharField(allow_null=True)


class TariffPricedSerializer(serializers.Serializer[Any]):
    """What a session costs, exact, as decimal text; hours and kWh likewise."""

    currency = serializers.CharField()
    total_cost = TariffCostSerializer()
    total_fixed_cost = TariffCostSerializer()
    total_energy_cost = TariffCostSerializer()
    total_time_cost = TariffCostSerializer()
    total_parking_cost = TariffCostSerializer()
    total_reservation_cost = TariffCostSerializer()
    total_energy = serializers.CharField()
    total_time = serializers.CharField()
    total_parking_time = serializers.CharField()
    lines = serializers.ListField(child=serializers.DictField())
    warnings = serializers.ListField(child=serializers.CharField())


class TariffWishSerializer(serializers.Serializer[Any]):
    """A session to reckon: kWh at a steady power, then minutes of standing."""

    energy_kwh = serializers.DecimalField(9, 3, min_value=Decimal("0.001"), max_value=500)
    power_kw = serializers.DecimalField(9, 3, min_value=Decimal("0.1"), max_value=1000)
    idle_minutes = serializers.IntegerField(min_value=0, max_value=24 * 60, default=0)
    started_at = serializers.DateTimeField()


@extend_schema(tags=["billing"])
class TariffViewSet(rest.ScopedReadViewSet):
    rows = Tariff.objects.select_related("operator").order_by("-id")
    serializer_class = TariffSerializer

    def get_queryset(self) -> QuerySet[Tariff]:
        """Return every version; ?code= keeps those of one list."""
        code = self.request.query_params.get("code", "").replace("\0", "")
        rows: QuerySet[Tariff] = super().get_queryset()
        return rows.filter(code=code) if code and not self.detail else rows

    def get_serializer_class(self) -> type[serializers.Serializer[Any]]:
        return TariffWithDocumentSerializer if self.detail else TariffSerializer

    @extend_schema(responses=TariffVersionSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def versions(self, _request: Request, **_: str) -> Response:
        """List every version of the same price list, newest first, with where it holds."""
        tariff = self.get_object()
        rows = Tariff.objects.filter(operator_id=tariff.operator_id, code=tariff.code)
        known = rows.prefetch_related("assignments").order_by("-version")
        return Response(TariffVersionSerializer(known, many=True).data)

    @extend_schema(request=TariffWishSerializer, responses=TariffPricedSerializer)
    @action(detail=True, methods=["post"])
    def simulate(self, request: Request, **_: str) -> Response:
        """Price a session nobody had yet; each line says the rules that made it."""
        tariff = self.get_object()
        asked = TariffWishSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        found = lists.price_lists([tariff.pk])
        wish = Wish(
            started_at=wanted["started_at"].astimezone(UTC),
            zone=ZoneInfo(tariff.operator.timezone),
            energy_wh=max(1, int(wanted["energy_kwh"] * 1000)),
            power_w=int(wanted["power_kw"] * 1000),
            idle_s=wanted["idle_minutes"] * 60,
        )
        try:
            priced = _priced(tariff, found, wish)
        except reading.Refused as error:
            raise exceptions.ValidationError({"detail": str(error)}) from error
        return Response(writing.priced_session(priced))


def _priced(tariff: Tariff, found: PriceLists, wish: Wish) -> PricedSession:
    """Price a wish by a version with the exchange's prices of its area; raises Refused."""
    if tariff.pk in found.unreadable:
        raise reading.Refused(
            "$", found.unreadable[tariff.pk], "Publish a version that is readable."
        )
    market = Market(tariff.operator_id, tariff.spot_area, tariff.currency)
    ended_at = wish.started_at + timedelta(seconds=wish.charging_s)
    spot = spot_between(market, wish.started_at, ended_at)
    return trial.price_wish(wish, found.readable[tariff.pk], spot)
