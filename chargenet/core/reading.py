"""The read-only half of the REST API: scoped rows, named fields, cursor pages."""

from typing import Any, ClassVar

from django.db import models
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, pagination, viewsets
from rest_framework.request import Request

from chargenet.core import access

MAX_DIGITS = 19
KEY_HEADER = "Idempotency-Key"


def idempotency_key(request: Request, *, most: int) -> str:
    """Return the key a request came with, empty without one; raises ValidationError."""
    key = request.headers.get(KEY_HEADER, "").strip()
    if len(key) > most or not key.isprintable():
        raise exceptions.ValidationError({KEY_HEADER: [f"Up to {most} printable characters."]})
    return key


def key_parameter(thing: str, *, most: int) -> OpenApiParameter:
    """Return how the key of a request is documented."""
    text = f"the same key is the same {thing}; up to {most} characters"
    return OpenApiParameter(KEY_HEADER, str, OpenApiParameter.HEADER, description=text)


class NewestFirst(pagination.CursorPagination):
    """Pages by cursor, newest rows first."""

    ordering = "-id"
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"

    def decode_cursor(self, request: Request) -> Any:
        """Read where a page begins; what was never a cursor of ours raises NotFound."""
        cursor = super().decode_cursor(request)
        position = "0" if cursor is None or cursor.position is None else str(cursor.position)
        if not (position.isdecimal() and len(position) < MAX_DIGITS):
            raise exceptions.NotFound(self.invalid_cursor_message)
        return cursor


class ScopedReadViewSet(viewsets.ReadOnlyModelViewSet[Any]):
    """Lists and shows the rows a person may see; to an outsider a row does not exist."""

    pagination_class = NewestFirst
    rows: ClassVar[models.QuerySet[Any]]
    request: Request

    def get_queryset(self) -> models.QuerySet[Any]:
        """Return the rows of the asking person."""
        rows = self.rows.all()
        assert isinstance(rows, access.TenantQuerySet), "the API shows tenant rows only"
        user = self.request.user
        return rows.visible_to(user)
