"""The steps of healing and what they wait for, in plain words."""

from faults.rules.words.phrases import gettext_noop

STEPS: dict[str, str] = {
    "ask_state": gettext_noop("Ask the station how it is"),
    "unlock": gettext_noop("Unlock the plug"),
    "clear_cache": gettext_noop("Empty the list of known cards"),
    "soft_reset": gettext_noop("Restart the station gently"),
    "hard_reset": gettext_noop("Restart the station with force"),
    "stop_session": gettext_noop("End the session for safety"),
    "lock_out": gettext_noop("Take it out of service"),
    "release": gettext_noop("Put it back into service"),
}
# What healing waits for, or why it has ended.
WHY: dict[str, str] = {
    "given_time": gettext_noop("Waiting to see if the step helped"),
    "somebody_charges": gettext_noop("Waiting until nobody is charging"),
    "somebody_at_plug": gettext_noop("Waiting while somebody is at the plug"),
    "enough_resets": gettext_noop("Restarted often enough for one day"),
    "reset_lately": gettext_noop("Restarted just now"),
    "halted": gettext_noop("Commands are halted"),
    "explained": gettext_noop("Explained by a wider fault"),
    "attended": gettext_noop("Somebody is working there"),
    "silenced": gettext_noop("A maintenance window is open"),
    "installing": gettext_noop("Firmware is being installed"),
    "offline": gettext_noop("The station is offline"),
    "refused": gettext_noop("The station refused; it is told again"),
    "releasing": gettext_noop("Putting it back into service"),
    "no_ladder": gettext_noop("Nothing can be done from afar"),
    "made_safe": gettext_noop("Made safe; a person must come"),
    "ladder_ended": gettext_noop("Everything was tried; a person must come"),
    "switched_off": gettext_noop("Healing is switched off"),
    "cleared": gettext_noop("The fault is gone"),
}
