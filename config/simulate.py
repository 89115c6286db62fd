"""`python -m config.simulate`: the simulation on servers of its own, with the arguments of the command."""

import os
import secrets
import sys
from pathlib import Path

from config import embedded, processes

FOLDER = Path(__file__).resolve().parent.parent / ".simulation"


def main() -> int:
    """Live the runs that are asked for, and leave no process behind. 1 where another run has the folder."""
    try:
        with processes.own(FOLDER), embedded.servers(FOLDER, lasting=False) as addresses:
            os.environ.update(addresses)
            os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(40))
            os.environ.setdefault("LOG_LEVEL", "WARNING")
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
            from django.core.management import execute_from_command_line

            execute_from_command_line(["manage.py", "simulate", *sys.argv[1:]])
    except (processes.FolderInUse, embedded.ServerDidNotStart) as reason:
        print(f"The simulation cannot run: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
