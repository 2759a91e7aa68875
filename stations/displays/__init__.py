"""A station's screen: texts we show there, what it can show, what a session costs."""

from stations.displays.costmsg import learn_costmsg, sessions_to_close, show_final_costs
from stations.displays.prices import (
    learn_screen,
    sessions_to_show,
    set_screen,
    show_costs,
    show_price,
    stations_to_price,
)
from stations.displays.tariffs import (
    Said,
    TariffRefused,
    change_transaction_tariff,
    fitted,
    follow_tariff,
    read_tariffs,
    set_tariffs,
    stations_to_tell,
    take_tariffs,
)
from stations.displays.texts import (
    SPEAKS_2X,
    MessageRefused,
    Text,
    apply_shown,
    clear_message,
    follow_message,
    read_messages,
    show_message,
)

__all__ = [
    "SPEAKS_2X",
    "MessageRefused",
    "Said",
    "TariffRefused",
    "Text",
    "apply_shown",
    "change_transaction_tariff",
    "clear_message",
    "fitted",
    "follow_message",
    "follow_tariff",
    "learn_costmsg",
    "learn_screen",
    "read_messages",
    "read_tariffs",
    "sessions_to_close",
    "sessions_to_show",
    "set_screen",
    "set_tariffs",
    "show_costs",
    "show_final_costs",
    "show_message",
    "show_price",
    "stations_to_price",
    "stations_to_tell",
    "take_tariffs",
]
