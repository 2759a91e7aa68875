"""What was odd about a session, in words a person reads."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Promise] = {
    "above_max_power": _("More energy than the station can give in the time"),
    "clock_ahead": _("The station's clock was ahead"),
    "clock_repaired": _("The times were put right: the station's clock was not set"),
    "clock_unset": _("The station's clock was not set"),
    "clock_wrong": _("The station's clock was wrong"),
    "complete_with_gaps": _("Messages are missing, and will not come any more"),
    "duplicate_keys": _("A message said the same thing twice, differently"),
    "ends_before_start": _("It ends before it begins"),
    "handler_failed": _("A message could not be read; it is kept as it came"),
    "late_event": _("A message came after the session was settled"),
    "orphaned": _("The station has forgotten the session; it was ended at its last reading"),
    "place_unknown": _("The station did not say which connector"),
    "recovered": _("Made from later messages: the beginning got lost"),
    "register_backwards": _("The meter ran backwards"),
    "register_rollover": _("The meter began again from zero"),
    "seq_gap": _("Messages are missing in between"),
    "signature_bad": _("A signed reading does not hold"),
    "start_missing": _("The start never came"),
    "start_register_missing": _("No reading at the start"),
    "start_repeated": _("A second start came for it"),
    "transaction_reused": _("Its number was used again: another session may be missing"),
    "start_resent": _("The start was sent twice"),
    "stop_below_sample": _("The last reading is below an earlier one"),
    "stop_matched": _("The stop named no session; it was matched to this one"),
    "stop_missing": _("The stop never came"),
    "stop_register_missing": _("No reading at the stop"),
    "time_missing": _("A time is missing"),
    "time_unreadable": _("A time could not be read"),
    "time_without_zone": _("A time came without its zone"),
    "token_blocked": _("Started with a blocked token"),
    "token_concurrent": _("Its token charged elsewhere at the same time"),
    "token_expired": _("Started with an expired token"),
    "token_invalid": _("Started with an unknown token"),
}


def in_words(flags: Iterable[str]) -> list[str]:
    """Return the flags of a session in the reader's language; an unknown one as it is stored."""
    return [str(WORDS.get(flag, flag)) for flag in flags]
