"""The cases no test plays yet, each with the reason."""

PNC = (
    "plug and charge needs a responder that says whether a contract still holds, and we ask no "
    "address that a station or a vehicle names; a contract is answered with Invalid"
)
OCSP = "needs an OCSP responder, and we ask no address that a station names; we answer Failed"
POOL = "needs a pool of contract certificates at a mobility operator; we answer Failed"
NOT_PLAYED: dict[str, str] = {
    "TC_C_50_CSMS": PNC,
    "TC_C_51_CSMS": PNC,
    "TC_C_52_CSMS": PNC,
    "TC_M_24_CSMS": OCSP,
    "TC_M_26_CSMS": POOL,
    "TC_M_28_CSMS": POOL,
}
