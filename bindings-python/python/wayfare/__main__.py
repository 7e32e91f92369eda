"""The command `wayfare`, also `python -m wayfare`."""

import sys


def main() -> None:
    """Runs the command; says what is missing when it cannot."""
    try:
        from .cli import app
    except ModuleNotFoundError as error:
        sys.exit(f'the command `wayfare` needs {error.name}: pip install "wayfare[cli]"')
    app(prog_name="wayfare")


if __name__ == "__main__":
    main()
