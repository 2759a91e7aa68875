from django.db import migrations

ISSUES = "https://github.com/lbbrhzn/ocpp"
EVCC = "https://github.com/evcc-io/evcc"
# name, vendor, model, firmware_to, kind, value, is_on, note, source
SHIPPED = [
    (
        "ctek-no-pilot", "CTEK", "", "", "code_means", "NoPPDetected = CX023", True,
        "The cable's proximity pilot is not seen: plug or cable dirty or broken.",
        f"{ISSUES}/issues/1987",
    ),
    (
        "legrand-error", "Legrand", "", "", "code_means", "Error = OtherError", True,
        "A code no standard has, for a fault that is real.",
        f"{ISSUES}/issues/1248",
    ),
    (
        "abb-zero-codes", "ABB", "", "", "silent_codes", "0x0, 0x00, 0x0000", True,
        "Written where nothing is wrong.",
        "field reports of fault payloads",
    ),
    (
        "abb-terra-ac-measurands", "ABB", "TAC", "1.8.21", "safe_measurands",
        "Current.Import, Current.Offered, Energy.Active.Import.Register, Power.Active.Import, Voltage",
        True,
        "Asked for every measurand it boots again and again.",
        f"{ISSUES}/issues/1275",
    ),
    (
        "en-plus-slow-start", "EN+", "", "", "call_after", "5", True,
        "A command right after the connection stalls it.",
        f"{EVCC}/pull/30217",
    ),
    (
        "evbox-elvi-slow-start", "EV-BOX", "", "", "call_after", "1", True,
        "Needs a second before the first command.",
        f"{EVCC}/pull/12856",
    ),
    (
        "grizzl-e-slow-start", "", "Grizzl", "", "call_after", "5", True,
        "Slow after connecting; a burst of commands is lost.",
        f"{EVCC}/issues/15991",
    ),
    (
        "tinkerforge-not-supported", "Tinkerforge", "", "", "avoid_calls",
        "TriggerMessage, SendLocalList, GetLocalListVersion, ReserveNow, CancelReservation,"
        " UpdateFirmware, GetDiagnostics",
        True,
        "Answered with NotSupported; newer firmware may learn it, then switch this off.",
        "conversation recorded with its firmware's own code",
    ),
    (
        "openevse-kwh-as-wh", "OpenEVSE", "", "", "register_unit", "kWh", False,
        "Energy in kWh, labelled Wh. Off until you have seen it: a firmware that is right would be"
        " read a thousand times too high.",
        "field reports of meter values",
    ),
    (
        "mennekes-local-clock", "MENNEKES", "", "", "local_clock", "site", False,
        "Local time written as UTC. Off until you have seen it on the clocks of your stations.",
        "field reports of clocks",
    ),
    (
        "orbis-local-clock", "Orbis", "", "", "local_clock", "site", False,
        "Local time written as UTC. Off until you have seen it on the clocks of your stations.",
        "field reports of clocks",
    ),
]


def ship(apps, _):
    """Write every known quirk; one that is there already gets its newest words."""
    known = apps.get_model("stations", "KnownQuirk")
    for name, vendor, model, firmware_to, kind, value, is_on, note, source in SHIPPED:
        known.objects.update_or_create(
            name=name,
            defaults={
                "vendor": vendor,
                "model": model,
                "firmware_to": firmware_to,
                "kind": kind,
                "value": value,
                "is_on": is_on,
                "note": note,
                "source": source,
            },
        )


class Migration(migrations.Migration):

    dependencies = [("stations", "0012_add_firmware_and_uploads")]

    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]
