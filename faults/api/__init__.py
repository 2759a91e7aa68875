"""Faults and tickets over REST."""

import hashlib
from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import decorators, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chargenet.core import access, clock, reading
from faults import tickets
from faults.models import Fault, Ticket, TicketNote

LONGEST_KEY = 36


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


class NoteSerializer(serializers.Serializer[Any]):
    """One line of a ticket's story: what somebody wrote, or what changed."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    author_id = serializers.IntegerField(allow_null=True)
    author = serializers.CharField(allow_null=True)
    text = serializers.CharField()
    detail = serializers.JSONField()
    at = serializers.DateTimeField()


class CommentSerializer(serializers.Serializer[Any]):
    """What a program may write; a colleague named with @ is told."""

    text = serializers.CharField(max_length=4000)


@extend_schema(tags=["faults"])
class FaultViewSet(reading.ScopedReadViewSet):
    rows = Fault.objects.order_by("-id")
    serializer_class = FaultSerializer


@extend_schema(tags=["faults"])
class TicketViewSet(reading.ScopedReadViewSet):
    rows = Ticket.objects.order_by("-id")
    serializer_class = TicketSerializer

    @extend_schema(responses=NoteSerializer(many=True))
    @decorators.action(detail=True, pagination_class=reading.NewestFirst)
    def notes(self, request: Request, pk: str = "") -> Response:
        """Return a ticket's story, the newest line first."""
        ticket = access.get_or_404(Ticket.objects.all(), request.user, pk=pk)
        rows = TicketNote.objects.visible_to(request.user).filter(ticket=ticket)
        page = self.paginate_queryset(rows.select_related("author").order_by("-id"))
        return self.get_paginated_response(NoteSerializer(page, many=True).data)

    @extend_schema(
        request=CommentSerializer,
        responses={201: NoteSerializer, 200: NoteSerializer},
        parameters=[reading.key_parameter("comment", most=LONGEST_KEY)],
    )
    @notes.mapping.post
    def comment(self, request: Request, pk: str = "") -> Response:
        """Write a comment: 201, or 200 where the same one is there already."""
        asked = CommentSerializer(data=request.data)
        ticket = _commented(request, pk)
        asked.is_valid(raise_exception=True)
        key = _note_key(request)
        before = TicketNote.objects.filter(ticket=ticket)
        is_new = not key or not before.filter(idempotency_key=key).exists()
        note = tickets.add_note(
            ticket_id=ticket.pk,
            actor_id=request.user.pk or 0,
            text=asked.validated_data["text"],
            idempotency_key=key,
            as_of=clock.now(),
        )
        status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
        return Response(NoteSerializer(note).data, status)


def _commented(request: Request, pk: str) -> Ticket:
    ticket = access.get_or_404(Ticket.objects.all(), request.user, pk=pk)
    access.require_role_at(
        request.user,
        access.TECHNICAL_ROLES,
        operator_id=ticket.operator_id,
        location_id=ticket.location_id,
    )
    return ticket


def _note_key(request: Request) -> str:
    """Return the key of a comment; two people may choose the same words for theirs."""
    key = reading.idempotency_key(request, most=LONGEST_KEY)
    theirs = f"{request.user.pk}:{key}".encode()
    return f"api:{hashlib.sha256(theirs).hexdigest()[:LONGEST_KEY]}" if key else ""
