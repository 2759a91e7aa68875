"""What each version calls what is wrong with a frame."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorCodes:
    """How a version spells what is wrong; 1.6 keeps two typing errors (errata 5.1, 5.2)."""

    unreadable: str
    format: str
    occurrence: str
    message_type: str
    type: str = "TypeConstraintViolation"
    value: str = "PropertyConstraintViolation"

    def of_fault(self, keyword: str) -> str:
        """Return the code of what a schema refuses, named by JSON schema's keyword."""
        if keyword in {"required", "minItems", "maxItems"}:
            return self.occurrence
        if keyword in {"enum", "additionalProperties", "format"}:
            return self.format
        return self.type if keyword == "type" else self.value


CODES: Mapping[str, ErrorCodes] = {
    "1.6": ErrorCodes(
        "FormationViolation", "FormationViolation", "OccurenceConstraintViolation", ""
    ),
    "2.0.1": ErrorCodes(
        "RpcFrameworkError",
        "FormatViolation",
        "OccurrenceConstraintViolation",
        "MessageTypeNotSupported",
    ),
    # 2.1 ignores an unknown message type (part 4 §4.1.3) and does not answer it.
    "2.1": ErrorCodes("RpcFrameworkError", "FormatViolation", "OccurrenceConstraintViolation", ""),
}
# The version whose frames know SEND and CALLRESULTERROR.
RICHER = "2.1"
