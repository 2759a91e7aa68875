"""What a station's answer makes of the step that asked."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from stations.commissioning import measurands
from stations.commissioning.ending import end
from stations.models import Command, CommissioningStep, DeviceReport

ASK_AGAIN: Final = timedelta(seconds=30)
MOST_ATTEMPTS: Final = 3
LOST: Final = ("timeout", "unknown", "expired")
NOT_THERE: Final = ("NotImplemented", "NotSupported", "UnknownComponent", "UnknownVariable")
REBOOT_WORD: Final = "RebootRequired"
# A call its make does not bear, by its quirks: it never left.
AVOIDED: Final = "not sent to this make"
State, Kind = CommissioningStep.State, CommissioningStep.Kind
Answer = Mapping[str, Any]


def hear(step: CommissioningStep, command: Command, as_of: datetime) -> None:
    """Take in how a step's call ended."""
    if command.state in LOST:
        _ask_again(step, as_of)
        return
    if command.state == "error":
        if AVOIDED in command.error:
            end(step, State.SKIPPED, as_of, command.error)
            return
        code = command.error.partition(" ")[0]
        if step.kind == Kind.MEASURANDS and code not in NOT_THERE:
            # Some answer a list they do not like with an error instead of a no.
            _hear_list(step, {"status": "Rejected"}, as_of)
            return
        state = State.UNSUPPORTED if code in NOT_THERE else State.REFUSED
        end(step, state, as_of, command.error)
        return
    HEARD[step.kind](step, command.answer or {}, as_of)


def look_again(step: CommissioningStep, as_of: datetime) -> None:
    """See whether what a step waits for has come: the end of its call, or a report's last part."""
    command = step.command
    if command is None:
        _ask_again(step, as_of)
    elif not step.progress.get("is_coming"):
        if command.finished_at is not None:
            hear(step, command, as_of)
    elif _has_come(step):
        end(step, State.DONE, as_of)
    elif as_of > datetime.fromisoformat(step.progress["until"]):
        end(step, State.FAILED, as_of, "incomplete")


def word_of(answer: Answer) -> str:
    """Return the station's word to one change, in either version's place."""
    results = answer.get("setVariableResult")
    if isinstance(results, list) and results and isinstance(results[0], Mapping):
        return str(results[0].get("attributeStatus", ""))
    return str(answer.get("status", ""))


def _has_come(step: CommissioningStep) -> bool:
    return DeviceReport.objects.filter(
        station_id=step.commissioning.station_id,
        request_id=step.progress.get("request", 0),
        finished_at__isnull=False,
    ).exists()


def _ask_again(step: CommissioningStep, as_of: datetime) -> None:
    if step.attempts >= MOST_ATTEMPTS:
        end(step, State.FAILED, as_of)
        return
    step.state = State.WAITING
    step.save(update_fields=["state"])
    commissioning = step.commissioning
    commissioning.next_at = as_of + ASK_AGAIN
    commissioning.save(update_fields=["next_at"])


def _hear_report(step: CommissioningStep, answer: Answer, as_of: datetime) -> None:
    word = str(answer.get("status", ""))
    if "configurationKey" in answer or word == "EmptyResultSet":
        end(step, State.DONE, as_of, word)
    elif word == "Accepted":
        step.progress["is_coming"] = True
        step.save(update_fields=["progress"])
        look_again(step, as_of)
    else:
        end(step, _state_of(word), as_of, word)


def _hear_set(step: CommissioningStep, answer: Answer, as_of: datetime) -> None:
    word = word_of(answer)
    end(step, _state_of(word), as_of, word)


def _hear_list(step: CommissioningStep, answer: Answer, as_of: datetime) -> None:
    word = word_of(answer)
    if word in NOT_THERE:
        end(step, State.UNSUPPORTED, as_of, word)
        return
    if word == REBOOT_WORD:
        step.progress["needs_reboot"] = True
    if not measurands.hear(step.progress, is_taken=word in {"Accepted", REBOOT_WORD}):
        step.state, step.attempts = State.WAITING, 0
        step.save(update_fields=["state", "attempts", "progress"])
        return
    refused = step.progress["refused"]
    if step.progress.get("needs_reboot"):
        state = State.REBOOT
    elif step.progress.get("has_grown"):
        state = State.DONE
    else:
        state = State.ALREADY if step.progress["kept"] else State.REFUSED
    end(step, state, as_of, ", ".join(refused), found=measurands.value_of(step.progress))


def _hear_part(step: CommissioningStep, _: Answer, as_of: datetime) -> None:
    """Go on with the next part: what was refused shows in what the station then has."""
    step.progress["place"] = int(step.progress.get("place", 0)) + 1
    step.state, step.attempts, step.changed_at = State.WAITING, 0, as_of
    step.save(update_fields=["state", "attempts", "progress", "changed_at"])


def _state_of(word: str) -> str:
    if word == "Accepted":
        return State.DONE
    if word == REBOOT_WORD:
        return State.REBOOT
    return State.UNSUPPORTED if word in NOT_THERE else State.REFUSED


HEARD: Mapping[str, Callable[[CommissioningStep, Answer, datetime], None]] = {
    Kind.READ: _hear_report,
    Kind.SET: _hear_set,
    Kind.MEASURANDS: _hear_list,
    Kind.BASE: _hear_set,
    Kind.LEVEL: _hear_set,
    Kind.MONITORS: _hear_part,
    Kind.READ_MONITORS: _hear_report,
    Kind.VERIFY: _hear_part,
}
