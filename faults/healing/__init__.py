"""Mending from afar: steps of a ladder, guarded, written down, and judged by what followed."""

from faults.healing.climbing import heal_fault, heal_station, sweep_healings, sweep_proofs
from faults.healing.policies import policy_of, set_policy

__all__ = [
    "heal_fault",
    "heal_station",
    "policy_of",
    "set_policy",
    "sweep_healings",
    "sweep_proofs",
]
