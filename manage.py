#!/usr/bin/env python
"""Run one ChargeNet command."""

import os
import sys

OWNER_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "showmigrations", "squashmigrations"}
NOT_DONE = 2


def main() -> int:
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chargenet.settings")
    os.environ.setdefault("CHARGENET_DB_ROLE", "owner" if command in OWNER_COMMANDS else "system")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from chargenet import embedded

    try:
        with embedded.engines_for_command(command, sys.argv[2:]):
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"error: settings: {error}\n")
        return NOT_DONE
    except embedded.EngineFailed as error:
        sys.stderr.write(f"error: engines: {error}\n")
        return NOT_DONE
    return 0


if __name__ == "__main__":
    sys.exit(main())
