"""How tickets are drawn: their states, their promises, the lines of their story."""

from django.utils.translation import gettext_lazy as _

from chargenet.dashboard.marks import Mark

TICKET = {
    "new": Mark("inbox", _("New"), "bad"),
    "triaged": Mark("eye", _("Looked at"), "info"),
    "assigned": Mark("user-check", _("Assigned"), "info"),
    "acknowledged": Mark("check", _("Accepted"), "info"),
    "en_route": Mark("truck", _("On the way"), "active"),
    "on_site": Mark("map-pin", _("On site"), "active"),
    "waiting": Mark("hourglass", _("Waiting"), "wait"),
    "resolved": Mark("tool", _("Resolved, not yet proven"), "info"),
    "closed": Mark("circle-check", _("Closed"), "ok"),
}
# What became of a driver's report.
REPORT = {
    "new": Mark("inbox", _("Not answered"), "bad"),
    "right": Mark("circle-check", _("Was right"), "ok"),
    "wrong": Mark("circle-x", _("Nothing was wrong"), "muted"),
}
# How a promise of a ticket stands.
CLOCK = {
    "running": Mark("clock", _("In time"), "info"),
    "late": Mark("clock-exclamation", _("Overdue"), "bad"),
    "kept": Mark("circle-check", _("Kept"), "ok"),
    "missed": Mark("circle-x", _("Missed"), "muted"),
    "paused": Mark("player-pause", _("Paused"), "wait"),
}
# How a step of healing came out.
HEALING = {
    "dry": Mark("eye", _("Dry run"), "muted"),
    "none": Mark("minus", _("Nothing to send"), "muted"),
    "under_way": Mark("send", _("Under way"), "active"),
    "done": Mark("check", _("Done"), "info"),
    "helped": Mark("circle-check", _("Helped"), "ok"),
    "in_vain": Mark("circle-x", _("Did not help"), "muted"),
    "not_done": Mark("clock-exclamation", _("Not done"), "wait"),
}

# How the newest message of a way out fared.
WAY = {
    "unused": Mark("circle-dashed", _("Nothing sent yet"), "muted"),
    "waiting": Mark("hourglass", _("On its way"), "info"),
    "sent": Mark("circle-check", _("Arrived"), "ok"),
    "failed": Mark("circle-x", _("Given up"), "bad"),
}

# What happened to a ticket, by the verb of its note.
STORY_ICONS = {
    "open": "inbox",
    "triage": "eye",
    "assign": "user-check",
    "acknowledge": "check",
    "prove": "bolt",
    "gone": "circle-check",
    "dismiss": "circle-x",
    "start_travel": "truck",
    "arrive": "map-pin",
    "wait": "hourglass",
    "resolve": "tool",
    "verify": "shield-check",
    "close": "circle-check",
    "reopen": "refresh",
    "join": "circle-check",
    "absorb": "inbox",
    "widen": "urgent",
    "raise": "urgent",
    "healing": "rotate-clockwise",
    "healing_dry": "eye",
    "fault_opened": "alert-triangle",
    "fault_cleared": "circle-check",
    "fault_over": "eye",
    "": "message",
}
