"""Our commands in each version's words; what leaves follows the schema and the standard's rules.

One file a block; `table.WORDS` is the list of our own words, `table.CALLABLE` of OCPP's.
"""

from stations.ocpp.calls.rules import CallUnfit
from stations.ocpp.calls.said import Payload, Said
from stations.ocpp.calls.table import CALLABLE, WORDS, translate
from stations.ocpp.calls.verdicts import final_state, granted_by, triggered_by

__all__ = [
    "CALLABLE",
    "WORDS",
    "CallUnfit",
    "Payload",
    "Said",
    "final_state",
    "granted_by",
    "translate",
    "triggered_by",
]
