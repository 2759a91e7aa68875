"""How likely a cable is the next to fail, as icon, word and tone."""

from django.utils.translation import gettext_lazy as _

from chargenet.dashboard.marks import Mark

RISK = {
    "high": Mark("alert-triangle", _("Replace soon"), "bad"),
    "some": Mark("eye", _("Keep an eye on it"), "wait"),
    "low": Mark("circle-check", _("Sound"), "ok"),
    "unknown": Mark("help-circle", _("No temperature"), "muted"),
    "retired": Mark("ban", _("Retired"), "muted"),
}
