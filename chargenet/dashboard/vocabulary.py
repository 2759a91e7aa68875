"""Every state a page can show, as icon, word and tone; status is never told by colour alone."""

from django.utils.translation import gettext_lazy as _

from chargenet.dashboard import cable_words, security_words
from chargenet.dashboard.marks import Mark
from chargenet.dashboard.ticket_marks import CLOCK, HEALING, REPORT, TICKET, WAY

UNKNOWN = Mark("help-circle", _("Unknown"), "muted")

CONNECTOR = {
    "Available": Mark("circle-check", _("Available"), "ok"),
    "Preparing": Mark("plug-connected", _("Preparing"), "info"),
    "Charging": Mark("bolt", _("Charging"), "active"),
    "SuspendedEV": Mark("player-pause", _("Paused by the vehicle"), "wait"),
    "SuspendedEVSE": Mark("hand-stop", _("Paused by the station"), "wait"),
    "Finishing": Mark("flag", _("Finishing"), "info"),
    "Reserved": Mark("bookmark", _("Reserved"), "held"),
    "Unavailable": Mark("ban", _("Unavailable"), "muted"),
    "Faulted": Mark("alert-triangle", _("Faulted"), "bad"),
    # OCPP 2.x says no more than this until the transaction tells what is going on.
    "Occupied": Mark("plug", _("Occupied"), "info"),
    "": UNKNOWN,
    # What a rule found, whatever the station says; locked: until a person says that it is safe.
    "Locked": Mark("lock", _("Locked out for safety"), "critical"),
    "OutOfOrder": Mark("plug-connected-x", _("Out of order"), "bad"),
    "offline": Mark("wifi-off", _("Offline"), "off"),
    "stale": Mark("clock-exclamation", _("Out of date"), "muted"),
}
LINK = {
    "online": Mark("wifi", _("Online"), "ok"),
    "offline": CONNECTOR["offline"],
    "new": Mark("circle-dashed", _("Never connected"), "muted"),
}
SEVERITY = {
    "1": Mark("flame", _("S1 Safety"), "critical"),
    "2": Mark("alert-triangle", _("S2 Station down"), "bad"),
    "3": Mark("plug-connected-x", _("S3 Connector down"), "wait"),
    "4": Mark("activity", _("S4 Degraded"), "info"),
    "5": Mark("info-circle", _("S5 Information"), "muted"),
}
FAULT = {
    "pending": Mark("eye", _("Watching"), "info"),
    "firing": Mark("alert-triangle", _("Open"), "bad"),
    "cleared": Mark("circle-check", _("Cleared"), "ok"),
}
SESSION = {
    "open": Mark("bolt", _("Charging"), "active"),
    "completed": Mark("circle-check", _("Completed"), "ok"),
    "flagged": Mark("flag", _("Flagged"), "wait"),
}
INVOICE = {
    "open": Mark("hourglass", _("To pay"), "wait"),
    "paying": Mark("progress", _("Payment on its way"), "info"),
    "paid": Mark("circle-check", _("Paid"), "ok"),
    "overdue": Mark("alert-circle", _("Overdue"), "bad"),
    "credited": Mark("receipt-refund", _("Credited"), "muted"),
    "disputed": Mark("hand-stop", _("Disputed"), "held"),
    "owed": Mark("receipt-refund", _("To pay back"), "wait"),
}
RUN = {
    "running": Mark("progress", _("Running"), "info"),
    "finished": Mark("circle-check", _("Finished"), "ok"),
}
PAYMENT = {
    "created": Mark("progress", _("Started"), "info"),
    "authorised": Mark("shield-check", _("Authorised"), "info"),
    "captured": Mark("circle-check", _("Paid"), "ok"),
    "declined": Mark("circle-x", _("Declined"), "bad"),
    "cancelled": Mark("cancel", _("Cancelled"), "muted"),
    "held": Mark("hand-stop", _("Held"), "wait"),
}
COMMAND = {
    "queued": Mark("hourglass", _("Queued"), "info"),
    "claimed": Mark("send", _("Being sent"), "info"),
    "sent": Mark("send", _("Sent"), "info"),
    "accepted": Mark("circle-check", _("Accepted"), "ok"),
    "rejected": Mark("circle-x", _("Rejected"), "bad"),
    "error": Mark("alert-circle", _("Error"), "bad"),
    "timeout": Mark("clock-exclamation", _("No answer in time"), "wait"),
    "unknown": Mark("help-circle", _("Outcome unknown"), "wait"),
    "expired": Mark("clock", _("Expired"), "muted"),
}
COMMISSIONING = {
    "": Mark("circle-dashed", _("Not set up yet"), "muted"),
    "running": Mark("progress", _("Being set up"), "active"),
    "done": Mark("circle-check", _("Set up"), "ok"),
    "stopped": Mark("hand-stop", _("Stopped"), "bad"),
    "risk": Mark("alert-triangle", _("Billing data can be lost"), "bad"),
}
STEP = {
    "waiting": Mark("hourglass", _("Waiting"), "muted"),
    "asked": Mark("send", _("Asked"), "active"),
    "already": Mark("circle-check", _("Was so already"), "ok"),
    "done": Mark("circle-check", _("Set now"), "ok"),
    "reboot": Mark("rotate-clockwise", _("After a restart"), "wait"),
    "refused": Mark("circle-x", _("Refused"), "bad"),
    "unknown": Mark("circle-dashed", _("Not known to the station"), "muted"),
    "ignored": Mark("alert-circle", _("Accepted, but not kept"), "bad"),
    "failed": Mark("clock-exclamation", _("No answer"), "bad"),
    "skipped": Mark("minus", _("Left out"), "muted"),
}
DRIFT = {
    "same": Mark("circle-check", _("As wanted"), "ok"),
    "differs": Mark("circle-x", _("Differs"), "bad"),
    "pending": Mark("rotate-clockwise", _("After a restart"), "wait"),
    "unknown": Mark("help-circle", _("Not read yet"), "muted"),
    "missing": Mark("circle-dashed", _("Not known to the station"), "muted"),
    "hidden": Mark("lock", _("Cannot be read"), "muted"),
}
COVERAGE = {
    "full": Mark("eye", _("Sees it"), "ok"),
    "degraded": Mark("circle-half-2", _("Sees part of it"), "wait"),
    "blind": Mark("ban", _("Cannot see it"), "muted"),
}
OUTAGE = {
    "fault": Mark("alert-triangle", _("A fault"), "bad"),
    "offline": Mark("wifi-off", _("Offline"), "off"),
    "unavailable": Mark("ban", _("Out of service"), "muted"),
    "faulted": Mark("circle-x", _("Says it is faulty"), "bad"),
    "window": Mark("tool", _("Planned work"), "info"),
}
ENROLMENT = {
    "wrong": Mark("circle-x", _("Cannot be added"), "bad"),
    "new": Mark("circle-dashed", _("New"), "info"),
    "added": Mark("circle-check", _("Added"), "ok"),
    "silent": Mark("hourglass", _("Waiting for the station"), "wait"),
    "connected": Mark("wifi", _("Connected"), "active"),
    "booted": Mark("progress", _("Booted"), "active"),
    "set_up": Mark("circle-check", _("Set up"), "ok"),
}
LOG = {
    "asked": Mark("hourglass", _("Asked"), "info"),
    "sending": Mark("progress", _("Uploading"), "active"),
    "here": Mark("circle-check", _("Received"), "ok"),
    "failed": Mark("circle-x", _("Failed"), "bad"),
}
FIRMWARE = {
    "waiting": Mark("hourglass", _("Waits for its wave"), "muted"),
    "asked": Mark("send", _("Asked"), "info"),
    "loading": Mark("progress", _("Downloading"), "active"),
    "loaded": Mark("download", _("Downloaded"), "active"),
    "install": Mark("progress", _("Installing"), "active"),
    "written": Mark("hourglass", _("Installed, not seen since"), "wait"),
    "proven": Mark("circle-check", _("Runs the new version"), "ok"),
    "failed": Mark("circle-x", _("Failed"), "bad"),
    "skipped": Mark("minus", _("Skipped"), "muted"),
}
BULK = {
    "draft": Mark("circle-dashed", _("To be confirmed"), "muted"),
    "waiting": Mark("user-check", _("Waits for a second person"), "wait"),
    "running": Mark("progress", _("Running"), "active"),
    "paused": Mark("player-pause", _("Paused"), "wait"),
    "stopped": Mark("player-stop", _("Stopped"), "bad"),
    "done": Mark("circle-check", _("Done"), "ok"),
}
TARGET = {
    "waiting": Mark("hourglass", _("Waits"), "muted"),
    "sent": Mark("send", _("Under way"), "info"),
    "done": Mark("circle-check", _("Done"), "ok"),
    "failed": Mark("circle-x", _("Failed"), "bad"),
    "stopped": Mark("player-stop", _("Not sent"), "muted"),
}
WORK = {
    "unbilled": Mark("hourglass", _("No price"), "wait"),
    "differs": Mark("alert-circle", _("Price differs"), "bad"),
}
SHARE = {
    "idle": Mark("circle", _("Nobody charges"), "muted"),
    "running": Mark("bolt", _("Charges"), "active"),
    "waiting": Mark("progress", _("About to begin"), "info"),
    "held": Mark("hand-stop", _("Waits for its turn"), "wait"),
    "full": Mark("battery-charging", _("The vehicle asks for nothing"), "info"),
    "offline": Mark("wifi-off", _("Offline"), "off"),
    "refused": Mark("ban", _("The station refuses limits"), "bad"),
}
# What a station was asked to hold or show, and what became of it.
HELD = {
    "sent": Mark("send", _("Sent"), "info"),
    "installed": Mark("check", _("Installed"), "ok"),
    "shown": Mark("check", _("Shown"), "ok"),
    "refused": Mark("ban", _("Refused"), "bad"),
    "unsure": Mark("help-circle", _("Not confirmed"), "wait"),
    "clearing": Mark("progress", _("Being cleared"), "info"),
    "cleared": Mark("circle-x", _("Cleared"), "muted"),
}
RESERVATION = {
    "asked": Mark("send", _("Asked for"), "info"),
    "active": Mark("bookmark", _("Reserved"), "held"),
    "refused": Mark("ban", _("Refused"), "bad"),
    "cancelling": Mark("progress", _("Being cancelled"), "info"),
    "cancelled": Mark("circle-x", _("Cancelled"), "muted"),
    "used": Mark("circle-check", _("Used"), "ok"),
    "expired": Mark("clock", _("Expired"), "muted"),
    "removed": Mark("alert-triangle", _("Removed by the station"), "wait"),
}
TOKEN_LIST = {
    "unknown": Mark("help-circle", _("Not asked yet"), "muted"),
    "sending": Mark("progress", _("Being sent"), "info"),
    "held": Mark("circle-check", _("As we sent it"), "ok"),
    "refused": Mark("ban", _("Refused"), "bad"),
    "unsupported": Mark("ban", _("Not supported"), "muted"),
}
STATION_TARIFF = {
    "sent": Mark("progress", _("Being sent"), "info"),
    "held": Mark("circle-check", _("As we sent it"), "ok"),
    "refused": Mark("ban", _("Refused"), "bad"),
    "unsure": Mark("help-circle", _("No answer"), "wait"),
    "unsayable": Mark("ban", _("Cannot be said"), "wait"),
    "clearing": Mark("progress", _("Being cleared"), "info"),
    "cleared": Mark("circle-x", _("Cleared"), "muted"),
    "drift": Mark("alert-triangle", _("The station has another tariff"), "bad"),
}
SWITCH = {"on": Mark("check", _("on"), "ok"), "off": Mark("minus", _("off"), "muted")}
RULE = {
    "on": Mark("check", _("Asked"), "ok"),
    "trial": Mark("circle-half-2", _("On trial"), "info"),
    "demoted": Mark("circle-half-2", _("Demoted"), "wait"),
    "off": Mark("minus", _("Switched off"), "muted"),
}
SIGNATURE = {
    "good": Mark("shield-check", _("Signature holds"), "ok"),
    "bad": Mark("alert-triangle", _("Signature does not hold"), "bad"),
    "unknown": Mark("help-circle", _("Cannot be checked"), "muted"),
}
KINDS = {
    "share": SHARE,
    "cable": cable_words.RISK,
    "held": HELD,
    "reservation": RESERVATION,
    "token_list": TOKEN_LIST,
    "station_tariff": STATION_TARIFF,
    "rule": RULE,
    "signature": SIGNATURE,
    "work": WORK,
    "event": security_words.EVENT,
    "certificate": security_words.CERTIFICATE,
    "certificate_request": security_words.REQUEST,
    "connector": CONNECTOR,
    "link": LINK,
    "severity": SEVERITY,
    "ticket": TICKET,
    "clock": CLOCK,
    "report": REPORT,
    "way": WAY,
    "healing": HEALING,
    "fault": FAULT,
    "session": SESSION,
    "invoice": INVOICE,
    "payment": PAYMENT,
    "run": RUN,
    "command": COMMAND,
    "commissioning": COMMISSIONING,
    "step": STEP,
    "drift": DRIFT,
    "switch": SWITCH,
    "coverage": COVERAGE,
    "outage": OUTAGE,
    "enrolment": ENROLMENT,
    "log": LOG,
    "firmware": FIRMWARE,
    "bulk": BULK,
    "target": TARGET,
}
# From worst to best: a station and a dot on the map wear the worst of what they hold.
WORST_FIRST = (
    "Locked",
    "Faulted",
    "OutOfOrder",
    "offline",
    "Unavailable",
    "",
    "SuspendedEVSE",
    "SuspendedEV",
    "Reserved",
    "Finishing",
    "Preparing",
    "Occupied",
    "Charging",
    "Available",
)
# What somebody should look at.
TROUBLE = frozenset({"Locked", "OutOfOrder", "Faulted", "offline", "Unavailable", ""})


def find_mark(kind: str, value: object) -> Mark:
    """Return how a state looks; a word nobody taught us is shown as unknown, never as health."""
    return KINDS[kind].get(str(value if value is not None else ""), UNKNOWN)


def worst(states: list[str]) -> str:
    """Return the worst of some connector states; of none, unknown."""
    return min(states, key=rank, default="")


def rank(state: str) -> int:
    """Return where a state stands from worst to best; an untaught word counts as unknown."""
    return WORST_FIRST.index(state if state in WORST_FIRST else "")
