from django.db import migrations

from chargenet.core import tenancy

ME = "(SELECT chargenet_person())"
MINE = f"driver_id = {ME}"
# A driver sees where they charged: the sessions they see decide it, by their own wall.
CHARGED_AT = f"{ME} IS NOT NULL AND {{}} IN (SELECT {{}} FROM stations_session WHERE driver_id = {ME})"


class Migration(migrations.Migration):
    dependencies = [("stations", "0003_forbid_overlapping_fittings")]
    operations = [
        tenancy.protect("stations_session", person=MINE),
        tenancy.protect("stations_token", person=MINE),
        tenancy.protect("stations_station", person=CHARGED_AT.format("id", "station_id")),
        tenancy.protect("stations_connector", person=CHARGED_AT.format("id", "connector_id")),
        tenancy.protect(
            "stations_location",
            person=f"{ME} IS NOT NULL AND id IN (SELECT location_id FROM stations_station)",
        ),
        tenancy.protect(
            "stations_evse",
            person=f"{ME} IS NOT NULL AND id IN (SELECT evse_id FROM stations_connector)",
        ),
        tenancy.protect(
            "stations_metervalue",
            person=f"{ME} IS NOT NULL AND session_id IN (SELECT id FROM stations_session)",
        ),
        *(
            tenancy.protect(f"stations_{name}")
            for name in (
                "cable",
                "cablefitting",
                "ocppframe",
                "ocppframe_default",
                "metervalue_default",
                "inbox",
                "command",
                "orphanstop",
                "statuschange",
                "observation",
                "impairment",
            )
        ),
    ]
