"""The door for payment providers' messages."""

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing import webhooks
from billing.providers.base import SignatureInvalid
from billing.providers.registry import UnknownProvider
from chargenet.core import clock

MAX_BYTES = 65_536


@csrf_exempt
@require_POST
def receive(request: HttpRequest, provider: str) -> HttpResponse:
    """Keep a signed message; answered once it is committed, worked on later."""
    # Its sender is known by the signature over the raw body, not by a session.
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        webhooks.receive_webhook(
            provider=provider, body=request.body, headers=request.headers, as_of=clock.now()
        )
    except UnknownProvider as error:
        raise Http404 from error
    except SignatureInvalid as error:
        return JsonResponse({"error": str(error)}, status=HTTPStatus.BAD_REQUEST)
    return JsonResponse({"received": True})
