"""What `lint_tariff` prints, and how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from billing.management.commands import lint_tariff
from tests.unit.billing.papers import component, element, tariff

ENERGY = component("ENERGY", 4, 25)
PARKING = component("PARKING_TIME", 6, 25)
FEE = component("FLAT", 5, 25)
AD_HOC = tariff(element(ENERGY, PARKING), type="AD_HOC_PAYMENT")


def _run(folder: Path, document: object, capsys: Any, *options: str) -> tuple[int, list[Any], str]:
    path = folder / "tariff.json"
    text = document if isinstance(document, str) else json.dumps(document, default=float)
    path.write_text(text, encoding="utf-8")
    code = 0
    try:
        argv = ["manage.py", "lint_tariff", str(path), *options]
        lint_tariff.Command().run_from_argv(argv)
    except SystemExit as stop:
        code = int(stop.code or 0)
    told = capsys.readouterr()
    return code, [json.loads(line) for line in told.out.splitlines()], told.err


def test_the_command_prints_a_line_a_finding_and_fails_on_errors_only(
    tmp_path: Path, capsys: Any
) -> None:
    odd = _run(tmp_path, tariff(element(component("ENERGY", 4))), capsys)
    wrong = _run(tmp_path, tariff(element(ENERGY | {"vta": 6})), capsys)

    assert [odd[0], [each["rule"] for each in odd[1]], odd[2]] == [0, ["missing_tax"], ""]
    assert wrong[0] == 1
    assert wrong[1] == [
        {
            "level": "error",
            "rule": "unknown_key",
            "path": "$.elements[0].price_components[0].vta",
            "text": "The key vta is unknown and would be ignored. Remove it.",
        }
    ]


def test_the_command_takes_the_power_of_the_place(tmp_path: Path, capsys: Any) -> None:
    document = AD_HOC | {"elements": [element(ENERGY, FEE)]}

    assert _run(tmp_path, document, capsys)[0] == 0
    assert _run(tmp_path, document, capsys, "--power-kw", "150")[0] == 1
    assert (
        "error: --power-kw: 'fast' is no number"
        in _run(tmp_path, document, capsys, "--power-kw", "fast")[2]
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "no JSON"),
        ('{"a": NaN}', "NaN"),
        ('{"a": 1, "a": 1}', "twice"),
        (r'{"currency": "\uD800"}', "half a character"),
    ],
)
def test_what_is_no_json_stops_the_command(
    tmp_path: Path, capsys: Any, text: str, what: str
) -> None:
    code, lines, error = _run(tmp_path, text, capsys)

    assert (code, lines) == (2, [])
    assert error.startswith("error: ")
    assert what in error
