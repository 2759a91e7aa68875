"""What the forms of a ticket offer."""

from collections.abc import Iterable

from faults.models import CAUSES, Action, Closing, Component, Exclusion, WaitFor

Choices = list[tuple[str, str]]


def of_forms() -> dict[str, object]:
    """Return the choices of a ticket's forms, in the reader's language."""
    return {
        "findings": findings(),
        "actions": _labels(Action.choices),
        "exclusions": _labels(Exclusion.choices),
        "waits": _labels(WaitFor.choices),
        "dismissals": _labels(
            [
                (one.value, one.label)
                for one in (Closing.NO_FAULT_FOUND, Closing.DUPLICATE, Closing.WONT_FIX)
            ]
        ),
    }


def findings() -> list[tuple[str, Choices]]:
    """Return the first two steps of the cause tree: each component with its causes."""
    return [
        (
            str(Component(component).label),
            [(f"{component}.{cause}", str(cause.label)) for cause in causes],
        )
        for component, causes in CAUSES.items()
    ]


def _labels(choices: Iterable[tuple[str, object]]) -> Choices:
    return [(value, str(label)) for value, label in choices]
