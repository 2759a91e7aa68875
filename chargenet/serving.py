"""How uvicorn serves the gateway, said once: for the demo, tests, benches and production."""

from typing import Final

# A larger frame closes 1009 (99 of 100 OCPP messages fit in 2 kB); a station that is silent is
# asked after 30 s and given 60; whose word counts about where it comes from is TLS_FRONT's to say.
GATEWAY_FLAGS: Final = (
    *("--ws", "stations.ocpp.line:Line"),
    *("--ws-max-size", "262144"),
    *("--ws-max-queue", "16"),
    *("--ws-ping-interval", "30"),
    *("--ws-ping-timeout", "60"),
    "--no-proxy-headers",
)
