"""Cdrs and invoices over REST."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from billing.models import Cdr, Invoice, InvoiceLine
from billing.queries import pages
from chargenet.core import reading


class CdrSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    session_id = serializers.IntegerField()
    station_id = serializers.IntegerField()
    connector_id = serializers.IntegerField()
    cable_id = serializers.IntegerField(allow_null=True)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()
    energy_wh = serializers.IntegerField()
    currency = serializers.CharField()
    total_excl_vat = serializers.DecimalField(14, 2, source="total_excl_vat.amount")
    vat_amount = serializers.DecimalField(14, 2, source="vat_amount.amount")
    total_incl_vat = serializers.DecimalField(14, 2, source="total_incl_vat.amount")
    tariff_id = serializers.IntegerField(allow_null=True)
    chosen = serializers.JSONField(help_text="Which rule gave the tariff, and the row's id.")
    given = serializers.JSONField(help_text="What was handed in beside session and tariff.")
    lines = serializers.JSONField(help_text="Exact, each with its period, price and rules.")


class InvoiceLineSerializer(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    session_id = serializers.IntegerField(allow_null=True)
    description = serializers.CharField()
    cost_centre = serializers.CharField()
    quantity = serializers.DecimalField(14, 6)
    unit = serializers.CharField()
    vat_rate = serializers.DecimalField(6, 3)
    amount_excl_vat = serializers.DecimalField(14, 2, source="amount_excl_vat.amount")
    vat_amount = serializers.DecimalField(14, 2, source="vat_amount.amount")
    amount_incl_vat = serializers.DecimalField(14, 2, source="amount_incl_vat.amount")
    cdr_id = serializers.IntegerField(allow_null=True)
    priced = serializers.SerializerMethodField()

    def get_priced(self, line: InvoiceLine) -> list[dict[str, Any]]:
        """Return what priced it, exact: each with its period, price and rules, as its Cdr says."""
        taken = line.corrects
        cdr = line.cdr if taken is None else taken.cdr
        return [] if cdr is None else pages.priced_lines(line, cdr)


class InvoiceSerializer(serializers.Serializer[Any]):
    public_id = serializers.UUIDField()
    number = serializers.CharField(source="label")
    customer_id = serializers.IntegerField()
    issue_date = serializers.DateField()
    due_date = serializers.DateField()
    period_start = serializers.DateField()
    period_end = serializers.DateField()
    currency = serializers.CharField()
    total_excl_vat = serializers.DecimalField(14, 2, source="total_excl_vat.amount")
    vat_amount = serializers.DecimalField(14, 2, source="vat_amount.amount")
    total_incl_vat = serializers.DecimalField(14, 2, source="total_incl_vat.amount")


class InvoiceWithLinesSerializer(InvoiceSerializer):
    vat_breakdown = serializers.JSONField()
    lines = InvoiceLineSerializer(many=True)


@extend_schema(tags=["billing"])
class CdrViewSet(reading.ScopedReadViewSet):
    rows = Cdr.objects.order_by("-id")
    serializer_class = CdrSerializer


@extend_schema(tags=["billing"])
class InvoiceViewSet(reading.ScopedReadViewSet):
    rows = Invoice.objects.order_by("-id")
    serializer_class = InvoiceSerializer
    lookup_field = "public_id"

    def get_queryset(self) -> QuerySet[Invoice]:
        rows: QuerySet[Invoice] = super().get_queryset()
        if not self.detail:
            return rows
        lines = InvoiceLine.objects.select_related("cdr", "corrects__cdr").order_by("position")
        return rows.prefetch_related(Prefetch("lines", lines))

    def get_serializer_class(self) -> type[serializers.Serializer[Any]]:
        # a collective invoice has thousands of lines: only its own page carries them
        return InvoiceWithLinesSerializer if self.detail else InvoiceSerializer
