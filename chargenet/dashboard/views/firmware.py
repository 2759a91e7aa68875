"""Firmware: images taken in, and campaigns that carry them out in waves."""

from collections.abc import Callable
from datetime import time
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargenet.core import access, clock, pages
from chargenet.core.models import Operator
from chargenet.core.pages import Look
from chargenet.dashboard.navigation import TECHNICAL
from chargenet.dashboard.queries import choosing, job_pages, jobs
from chargenet.dashboard.views import asking
from chargenet.dashboard.views.bulk import operator_of, whole
from stations import firmware, limits
from stations.models import FirmwareCampaign, FirmwareImage, FirmwareJob

MOST_SIGNED = 6000
MOST_IMAGES = 50


@login_required
def list_firmware(request: HttpRequest) -> HttpResponseBase:
    """Show campaigns, and the images there are."""
    access.require_role(request.user, TECHNICAL)
    look = Look(
        title=_("Campaigns"),
        row_template="dashboard/job_row.html",
        empty_title=_("No campaigns yet"),
        empty_text=_("A campaign installs an image on many stations, a few at first."),
        is_live=True,
        template="dashboard/firmware.html",
    )
    more = {
        "images": jobs.images_of(request.user)[:MOST_IMAGES],
        "may_run": bool(choosing.works_for(request.user, choosing.FIRMWARE_ROLES)),
    }
    return pages.answer_list(
        request,
        rows=jobs.campaigns_of(request.user),
        spec=jobs.job_spec("campaigns"),
        describe=jobs.describe_campaigns,
        look=look,
        more=more,
    )


@login_required
def add_image(request: HttpRequest) -> HttpResponse:
    """Show the form of an image, or take one in."""
    access.require_role(request.user, choosing.FIRMWARE_ROLES)
    operator_id = operator_of(request, choosing.FIRMWARE_ROLES)
    reason = ""
    if request.method == "POST":
        try:
            image = _taken(request, operator_id)
        except firmware.ImageRefused as error:
            reason = jobs.sentence(str(error))
        else:
            messages.success(request, _("The image is kept: %(image)s.") % {"image": image})
            return redirect("firmware_list")
    context = {"reasons": [reason] if reason else [], "typed": request.POST.dict()}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if reason else HTTPStatus.OK
    return render(request, "dashboard/firmware_form.html", context, status=status)


def _taken(request: HttpRequest, operator_id: int) -> FirmwareImage:
    file = request.FILES.get("file")
    if file is None:
        raise firmware.ImageRefused("file", _("Choose a file."))

    def word(name: str, longest: int = 80) -> str:
        return request.POST.get(name, "").replace("\0", "").strip()[:longest]

    return firmware.add_image(
        operator=Operator.objects.get(pk=operator_id),
        plan=firmware.ImagePlan(
            vendor=word("vendor"),
            model=word("model"),
            version=word("version"),
            file_name=file.name or "",
            signature=word("signature", MOST_SIGNED),
            signing_certificate=word("signing_certificate", MOST_SIGNED),
            notes=word("notes", 500),
        ),
        source=file,
        uploaded_by=asking.person(request),
        as_of=clock.now(),
    )


@login_required
@require_POST
def withdraw_image(request: HttpRequest, image_id: int) -> HttpResponse:
    """Let no new campaign use an image."""
    access.require_role(request.user, choosing.FIRMWARE_ROLES)
    image = _image(request, image_id)
    firmware.withdraw_image(image=image, withdrawn_by=asking.person(request), as_of=clock.now())
    return redirect("firmware_list")


