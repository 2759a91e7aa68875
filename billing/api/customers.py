"""Customers over REST: who pays, what is written of them, and their cards."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import decorators, exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing import customers
from billing.api.holds import Conflict
from billing.models import Contract, CostCentre, Customer
from chargenet.core import access, clock, reading
from chargenet.core.models import Operator, User

WRITTEN = (*customers.TEXTS, "kind", "language")


class CustomerSerializer(serializers.Serializer[Any]):
    """Who pays; `mark` is what a change has to bring back, so that nobody's is lost."""

    id = serializers.IntegerField()
    reference = serializers.CharField()
    kind = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    invoice_email = serializers.CharField()
    org_number = serializers.CharField()
    vat_number = serializers.CharField()
    street = serializers.CharField()
    postal_code = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    language = serializers.CharField()
    group = serializers.IntegerField(source="group_id", allow_null=True)
    peppol_scheme = serializers.CharField()
    peppol_id = serializers.CharField()
    buyer_reference = serializers.CharField()
    order_number = serializers.CharField()
    payment_terms_days = serializers.IntegerField(allow_null=True)
    is_taxable_dealer = serializers.BooleanField()
    mark = serializers.SerializerMethodField()

    def get_mark(self, customer: Customer) -> str:
        return customers.mark_of(customer)


class CostCentreSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    is_active = serializers.BooleanField()


class ContractSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    token_id = serializers.IntegerField()
    cost_centre_id = serializers.IntegerField(allow_null=True)
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField(allow_null=True)


class CustomerWithCardsSerializer(CustomerSerializer):
    """One customer with its cost centres and contracts."""

    cost_centres = serializers.SerializerMethodField()
    contracts = serializers.SerializerMethodField()

    @extend_schema(responses=CostCentreSerializer(many=True))
    def get_cost_centres(self, customer: Customer) -> list[dict[str, Any]]:
        rows = CostCentre.objects.filter(customer=customer).order_by("code")
        return list(CostCentreSerializer(rows, many=True).data)

    @extend_schema(responses=ContractSerializer(many=True))
    def get_contracts(self, customer: Customer) -> list[dict[str, Any]]:
        rows = Contract.objects.filter(customer=customer).order_by("-valid_from", "-pk")
        return list(ContractSerializer(rows[:200], many=True).data)


class ChangeSerializer(serializers.Serializer[Any]):
    """What is to be written of a customer; what is not named stays as it is."""

    kind = serializers.ChoiceField(Customer.Kind.choices, required=False)
    language = serializers.ChoiceField(customers.LANGUAGES, required=False)
    group = serializers.IntegerField(required=False, allow_null=True)
    payment_terms_days = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    is_taxable_dealer = serializers.BooleanField(required=False)
    mark = serializers.CharField(required=False, max_length=customers.MARK_LENGTH)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for name, most in customers.TEXTS.items():
            fields[name] = serializers.CharField(required=False, allow_blank=True, max_length=most)
        return fields


class NewSerializer(ChangeSerializer):
    """A new customer; `operator` is needed by who keeps several books."""

    reference = serializers.CharField(max_length=80)
    operator = serializers.IntegerField(required=False)


@extend_schema(tags=["billing"])
class CustomerViewSet(reading.ScopedReadViewSet):
    rows = Customer.objects.order_by("-id")
    serializer_class = CustomerSerializer

    def get_serializer_class(self) -> type[serializers.Serializer[Any]]:
        return CustomerWithCardsSerializer if self.detail else CustomerSerializer

    def get_queryset(self) -> QuerySet[Any]:
        """Return the customers of the asking person that the address asks for."""
        rows = super().get_queryset()
        asked = self.request.query_params
        if kind := asked.get("kind"):
            rows = rows.filter(kind=kind)
        if reference := asked.get("reference", "").replace("\0", ""):
            rows = rows.filter(reference=reference)
        return rows

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", str, enum=list(Customer.Kind.values)),
            OpenApiParameter("reference", str),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(request=NewSerializer, responses={201: CustomerSerializer})
    def create(self, request: Request) -> Response:
        """Write down a new customer."""
        asked = NewSerializer(data=request.data)
        operator = _operator(request)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        made = _save(request, operator, None, {**_plain(said), "reference": said["reference"]})
        return Response(CustomerSerializer(made).data, HTTPStatus.CREATED)

    @extend_schema(request=ChangeSerializer, responses={200: CustomerSerializer})
    @decorators.action(detail=True, methods=["post"])
    def change(self, request: Request, **_: str) -> Response:
        """Write something else of a customer; 409 where its mark is another by now."""
        customer = self.get_object()
        access.require_role_at(
            request.user, access.MONEY_ROLES, operator_id=customer.operator_id, location_id=None
        )
        asked = ChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        written = _plain(CustomerSerializer(customer).data) | _plain(asked.validated_data)
        mark = asked.validated_data.get("mark")
        changed = _save(request, customer.operator, customer, written, mark)
        return Response(CustomerSerializer(changed).data)


def _operator(request: Request) -> Operator:
    ids = access.operator_ids(request.user, access.MONEY_ROLES)
    if not ids:
        raise exceptions.PermissionDenied
    raw = str(request.data.get("operator", "")) if isinstance(request.data, dict) else ""
    found = [each for each in Operator.objects.filter(pk__in=ids) if raw in {"", str(each.pk)}]
    if len(found) != 1:
        raise exceptions.ValidationError({"operator": ["Name one you keep the books of."]})
    return found[0]


def _plain(said: Any) -> dict[str, str]:
    """Return what a program said as a form says it."""
    words = {name: str(said[name]) for name in WRITTEN if name in said}
    for name in ("group", "payment_terms_days"):
        if name in said:
            words[name] = "" if said[name] is None else str(said[name])
    if "is_taxable_dealer" in said:
        words["is_taxable_dealer"] = "on" if said["is_taxable_dealer"] else ""
    return words


def _save(
    request: Request,
    operator: Operator,
    customer: Customer | None,
    written: dict[str, str],
    mark: str | None = None,
) -> Customer:
    assert isinstance(request.user, User), "the door lets nobody in who is not signed in"
    try:
        return customers.save_customer(
            operator=operator,
            customer=customer,
            written=written,
            actor=request.user,
            as_of=clock.now(),
            seen=mark,
        )
    except customers.CustomerUnfit as error:
        raise exceptions.ValidationError(
            {key: [why] for key, why in error.wrong.items()}
        ) from error
    except customers.NameTaken as error:
        raise exceptions.ValidationError({"reference": ["taken"]}) from error
    except customers.CustomerStale as error:
        raise Conflict("Somebody else changed the customer.") from error
