"""A price list as an OCPI file, for partners; what OCPI cannot say stands on the list's page."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from billing.models import Tariff
from billing.tariffs import own_document
from billing.tariffs.ocpi_document import Version
from chargenet.core import access, clock
from chargenet.dashboard.navigation import NETWORK
from chargenet.dashboard.queries import tariff_exports
from chargenet.dashboard.queries import tariffs as reads


@login_required
@require_safe
def send_tariff(request: HttpRequest, tariff_id: int) -> HttpResponse:
    """Send one version as OCPI 2.2.1 or 2.3.0; one nobody can read has no such file."""
    access.require_role(request.user, NETWORK)
    rows = Tariff.objects.select_related("operator")
    tariff = access.get_or_404(rows, request.user, pk=tariff_id)
    read = reads.read(reads.text_of(tariff))
    if read.tariff is None:
        return HttpResponse(read.problem, content_type="text/plain", status=HTTPStatus.CONFLICT)
    is_old = request.GET.get("version") == Version.V2_2_1.value
    version = Version.V2_2_1 if is_old else Version.V2_3_0
    made = tariff_exports.export(tariff, read.tariff, version, clock.now())
    name = f"{tariff.code}-v{tariff.version}-ocpi-{version.value}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    text = own_document.write_text(made.document)
    return HttpResponse(text, content_type="application/json", headers=headers)
