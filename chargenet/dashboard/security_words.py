"""The states of certificates and the weight of security events, as pages show them."""

from django.utils.translation import gettext_lazy as _

from chargenet.dashboard.marks import Mark

EVENT = {
    "critical": Mark("alert-triangle", _("Critical"), "bad"),
    "notable": Mark("info-circle", _("Notable"), "muted"),
}
CERTIFICATE = {
    "valid": Mark("circle-check", _("Valid"), "ok"),
    "soon": Mark("clock-exclamation", _("Ends within 30 days"), "wait"),
    "over": Mark("circle-x", _("Out of date"), "bad"),
    "unknown": Mark("help-circle", _("End not known"), "muted"),
    "inactive": Mark("ban", _("Not trusted any more"), "muted"),
}
REQUEST = {
    "waiting": Mark("hourglass", _("Waiting for the signed chain"), "wait"),
    "signed": Mark("send", _("Signed, on its way"), "info"),
    "accepted": Mark("circle-check", _("Installed"), "ok"),
    "rejected": Mark("circle-x", _("Refused by the station"), "bad"),
    "refused": Mark("ban", _("Refused by us"), "muted"),
    "failed": Mark("alert-circle", _("Not delivered"), "bad"),
}
