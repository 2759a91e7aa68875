"""Price lists over REST: every version, and what a session would cost by it."""

from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

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


class WishSerializer(serializers.Serializer[Any]):
    """A session to reckon: kWh at a steady power, then minutes of standing."""

    energy_kwh = serializers.DecimalField(9, 3, min_value=Decimal("0.001"), max_value=500)
    power_kw = serializers.DecimalField(9, 3, min_value=Decimal("0.1"), max_value=1000)
    idle_minutes = serializers.IntegerField(min_value=0, max_value=24 * 60, default=0)
    started_at = serializers.DateTimeField()


@extend_schema(tags=["billing"])
class TariffViewSet(rest.ScopedReadViewSet):
    rows = Tariff.objects.select_related("operator").order_by("-id")
    serializer_class = TariffSerializer

    def get_serializer_class(self) -> type[serializers.Serializer[Any]]:
        return TariffWithDocumentSerializer if self.detail else TariffSerializer

    @extend_schema(request=WishSerializer, responses={200: dict[str, Any]})
    @action(detail=True, methods=["post"])
    def simulate(self, request: Request, **_: str) -> Response:
        """Price a session nobody had yet; each line says the rules that made it."""
        asked = WishSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        tariff = self.get_object()
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
