import json
from pathlib import Path
from typing import Any

import pytest

from billing.einvoice import ubl
from billing.management.commands import validate_invoice
from tests.unit.billing.einvoice import papers

STAGES = ["xsd", "en16931", "peppol", "amounts"]


def run(*files: str) -> int:
    """Return the command's exit code."""
    try:
        validate_invoice.Command().run_from_argv(["manage.py", "validate_invoice", *files])
    except SystemExit as error:
        return int(error.code or 0)
    return 0


def write(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


def told(capsys: Any) -> list[dict[str, Any]]:
    return [json.loads(text) for text in capsys.readouterr().out.splitlines()]


def test_a_valid_file_is_one_line_and_exit_0(tmp_path: Path, capsys: Any) -> None:
    file = write(tmp_path, "a.xml", ubl.write(papers.document()))

    assert run(file) == 0

    stages = dict.fromkeys(STAGES, "ok")
    assert told(capsys) == [{"file": file, "valid": True, "stages": stages, "errors": []}]


def test_each_file_is_a_line_and_one_that_is_not_valid_makes_exit_1(
    tmp_path: Path, capsys: Any
) -> None:
    good = write(tmp_path, "a.xml", ubl.write(papers.document()))
    wrong = papers.changed(ubl.write(papers.credit_note()), papers.drop("//cac:BillingReference"))
    again = write(tmp_path, "c.xml", ubl.write(papers.document()))

    assert run(good, write(tmp_path, "b.xml", wrong), again) == 1

    lines = told(capsys)
    assert [line["valid"] for line in lines] == [True, False, False]
    assert lines[1]["stages"] == dict.fromkeys(STAGES, "ok") | {"amounts": "failed"}
    (error,) = lines[1]["errors"]
    assert list(error) == ["stage", "rule", "path", "text"]
    assert lines[2]["errors"][0]["rule"] == "number-used"


def test_what_is_no_invoice_says_not_run_for_the_stages_it_never_reached(
    tmp_path: Path, capsys: Any
) -> None:
    assert run(write(tmp_path, "a.xml", b"<html/>")) == 1

    (line,) = told(capsys)
    assert line["stages"] == {"xsd": "failed"} | dict.fromkeys(STAGES[1:], "not run")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "error: arguments: the following arguments are required"),
        (["nowhere.xml"], "error: nowhere.xml: No such file"),
        (["--fast", "a.xml"], "error: arguments: unrecognized arguments: --fast."),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_2(
    arguments: list[str], said: str, capsys: Any
) -> None:
    assert run(*arguments) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(said)
