"""Firmware: images, campaigns in waves, and one job a station, proven by its next boot."""

from stations.firmware.campaigns import (
    CampaignInvalid,
    CampaignPlan,
    FirmwareUnsigned,
    NotYours,
    approve_campaign,
    confirm_campaign,
    pause_campaign,
    plan_campaign,
    resume_campaign,
    stop_campaign,
)
from stations.firmware.images import ImagePlan, ImageRefused, add_image, withdraw_image
from stations.firmware.jobs import ORIGIN, demands_signature, hear_answer, hear_boot, hear_status
from stations.firmware.waves import run_campaigns

__all__ = [
    "ORIGIN",
    "CampaignInvalid",
    "CampaignPlan",
    "FirmwareUnsigned",
    "ImagePlan",
    "ImageRefused",
    "NotYours",
    "add_image",
    "approve_campaign",
    "confirm_campaign",
    "demands_signature",
    "hear_answer",
    "hear_boot",
    "hear_status",
    "pause_campaign",
    "plan_campaign",
    "resume_campaign",
    "run_campaigns",
    "stop_campaign",
    "withdraw_image",
]
