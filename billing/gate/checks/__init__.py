"""The checks of the gate: one check, one function of a case and its limits."""
