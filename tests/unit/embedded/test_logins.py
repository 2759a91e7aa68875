import json

from chargenet.embedded import logins


def test_the_last_line_of_load_demo_names_the_cast():
    printed = "loading\n" + json.dumps(
        {"logins": [{"role": "operator", "email": "cilla@example.org", "password": "p"}]}
    )

    assert logins.readable(printed) == [("operator", "cilla@example.org  p")]


def test_a_silent_load_demo_leaves_its_logins_in_a_file(monkeypatch, tmp_path):
    monkeypatch.setenv("CHARGENET_VAR", str(tmp_path))
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "logins.json").write_text('[{"name": "Dag", "login": "dag"}]')

    assert logins.readable("") == [("Dag", "dag  ")]


def test_no_logins_are_no_error(monkeypatch, tmp_path):
    monkeypatch.setenv("CHARGENET_VAR", str(tmp_path))

    assert logins.readable("no JSON") == []
