"""The read-only half of the REST API: scoped rows, named fields, cursor pages."""

from typing import Any, ClassVar

from django.db import models
from rest_framework import pagination, viewsets
from rest_framework.request import Request

from chargenet.core import access


class NewestFirst(pagination.CursorPagination):
    """Pages by cursor, newest rows first."""

    ordering = "-id"
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"


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
