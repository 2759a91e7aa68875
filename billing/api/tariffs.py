"""Price lists over REST: every version, and what a session would cost by it."""

from datetime import UTC
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from billing.models import Tariff
from billing.tariffs import own_document, reading, trial
from billing.tariffs.native import writing
from billing.tariffs.trial import Wish
from chargenet.core import reading as rest


class TariffSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    code = serializers.CharField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    currency = serializers.CharField()
    created_at = serializers.DateTimeField()


class TariffWithDocumentSerializer(TariffSerializer):
    ocpi = serializers.JSONField()


class WishSerializer(serializers.Serializer[Any]):
    """A session to reckon: kWh at a steady power, then minutes of standing."""

    energy_kwh = serializers.DecimalField(9, 3, min_value=Decimal("0.001"), max_value=500)
    power_kw = serializers.DecimalField(9, 3, min_value=Decimal("0.1"), max_value=1000)
    idle_minutes = serializers.IntegerField(min_value=0, max_value=24 * 60, default=0)
    started_at = serializers.DateTimeField()


@extend_schema(tags=["billing"])
class TariffViewSet(rest.ScopedReadViewSet):
    rows = Tariff.objects.order_by("-id")
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
        text = (
            Tariff.objects.filter(pk=tariff.pk)
            .annotate(text=Cast("ocpi", TextField()))
            .values_list("text", flat=True)
            .get()
        )
        wish = Wish(
            started_at=wanted["started_at"].astimezone(UTC),
            zone=_zone(),
            energy_wh=max(1, int(wanted["energy_kwh"] * 1000)),
            power_w=int(wanted["power_kw"] * 1000),
            idle_s=wanted["idle_minutes"] * 60,
        )
        try:
            priced = trial.price_wish(wish, own_document.read_text(text)[1])
        except reading.Refused as error:
            raise exceptions.ValidationError({"detail": str(error)}) from error
        return Response(writing.priced_session(priced))


def _zone() -> ZoneInfo:
    zone = timezone.get_default_timezone()
    assert isinstance(zone, ZoneInfo), "the setting names a zone"
    return zone
