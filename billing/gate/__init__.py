"""The gate every session passes before its Cdr: named checks, and the policy for faults."""
