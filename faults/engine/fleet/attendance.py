"""Whether somebody of ours is at a trial station, or firmware is being installed there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from stations.metering.facts import NoticeFact

FIRMWARE = "firmware_status"
# As production, which asks the job's row; here the station's own word is all there is.
INSTALLS_WITHIN = timedelta(minutes=45)
UNDER_WAY = frozenset(
    {
        *("Downloading", "Downloaded", "DownloadScheduled", "DownloadPaused"),
        *("SignatureVerified", "InstallScheduled", "Installing", "InstallRebooting", "Installed"),
    }
)


@dataclass(slots=True)
class Attendance:
    """Until when people, and until when an installation, explain what a station does."""

    people_until: datetime | None = None
    firmware_until: datetime | None = None

    def covers(self, as_of: datetime) -> bool:
        """Return whether alarms of openings and boots mean nothing now."""
        return any(
            until is not None and as_of < until
            for until in (self.people_until, self.firmware_until)
        )

    def note(self, fact: NoticeFact, received_at: datetime) -> None:
        """Take the station's word on its firmware."""
        if fact.kind == FIRMWARE:
            is_under_way = fact.detail.get("status") in UNDER_WAY
            self.firmware_until = received_at + INSTALLS_WITHIN if is_under_way else received_at
