"""The journal over REST."""

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from chargenet.core import reading
from revenue.models import JournalEntry


class PostingSerializer(serializers.Serializer[Any]):
    account = serializers.CharField(source="account.code")
    purpose = serializers.CharField(source="account.purpose")
    amount = serializers.DecimalField(14, 2)
    currency = serializers.CharField()
    station_id = serializers.IntegerField(allow_null=True)
    connector_id = serializers.IntegerField(allow_null=True)
    cable_id = serializers.IntegerField(allow_null=True)


class JournalEntrySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    cause = serializers.CharField(source="source")
    date = serializers.DateField()
    text = serializers.CharField()


class JournalEntryWithPostingsSerializer(JournalEntrySerializer):
    postings = PostingSerializer(many=True)


@extend_schema(tags=["revenue"])
class JournalEntryViewSet(reading.ScopedReadViewSet):
    rows = JournalEntry.objects.order_by("-id")
    serializer_class = JournalEntrySerializer

    def get_queryset(self) -> models.QuerySet[JournalEntry]:
        found = super().get_queryset()
        return found.prefetch_related("postings__account") if self.detail else found

    def get_serializer_class(self) -> type[serializers.Serializer[Any]]:
        # the entry of a collective invoice has thousands of postings: only its own page has them
        return JournalEntryWithPostingsSerializer if self.detail else JournalEntrySerializer
