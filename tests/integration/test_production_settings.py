"""Production starts with what somebody chose, and with nothing else."""

import os
import subprocess
import sys

import pytest

from chargenet.embedded import addresses

CHOSEN = {
    "DEBUG": "0",
    "SECRET_KEY": "k3y-" + "Zx9!qPw7" * 8,
    "FIELD_KEY": "f13ld-" + "Qy4!vTm2" * 8,
    "ALLOWED_HOSTS": "charge.example.org",
    "DATABASE_URL": "postgresql://chargenet_owner:secret@db.example.org/chargenet",
    "REDIS_URL": "redis://redis.example.org",
}


def _check(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return _manage("check", *arguments, **settings)


def _manage(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "CHARGENET_VAR") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=addresses.REPOSITORY,
        env=kept | settings,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "FIELD_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"]
)
def test_production_does_not_start_without(name):
    done = _check(**{key: value for key, value in CHOSEN.items() if key != name})

    assert done.returncode != 0
    assert f"{name} is missing" in done.stderr


def test_production_is_clean_under_djangos_own_eyes():
    done = _check("--deploy", "--fail-level", "WARNING", **CHOSEN)

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"DEBUG": "0"}, "SECRET_KEY is missing."),
        ({"DEBUG": "maybe"}, "DEBUG='maybe' is no switch."),
        ({"DATABASE_URL": "mysql://db"}, "DATABASE_URL has the scheme 'mysql'."),
        ({"SECRET_KEY_FILE": "/no/such/file"}, "SECRET_KEY_FILE='/no/such/file' cannot be read"),
        ({"TLS_FRONT": "10.0.0.300"}, "TLS_FRONT='10.0.0.300' is no network"),
        ({"CHARGENET_DB_ROLE": "root"}, "CHARGENET_DB_ROLE='root': use owner, web or system."),
    ],
)
@pytest.mark.parametrize("command", ["prove_books", "migrate"])
def test_a_command_says_in_one_line_which_setting_is_wrong(command, settings, said):
    done = _manage(command, **settings)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: settings: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
