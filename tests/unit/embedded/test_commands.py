import pytest

from chargenet.embedded import commands, sharing

NAMES = [*commands.DATABASE_NAMES, "REDIS_URL"]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for name in ("DEBUG", *NAMES, *(f"{name}_FILE" for name in NAMES)):
        monkeypatch.delenv(name, raising=False)


def test_with_nothing_given_both_engines_are_missing():
    assert commands.missing_engines() == [sharing.POSTGRES, sharing.REDIS]


@pytest.mark.parametrize("name", commands.DATABASE_NAMES)
def test_a_given_database_is_not_missing(monkeypatch, name):
    monkeypatch.setenv(name, "postgresql://db/chargenet")

    assert commands.missing_engines() == [sharing.REDIS]


def test_a_database_named_in_a_file_is_not_missing(monkeypatch, tmp_path):
    secret = tmp_path / "url"
    secret.write_text("postgresql://db/chargenet\n")
    monkeypatch.setenv("DATABASE_URL_FILE", str(secret))

    assert commands.missing_engines() == [sharing.REDIS]


def test_production_never_starts_an_engine(monkeypatch):
    monkeypatch.setenv("DEBUG", "0")

    assert commands.missing_engines() == []


def test_every_migration_of_ours_is_known():
    labels = {label for label, _ in commands.migrations_on_disk()}

    assert {"core", "stations", "billing", "faults", "revenue"} <= labels
