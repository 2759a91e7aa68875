#!/usr/bin/env python
"""Run one ChargeNet command."""

import os
import sys

OWNER_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "showmigrations", "squashmigrations"}


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chargenet.settings")
    os.environ.setdefault("CHARGENET_DB_ROLE", "owner" if command in OWNER_COMMANDS else "system")
    from django.core.management import execute_from_command_line

    from chargenet.embedded import engines_for_command

    with engines_for_command(command):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
