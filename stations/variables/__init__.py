"""A station's settings under one name, whichever version of OCPP it speaks."""

from stations.variables.address import Address, address_in, is_secret, read_name, shown_name
from stations.variables.calls import CannotSay, read_calls, report_call, set_call
from stations.variables.firmware import is_between
from stations.variables.rows import Told, find_value, mark_missing, new_request_id, store
from stations.variables.sizes import too_much
from stations.variables.values import EXACT, Rule, fits, is_same, split_list

__all__ = [
    "EXACT",
    "Address",
    "CannotSay",
    "Rule",
    "Told",
    "address_in",
    "find_value",
    "fits",
    "is_between",
    "is_same",
    "is_secret",
    "mark_missing",
    "new_request_id",
    "read_calls",
    "read_name",
    "report_call",
    "set_call",
    "shown_name",
    "split_list",
    "store",
    "too_much",
]
