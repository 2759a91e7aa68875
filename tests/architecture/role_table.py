"""Who opens which address: every URL and every role."""

# Who asks. Of Nord: Astrid has the session and the invoice, Bo only drives, Cilla operates, Dag
# repairs, Fia does the finances, Stina supports, Hugo hosts the site. Ture repairs and Hilda hosts
# another site of Nord. Erik operates Syd. Root may do everything in Django, and works for nobody.
OUTSIDE = {"nobody", "bo", "ture", "hilda", "erik", "root"}
MATRIX = """
                            nobody astrid bo  cilla dag ture fia stina hugo hilda erik root
GET  home                      302    302 302   302 302  302 302   302  302   302  302  302
GET  sign_in                   200    302 302   302 302  302 302   302  302   302  302  302
POST sign_out                  302    302 302   302 302  302 302   302  302   302  302  302
POST set_language              302    302 302   302 302  302 302   302  302   302  302  302
GET  design                    404    404 404   404 404  404 404   404  404   404  404  404
GET  dashboard                 302    404 404   200 403  403 200   200  403   403  200  404
GET  station_list              302    404 404   200 200  200 200   200  200   200  200  404
GET  station_page              302    404 404   200 200  404 200   200  200   404  404  404
GET  uptime                    302    404 404   200 200  200 200   200  200   200  200  404
GET  uptime_connector          302    404 404   200 200  404 200   200  200   404  404  404
GET  reliability               302    404 404   200 200  200 200   200  403   403  200  404
GET  uptime_report             302    404 404   200 200  200 200   200  403   403  200  404
GET  healing_list               302    404 404   200 200  200 200   200  403   403  200  404
POST healing_policy             302    404 404   302 403  403 403   403  403   403  302  404
POST uptime_hours              302    404 404   302 403  403 403   403  403   403  404  404
GET  power_list                302    404 404   200 200  200 200   200  200   200  200  404
POST power_create              302    404 404   302 302  404 403   302  403   403  404  404
GET  power_page                302    404 404   200 200  404 200   200  200   404  404  404
POST power_change              302    404 404   302 302  404 403   302  403   403  404  404
GET  station_power             302    404 404   200 200  404 200   200  403   403  404  404
POST station_power_order       302    404 404   302 302  404 403   302  403   403  404  404
GET  station_drivers           302    404 404   200 200  404 200   200  403   403  404  404
POST station_drivers_order     302    404 404   302 302  404 403   302  403   403  404  404
GET  reservation_list          302    404 404   200 200  200 200   200  403   403  200  404
POST session_key               302    404 404   302 302  404 403   302  403   403  404  404
GET  station_messages          302    404 404   200 200  404 200   200  403   403  404  404
GET  message_list              302    404 404   200 200  200 200   200  403   403  200  404
GET  message_page              302    404 404   200 200  404 200   200  403   403  404  404
POST station_command           302    404 404   302 302  404 403   302  403   403  404  404
GET  station_commands          302    404 404   200 200  404 200   200  403   403  404  404
POST station_order             302    404 404   302 302  404 403   302  403   403  404  404
GET  station_add               302    404 404   200 403  403 403   403  403   403  200  404
POST station_add               302    404 404   200 403  403 403   403  403   403  200  404
POST station_import_bring      302    404 404   302 403  403 403   403  403   403  302  404
GET  station_import            302    404 404   200 403  403 403   403  403   403  404  404
POST station_import_add        302    404 404   302 403  403 403   403  403   403  404  404
POST station_import_renew      302    404 404   302 403  403 403   403  403   403  404  404
GET  station_labels            302    404 404   200 200  200 200   200  200   200  200  404
GET  station_commissioning     302    404 404   200 200  404 200   200  403   403  404  404
POST station_commissioning_begin 302  404 404   302 302  404 403   302  403   403  404  404
GET  station_configuration     302    404 404   200 200  404 200   200  403   403  404  404
POST station_configuration_read 302   404 404   302 302  404 403   302  403   403  404  404
POST station_setting           302    404 404   302 302  404 403   302  403   403  404  404
POST station_monitor_clear     302    404 404   302 302  404 403   302  403   403  404  404
GET  template_list             302    404 404   200 200  200 200   200  403   403  200  404
GET  quirk_list                302    404 404   200 200  200 200   200  403   403  200  404
POST quirk_add                 302    404 404   302 403  403 403   403  403   403  302  404
GET  vendor_code_list          302    404 404   200 200  200 200   200  403   403  200  404
GET  vendor_code_seen          302    404 404   200 200  200 200   200  403   403  200  404
POST vendor_code_map           302    404 404   302 403  403 403   403  403   403  302  404
POST vendor_code_remove        302    404 404   302 403  403 403   403  403   403  302  404
POST vendor_code_import        302    404 404   302 403  403 403   403  403   403  302  404
POST quirk_switch              302    404 404   302 403  403 403   403  403   403  302  404
POST template_create           302    404 404   302 403  403 403   403  403   403  302  404
GET  template_page             302    404 404   200 200  404 200   200  403   403  404  404
POST template_change           302    404 404   302 403  403 403   403  403   403  404  404
POST template_push             302    404 404   302 403  403 403   403  403   403  404  404
GET  cable_list                302    404 404   200 200  200 200   200  403   403  200  404
GET  cable_page                302    404 404   200 200  404 200   200  403   403  404  404
POST cable_replace             302    404 404   302 302  404 403   403  403   403  404  404
GET  coverage_list             302    404 404   200 200  200 200   200  403   403  200  404
GET  command_list              302    404 404   200 200  200 200   200  403   403  200  404
GET  security_list             302    404 404   200 200  200 200   200  403   403  200  404
GET  certificates              302    404 404   200 200  200 200   200  403   403  200  404
POST certificates_change       302    404 404   302 403  403 403   403  403   403  302  404
GET  station_security          302    404 404   200 200  404 200   200  403   403  404  404
POST station_security_change   302    404 404   302 403  403 403   403  403   403  404  404
GET  network_map               302    404 404   200 200  200 200   200  200   200  200  404
GET  network_pins              302    404 404   200 200  200 200   200  200   200  200  404
GET  session_list              302    404 404   200 200  200 200   200  200   200  200  404
GET  session_page              302    404 404   200 200  404 200   200  200   404  404  404
GET  fault_page                302    404 404   200 200  404 200   200  403   403  404  404
GET  fault_list                302    404 404   200 200  200 200   200  403   403  200  404
GET  quality_list              302    404 404   200 200  200 200   200  403   403  200  404
GET  rule_list                 302    404 404   200 200  200 200   200  403   403  200  404
GET  rule_page                 302    404 404   200 200  200 200   200  403   403  200  404
POST rule_set                  302    404 404   302 403  403 403   403  403   403  302  404
POST rule_try                  302    404 404   302 403  403 403   403  403   403  302  404
GET  rule_trial                302    404 404   200 403  403 403   403  403   403  404  404
POST rule_policy               302    404 404   302 403  403 403   403  403   403  302  404
GET  tariff_list                302    404 404   200 403  403 200   200  403   403  200  404
POST tariff_create              302    404 404   302 403  403 302   403  403   403  302  404
GET  tariff_page                302    404 404   200 403  403 200   200  403   403  404  404
POST tariff_draft               302    404 404   302 403  403 302   403  403   403  404  404
POST tariff_assign              302    404 404   302 403  403 302   403  403   403  404  404
GET  tariff_export              302    404 404   200 403  403 200   200  403   403  404  404
POST tariff_end                 302    404 404   302 403  403 302   403  403   403  404  404
GET  tariff_edit                302    404 404   200 403  403 200   200  403   403  404  404
POST tariff_save                302    404 404   302 403  403 302   403  403   403  404  404
POST tariff_publish             302    404 404   302 403  403 302   403  403   403  404  404
POST tariff_discard             302    404 404   302 403  403 302   403  403   403  404  404
GET  api-tariff-list            403    200 200   200 200  200 200   200  200   200  200  200
GET  api-tariff-detail          403    404 404   200 404  404 200   200  404   404  404  404
GET  api-tariff-versions        403    404 404   200 404  404 200   200  404   404  404  404
POST api-tariff-simulate        403    404 404   200 404  404 200   200  404   404  404  404
GET  unbilled_list             302    404 404   200 403  403 200   200  403   403  200  404
GET  hold_list                 302    404 404   200 403  403 200   200  403   403  200  404
GET  hold_page                 302    404 404   200 403  403 200   200  403   403  404  404
POST hold_decide               302    404 404   302 403  403 302   403  403   403  404  404
POST hold_release_many         302    404 404   302 403  403 302   403  403   403  302  404
GET  fairness                  302    404 404   200 403  403 200   200  403   403  200  404
POST fairness_rules            302    404 404   302 403  403 302   403  403   403  302  404
POST fairness_check            302    404 404   302 403  403 302   403  403   403  302  404
GET  spot_list                 302    404 404   200 403  403 200   200  403   403  200  404
POST spot_import               302    404 404   302 403  403 302   403  403   403  302  404
GET  difference_list           302    404 404   200 403  403 200   200  403   403  200  404
GET  revenue                   302    404 404   200 403  403 200   403  403   403  200  404
GET  invoice_list              302    404 404   200 403  403 200   200  403   403  200  404
GET  invoice_page              302    404 404   200 403  403 200   200  403   403  404  404
GET  invoice_xml               302    200 404   200 404  404 200   200  404   404  404  404
GET  invoice_pdf               302    200 404   200 404  404 200   200  404   404  404  404
GET  reminder_pdf              302    200 404   200 404  404 200   200  404   404  404  404
GET  draft_list                302    404 404   200 403  403 200   200  403   403  200  404
GET  draft_page                302    404 404   200 403  403 200   200  403   403  404  404
POST draft_change              302    404 404   302 403  403 302   403  403   403  404  404
GET  run_list                  302    404 404   200 403  403 200   200  403   403  200  404
POST run_start                 302    404 404   302 403  403 302   403  403   403  302  404
POST invoice_policy            302    404 404   302 403  403 302   403  403   403  302  404
POST invoice_credit            302    404 404   302 403  403 302   403  403   403  404  404
POST invoice_dispute           302    404 404   302 403  403 302   403  403   403  404  404
POST invoice_use_credit        302    404 404   302 403  403 302   403  403   403  404  404
POST session_receipt           302    404 404   302 403  403 302   403  403   403  404  404
POST customer_interest         302    404 404   302 403  403 302   403  403   403  404  404
POST customer_erase            302    404 404   302 403  403 302   403  403   403  404  404
GET  customer_statement        302    404 404   200 403  403 200   200  403   403  404  404
GET  customer_list             302    404 404   200 403  403 200   200  403   403  200  404
GET  customer_add              302    404 404   200 403  403 200   403  403   403  200  404
POST customer_add              302    404 404   422 403  403 422   403  403   403  422  404
GET  customer_groups           302    404 404   200 403  403 200   200  403   403  200  404
POST customer_group_add        302    404 404   302 403  403 302   403  403   403  302  404
GET  customer_page             302    404 404   200 403  403 200   200  403   403  404  404
POST customer_change           302    404 404   422 403  403 422   403  403   403  404  404
POST customer_centres          302    404 404   302 403  403 302   403  403   403  404  404
POST customer_contracts        302    404 404   302 403  403 302   403  403   403  404  404
GET  driver_report_list        302    404 404   200 200  200 200   200  403   403  200  404
GET  driver_report             302    404 404   200 200  404 200   200  403   403  404  404
GET  driver_report_photo       302    404 404   200 200  404 200   200  403   403  404  404
POST driver_report_close       302    404 404   302 302  404 403   302  403   403  404  404
GET  ticket_list               302    404 404   200 200  200 200   200  403   403  200  404
GET  ticket_page               302    404 404   200 200  404 200   200  403   403  404  404
GET  ticket_crew               302    404 404   200 200  200 200   200  403   403  200  404
POST ticket_crew_change        302    404 404   302 403  403 403   403  403   403  302  404
GET  ticket_telling             302    404 404   200 200  200 200   200  403   403  200  404
POST ticket_telling_change      302    404 404   302 302  302 302   302  403   403  302  404
GET  ticket_calendar            404    404 404   404 404  404 404   404  404   404  404  404
GET  ticket_ways                302    404 404   200 403  403 403   403  403   403  200  404
POST ticket_ways_change         302    404 404   302 403  403 403   403  403   403  302  404
GET  ticket_windows            302    404 404   200 200  200 200   200  403   403  200  404
POST ticket_windows_change     302    404 404   302 302  404 403   302  403   403  404  404
GET  ticket_around              302    404 404   200 200  404 200   200  403   403  404  404
GET  ticket_talk                302    404 404   200 200  404 200   200  403   403  404  404
POST ticket_tell_station        302    404 404   302 302  404 403   302  403   403  404  404
GET  ticket_photo               302    404 404   200 200  404 200   200  403   403  404  404
GET  ticket_order               302    404 404   200 200  404 200   200  403   403  404  404
GET  ticket_order_pdf           302    404 404   200 200  404 200   200  403   403  404  404
POST ticket_step               302    404 404   302 302  404 302   302  403   403  404  404
GET  portal_sessions           302    200 200   200 200  200 200   200  200   200  200  200
GET  portal_session            302    200 404   404 404  404 404   404  404   404  404  404
GET  portal_invoices           302    200 200   200 200  200 200   200  200   200  200  200
GET  portal_invoice            302    200 404   404 404  404 404   404  404   404  404  404
GET  portal_pay                302    200 404   404 404  404 404   404  404   404  404  404
POST portal_pay                302    302 404   404 404  404 404   404  404   404  404  404
GET  portal_account            302    200 200   200 200  200 200   200  200   200  200  200
POST payment_webhook           400    400 400   400 400  400 400   400  400   400  400  400
GET  at_cable                  404    404 404   404 404  404 404   404  404   404  404  404
POST cable_report              404    404 404   404 404  404 404   404  404   404  404  404
GET  firmware_file             404    404 404   404 404  404 404   404  404   404  404  404
POST log_upload                404    404 404   404 404  404 404   404  404   404  404  404
POST log_upload_folder         404    404 404   404 404  404 404   404  404   404  404  404
POST log_upload_named          404    404 404   404 404  404 404   404  404   404  404  404
GET  station_logs              302    404 404   200 200  404 200   200  403   403  404  404
POST station_log_ask           302    404 404   302 302  404 403   302  403   403  404  404
GET  station_log_file          302    404 404   200 200  404 200   200  403   403  404  404
GET  bulk_list                 302    404 404   200 403  403 403   200  403   403  200  404
GET  bulk_plan                 302    404 404   200 403  403 403   200  403   403  200  404
GET  bulk_page                 302    404 404   200 403  403 403   200  403   403  404  404
POST bulk_step                 302    404 404   302 403  403 403   302  403   403  404  404
GET  firmware_list             302    404 404   200 200  200 200   200  403   403  200  404
GET  firmware_add              302    404 404   200 403  403 403   403  403   403  200  404
POST firmware_withdraw         302    404 404   302 403  403 403   403  403   403  404  404
GET  campaign_plan             302    404 404   200 403  403 403   403  403   403  404  404
GET  campaign_page             302    404 404   200 200  404 200   200  403   403  404  404
POST campaign_step             302    404 404   302 403  403 403   403  403   403  404  404
GET  limits                    302    404 404   200 403  403 403   403  403   403  200  404
POST limits_switch             302    404 404   302 403  403 403   302  403   403  302  404
GET  api-schema                403    200 200   200 200  200 200   200  200   200  200  200
GET  api-location-list         403    200 200   200 200  200 200   200  200   200  200  200
GET  api-location-detail       403    404 404   200 200  404 200   200  200   404  404  404
GET  api-station-list          403    200 200   200 200  200 200   200  200   200  200  200
GET  api-station-detail        403    404 404   200 200  404 200   200  200   404  404  404
GET  api-connector-list        403    200 200   200 200  200 200   200  200   200  200  200
GET  api-connector-detail      403    404 404   200 200  404 200   200  200   404  404  404
GET  api-session-list          403    200 200   200 200  200 200   200  200   200  200  200
GET  api-session-detail        403    200 404   200 200  404 200   200  200   404  404  404
GET  api-command-list          403    200 200   200 200  200 200   200  200   200  200  200
POST api-command-list          403    404 404   201 201  404 403   201  403   404  404  404
GET  api-command-detail        403    404 404   200 200  404 200   200  404   404  404  404
GET  api-load-group-list       403    200 200   200 200  200 200   200  200   200  200  200
GET  api-load-group-detail     403    404 404   200 200  404 200   200  200   404  404  404
GET  api-reservation-list      403    200 200   200 200  200 200   200  200   200  200  200
POST api-reservation-list      403    404 404   201 404  404 403   201  403   404  404  404
GET  api-reservation-detail    403    200 404   200 200  404 200   200  200   404  404  404
GET  api-cdr-list              403    200 200   200 200  200 200   200  200   200  200  200
GET  api-cdr-detail            403    200 404   200 404  404 200   200  404   404  404  404
GET  api-invoice-list          403    200 200   200 200  200 200   200  200   200  200  200
GET  api-invoice-detail        403    200 404   200 404  404 200   200  404   404  404  404
GET  api-customer-list         403    200 200   200 200  200 200   200  200   200  200  200
POST api-customer-list         403    403 403   400 403  403 400   403  403   403  400  403
GET  api-customer-detail       403    200 404   200 404  404 200   200  404   404  404  404
POST api-customer-change       403    403 404   200 404  404 200   403  404   404  404  404
GET  api-hold-list             403    200 200   200 200  200 200   200  200   200  200  200
GET  api-hold-detail           403    404 404   200 404  404 200   200  404   404  404  404
POST api-hold-release          403    404 404   200 404  404 200   403  404   404  404  404
POST api-hold-correct          403    404 404   200 404  404 200   403  404   404  404  404
POST api-hold-waive            403    404 404   200 404  404 200   403  404   404  404  404
GET  api-fault-list            403    200 200   200 200  200 200   200  200   200  200  200
GET  api-fault-detail          403    404 404   200 200  404 200   200  200   404  404  404
GET  api-ticket-list           403    200 200   200 200  200 200   200  200   200  200  200
GET  api-ticket-detail         403    404 404   200 200  404 200   200  200   404  404  404
GET  api-ticket-notes          403    404 404   200 200  404 200   200  200   404  404  404
POST api-ticket-notes          403    404 404   201 201  404 201   201  403   404  404  404
GET  api-entry-list            403    200 200   200 200  200 200   200  200   200  200  200
GET  api-entry-detail          403    404 404   200 404  404 200   404  404   404  404  404
"""
HEAD, *LINES = map(str.split, MATRIX.strip().splitlines())
PEOPLE = list(HEAD)
ROWS = {
    (method, name): dict(zip(PEOPLE, map(int, statuses), strict=True))
    for method, name, *statuses in LINES
}
STATION_PAGES = (
    "station_page",
    "station_messages",
    "station_command",
    "station_commands",
    "station_order",
    "station_commissioning",
    "station_commissioning_begin",
    "station_configuration",
    "station_configuration_read",
    "station_logs",
    "station_log_ask",
    "station_security",
    "station_security_change",
    "station_power",
    "station_power_order",
    "station_drivers",
    "station_drivers_order",
)
TEMPLATE_PAGES = ("template_page", "template_change", "template_push")
REPORT_PAGES = ("driver_report", "driver_report_photo", "driver_report_close")
INVOICE_PAGES = (
    *("portal_invoice", "portal_pay", "invoice_page", "invoice_xml", "invoice_pdf"),
    *("invoice_credit", "invoice_dispute", "invoice_use_credit"),
)
TARIFF_PAGES = (
    *("tariff_page", "tariff_draft", "tariff_assign", "tariff_export"),
    *("api-tariff-detail", "api-tariff-versions", "api-tariff-simulate"),
)
DRAFT_PAGES = ("tariff_edit", "tariff_save", "tariff_publish", "tariff_discard")
IMPORT_PAGES = ("station_import", "station_import_add", "station_import_renew")
# Known by the secret in their address, not by who is signed in: a wrong one is no address.
BY_SECRET = ("log_upload", "log_upload_folder", "log_upload_named")
FORMS: dict[str, dict[str, str]] = {
    "certificates_change": {"step": "nothing"},
    "station_security_change": {"step": "list"},
    "sign_out": {},
    "fairness_rules": {"order_1": "1", "outcome_1": "waive"},
    "fairness_check": {"check": "no_energy", "action": "hold", "most_wh": "0"},
    "customer_add": {"name": ""},
    "customer_group_add": {"name": "Gold"},
    "customer_change": {"name": ""},
    "customer_centres": {"code": "1"},
    "customer_contracts": {"token": "nobody's"},
    "hold_decide": {"deed": "release", "reason": "looked at", "turn": "1"},
    "hold_release_many": {"held_for": "needs_review", "reason": "looked at"},
    "api-customer-list": {},
    "api-customer-change": {},
    "api-hold-release": {"reason": "looked at"},
    "api-hold-waive": {"reason": "looked at"},
    "api-hold-correct": {
        "reason": "looked at",
        "started_at": "2026-10-05T10:00:00Z",
        "ended_at": "2026-10-05T11:00:00Z",
        "energy_wh": "100",
    },
    "tariff_create": {"name": "Night", "code": "NIGHT"},
    "tariff_draft": {},
    "tariff_assign": {"place": "all"},
    "tariff_end": {},
    "tariff_save": {
        "step": "json",
        "revision": "1",
        "text": '{"currency": "SEK", "elements": [{"price_components":'
        ' [{"type": "ENERGY", "price": 5, "vat": 25, "step_size": 1}]}]}',
    },
    "tariff_publish": {"revision": "1"},
    "tariff_discard": {},
    "api-tariff-simulate": {
        "energy_kwh": "30",
        "power_kw": "50",
        "started_at": "2026-10-05T10:00:00Z",
    },
    "rule_set": {"ticket_after": "4000", "is_active": "1"},
    "healing_policy": {"mode": "on"},
    "rule_try": {"ticket_after": "4000", "days": "7"},
    "rule_policy": {"is_advisory": "1"},
    "cable_report": {"kind": "dark", "key": "k1"},
    "set_language": {"language": "sv", "next": "/"},
    "station_command": {"action": "reset"},
    # identities begin at 1 again in an emptied database: the first station is Nord's
    "api-command-list": {"station_id": "1", "action": "reset"},
    "bulk_step": {"step": "confirm"},
    "campaign_step": {"step": "confirm"},
    "firmware_withdraw": {},
    "limits_switch": {"halt": "1"},
    "uptime_hours": {"hours": ""},
    "cable_replace": {"serial_number": "K-0002", "why": "worn"},
    "station_log_ask": {"kind": "diagnostics"},
    **{name: {} for name in BY_SECRET},
    "station_order": {"action": "clear_cache"},
    "station_power_order": {"deed": "ask"},
    "station_drivers_order": {"deed": "list", "wanted": "1"},
    "api-reservation-list": {"station_id": "1", "token_id": "1", "minutes": "30"},
    "power_create": {"location": "1", "limit": "40", "name": "New"},
    "power_change": {"deed": "limit", "limit": "60", "minutes": "15"},
    "session_key": {"key": "1"},
    "quirk_add": {"vendor": "Elvira", "kind": "token_length", "value": "16"},
    "quirk_switch": {"key": "known-1", "step": "off"},
    "vendor_code_map": {"code": "E-4711", "fault": "F21"},
    "vendor_code_remove": {"key": "1"},
    "vendor_code_import": {},
    "spot_import": {},
    "template_create": {"name": "Elvira", "ocpp": "1.6"},
    "template_change": {"change": "switch"},
    "template_push": {},
    "station_add": {"identity": "MATRIX-1"},
    "station_import_bring": {},
    "station_import_add": {},
    "station_import_renew": {},
    "station_commissioning_begin": {},
    "station_configuration_read": {},
    "station_setting": {"value": "9"},
    "station_monitor_clear": {},
    "ticket_tell_station": {"action": "trigger", "message": "Heartbeat"},
    "ticket_telling_change": {"email_least": "4", "sms_least": "1"},
    "ticket_ways_change": {"deed": "nothing"},
    "api-ticket-notes": {"text": "seen"},
    "ticket_crew_change": {"deed": "policy"},
    "ticket_windows_change": {"site": "1", "reason": "Fuses"},
    "driver_report_close": {"verdict": "right"},
    "ticket_step": {"step": "note", "text": "seen", "key": "k1"},
    "run_start": {"month": "2026-10"},
    "invoice_policy": {"grace_days": "2", "reminders": "1", "reminder_after_days": "5"},
    "draft_change": {"deed": "hold", "reason": "x"},
    "invoice_credit": {"reason": "wrong"},
    "invoice_dispute": {"reason": "wrong"},
    "invoice_use_credit": {"deed": "set_off"},
    "customer_erase": {"reason": ""},
    "customer_interest": {},
    "session_receipt": {},
    "portal_pay": {"method": "card_ok", "attempt": "a1"},
    "payment_webhook": {},
}
