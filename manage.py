#!/usr/bin/env python
"""Django's command line. Without DATABASE_URL it speaks to the demo of this checkout, while that runs."""

import os
import sys
from pathlib import Path


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    running_demo = Path(__file__).resolve().parent / ".demo" / "env"
    if "DATABASE_URL" not in os.environ and running_demo.exists():
        from environ import Env

        Env.read_env(running_demo)

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
