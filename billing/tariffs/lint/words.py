"""What each rule of the linter says: what is wrong, and what to write instead.

English here, marked for translation; whoever shows it to a person calls gettext.
"""

from typing import Final


def gettext_noop(text: str) -> str:
    """Mark a text for translation and return it unchanged."""
    return text


TEXTS: Final[dict[str, str]] = {
    "unknown_key": gettext_noop("The key %(key)s is unknown and would be ignored. Remove it."),
    "misspelled_key": gettext_noop(
        "The key %(key)s is unknown and would be ignored. Write %(nearest)s."
    ),
    "required_field": gettext_noop("%(key)s is missing. Add it."),
    "value.object": gettext_noop("Here belongs an object with the keys %(allowed)s."),
    "value.list": gettext_noop("Here belongs a list with at least one entry."),
    "value.text": gettext_noop("Here belongs a text in quotation marks."),
    "value.number": gettext_noop("Here belongs a decimal number of a sensible size."),
    "value.count": gettext_noop("Here belongs a number of 0 or more."),
    "value.whole": gettext_noop("Here belongs a whole number of 0 or more."),
    "value.choice": gettext_noop("This word is unknown. Write one of %(allowed)s."),
    "value.instant": gettext_noop("This is no instant. Write it as 2026-01-31T12:00:00Z."),
    "value.clock": gettext_noop("This is no time of day. Write it as 17:30."),
    "value.day": gettext_noop("This is no date. Write it as 2026-01-31."),
    "value.refused": gettext_noop("This cannot be used: %(what)s."),
    "length": gettext_noop("%(key)s holds %(least)s to %(most)s characters."),
    "unknown_currency": gettext_noop(
        "%(currency)s is no currency in use. Write an ISO 4217 code, such as SEK."
    ),
    "negative_price": gettext_noop(
        "The price %(price)s is below 0: nobody is paid to charge. Write 0 or more."
    ),
    "step_zero": gettext_noop(
        "step_size is 0 where something costs: nothing can be billed in steps of 0. Write 1."
    ),
    "missing_tax": gettext_noop(
        "vat is missing: then no tax is added, which is not the same as 0 percent. Add the rate."
    ),
    "tax_unknown": gettext_noop(
        "The price holds a tax whose rate is not given: nobody can say the price without it."
        " Add vat."
    ),
    "unusual_tax": gettext_noop("%(vat)s percent is no Swedish rate of tax. Use 25, 12, 6 or 0."),
    "type_twice": gettext_noop(
        "%(dimension)s is priced twice in one element: only the first counts. Keep one."
    ),
    "min_above_max": gettext_noop(
        "min_price is above max_price. Lower min_price or raise max_price."
    ),
    "limit_tax": gettext_noop(
        "The limit with tax is below the limit without tax. Exchange the two."
    ),
    "validity": gettext_noop(
        "The tariff ends before it begins: it never holds. Exchange the two instants."
    ),
    "alt_text_price": gettext_noop(
        "The text repeats the price %(price)s: when one changes the other will be wrong. Leave"
        " prices to elements."
    ),
    "dates_never": gettext_noop(
        "end_date is exclusive and not after start_date: this never holds. Write a later end_date."
    ),
    "dates_outside": gettext_noop(
        "The dates lie outside the time in which the tariff holds: this never holds."
    ),
    "weekday_never": gettext_noop(
        "None of the days in day_of_week lies between start_date and end_date: this never holds."
    ),
    "empty_weekdays": gettext_noop(
        "day_of_week is an empty list: one reads every day, another none. Leave it out or name the"
        " days."
    ),
    "range_never": gettext_noop(
        "%(low)s is inclusive, %(high)s exclusive, and nothing lies between: this never holds."
        " Raise %(high)s."
    ),
    "whole_day": gettext_noop(
        "start_time is end_time: we read the whole day, another may read nothing. Leave both out."
    ),
    "overlap": gettext_noop(
        "%(dimension)s is unreachable: element %(earlier)s always holds with this one and comes"
        " first. Put the narrower element first."
    ),
    "unreachable": gettext_noop(
        "%(dimension)s is unreachable: earlier elements cover every case. Put this element"
        " before them or remove it."
    ),
    "crossing": gettext_noop(
        "Element %(earlier)s and this one hold together at times and price %(dimension)s"
        " differently: element %(earlier)s wins. Narrow one of them so that the order need not"
        " decide."
    ),
    "gap": gettext_noop(
        "%(dimension)s has no price when %(when)s: it is free then. Add an element without"
        " restrictions at the end, with the price 0 if that is meant."
    ),
    "too_many": gettext_noop(
        "There are too many elements that cross to prove that each can be reached."
    ),
    "grace_period_parking_time": gettext_noop(
        "min_duration and max_duration count from the start of the session, not from the end of"
        " charging: who charges longer than %(seconds)s s has no grace left. OCPI cannot say a"
        " grace after charging; use our idle fee."
    ),
    "afir_component": gettext_noop(
        "From 50 kW an ad hoc price is per kWh, with at most a fee per minute for staying:"
        " %(dimension)s may not be part of it (AFIR art. 5). Use ENERGY and PARKING_TIME."
    ),
    "afir_component_maybe": gettext_noop(
        "At a charging point of 50 kW or more, an ad hoc price may not have %(dimension)s (AFIR"
        " art. 5). Use this tariff below 50 kW only."
    ),
    "afir_energy": gettext_noop(
        "From 50 kW an ad hoc price is per kWh (AFIR art. 5), and nothing here prices ENERGY. Add"
        " it."
    ),
    "afir_order": gettext_noop(
        "Ad hoc prices are shown per kWh, per minute, per session, in this order (AFIR art. 5):"
        " %(dimension)s comes too late. Move it forward."
    ),
}
