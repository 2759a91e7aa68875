"""Names of security events, as 1.6 with the security extension and 2.x spell them."""

from typing import Final

# Somebody may have put software into a station, or speaks in its name.
GRAVE: Final = frozenset(
    {
        "attemptedreplayattacks",
        "attemptedreplayattack",
        "invalidfirmwaresignature",
        "invalidfirmwaresigningcertificate",
    }
)
AT_ONCE: Final = frozenset(
    {
        "csmsfailedtoauthenticate",
        "centralsystemfailedtoauthenticate",
        "failedtoauthenticateatcsms",
        "failedtoauthenticateatcentralsystem",
        "invalidcentralsystemcertificate",
        "invalidchargepointcertificate",
        "invalidchargingstationcertificate",
        "invalidcsmscertificate",
        "invalidtlsciphersuite",
        "invalidtlsversion",
        "securitylogwascleared",
    }
)
# Once is a typing error.
REPEATED: Final = frozenset({"maintenanceloginfailed"})
TAMPER: Final = frozenset({"tamperdetectionactivated"})
LOST_MESSAGES: Final = frozenset({"invalidmessages", "memoryexhaustion"})
CERTIFICATE_FAILED: Final = frozenset({"csrgenerationfailed"})
