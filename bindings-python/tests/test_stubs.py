"""The stubs say what the module has."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files

import wayfare


def test_the_stubs_fit_the_module() -> None:
    command = [sys.executable, "-m", "mypy.stubtest", "wayfare"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_package_is_typed() -> None:
    assert (files(wayfare) / "py.typed").is_file()
    assert (files(wayfare) / "_wayfare.pyi").is_file()


def test_everything_public_is_documented() -> None:
    for name in set(wayfare.__all__) - {"__version__"}:
        thing = getattr(wayfare, name)
        assert thing.__doc__, name
        if isinstance(thing, type) and not issubclass(thing, Exception):
            undocumented = [key for key, value in vars(thing).items() if not key.startswith("_") and not value.__doc__]
            assert undocumented == [], name