@login_required
def plan_campaign(request: HttpRequest, image_id: int) -> HttpResponse:
    """Show the form of a campaign, or plan one."""
    access.require_role(request.user, choosing.FIRMWARE_ROLES)
    image = _image(request, image_id)
    reason = ""
    if request.method == "POST":
        try:
            campaign = _planned(request, image)
        except firmware.CampaignInvalid as error:
            reason = jobs.sentence(str(error))
        else:
            return redirect("campaign_page", campaign_id=campaign.pk)
    context = {
        "image": image,
        "reasons": [reason] if reason else [],
        "typed": request.POST.dict(),
        "choices": choosing.choices_for(image.operator_id),
        "limits": limits.limits_of(image.operator_id),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if reason else HTTPStatus.OK
    return render(request, "dashboard/campaign_form.html", context, status=status)


def _planned(request: HttpRequest, image: FirmwareImage) -> FirmwareCampaign:
    form = request.POST
    waves = [whole(part, -1) for part in form.get("waves", "").replace("%", "").split(",")]
    return firmware.plan_campaign(
        image=image,
        stations=choosing.chosen_stations(image.operator_id, choosing.read_choice(form)),
        plan=firmware.CampaignPlan(
            name=form.get("name", "").replace("\0", ""),
            waves=waves,
            max_failed_percent=whole(form.get("max_failed_percent", ""), 10),
            back_within_min=whole(form.get("back_within_min", ""), 60),
            rest_min=whole(form.get("rest_min", ""), 60),
            window_from=_hour(form.get("window_from", "")),
            window_to=_hour(form.get("window_to", "")),
            may_interrupt=form.get("may_interrupt") == "1",
        ),
        requested_by=asking.person(request),
        as_of=clock.now(),
    )


def _hour(text: str) -> time:
    try:
        return parse_time(text.strip()) or time(0, 0)
    except ValueError:
        return time(0, 0)


@login_required
def show_campaign(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Show one campaign, station by station."""
    access.require_role(request.user, TECHNICAL)
    campaign = _campaign(request, campaign_id)
    rows = FirmwareJob.objects.filter(campaign=campaign).select_related("station")
    spec = jobs.target_spec(f"campaign-{campaign.pk}", FirmwareJob.State.choices)
    look = Look(
        title=_("Stations"),
        row_template="dashboard/target_row.html",
        empty_title=_("No stations"),
        is_live=campaign.state not in FirmwareCampaign.OVER,
        template="dashboard/campaign.html",
    )
    more = {
        "shown": job_pages.campaign_page(campaign),
        "kind": "firmware",
        "may_run": campaign.operator_id
        in choosing.works_for(request.user, choosing.FIRMWARE_ROLES),
        "may_agree": campaign.requested_by_id != request.user.pk,
        "is_halted": limits.is_halted(campaign.operator_id),
    }
    return pages.answer_list(
        request, rows=rows, spec=spec, describe=jobs.describe_jobs, look=look, more=more
    )


MOVES: dict[str, Callable[..., str]] = {
    "confirm": firmware.confirm_campaign,
    "approve": firmware.approve_campaign,
    "pause": firmware.pause_campaign,
    "resume": firmware.resume_campaign,
    "stop": firmware.stop_campaign,
}


@login_required
@require_POST
def move_campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Confirm, agree to, pause, resume or stop a campaign."""
    access.require_role(request.user, choosing.FIRMWARE_ROLES)
    campaign = _campaign(request, campaign_id)
    if campaign.operator_id not in choosing.works_for(request.user, choosing.FIRMWARE_ROLES):
        raise Http404
    move = MOVES.get(request.POST.get("step", ""))
    if move is None:
        messages.error(request, _("That step is not known."))
        return redirect("campaign_page", campaign_id=campaign.pk)
    try:
        move(campaign=campaign, user=asking.person(request), as_of=clock.now())
    except firmware.NotYours:
        messages.error(request, _("You asked for it: somebody else must agree."))
    except firmware.CampaignInvalid:
        messages.error(request, _("It has moved on. This is how it stands now."))
    return redirect("campaign_page", campaign_id=campaign.pk)


def _campaign(request: HttpRequest, campaign_id: int) -> FirmwareCampaign:
    rows = jobs.campaigns_of(request.user)
    return access.get_or_404(rows, request.user, pk=campaign_id)


def _image(request: HttpRequest, image_id: int) -> FirmwareImage:
    known = choosing.works_for(request.user, choosing.FIRMWARE_ROLES)
    rows = FirmwareImage.objects.filter(operator_id__in=known)
    return access.get_or_404(rows, request.user, pk=image_id)
