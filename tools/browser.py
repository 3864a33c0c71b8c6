"""Finds or installs the Chromium that the tests and the pictures drive, and says where it is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=fr",
    "--hide-scrollbars",
)
MARKER = Path(sys.prefix) / ".playwright-chromium"


def find() -> str | None:
    """Path of a browser on the machine; "" when Playwright's own is installed; None when there is none."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return "" if MARKER.exists() else None


def install() -> str:
    """Install one: Debian's package as root, else Playwright's download."""
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], check=False, env=quiet
        )
        if (found := find()) is not None:
            return found
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)
    MARKER.touch()
    return ""


def launch_options() -> dict[str, object]:
    """Keyword arguments of Playwright's ``chromium.launch``."""
    path = find()
    options: dict[str, object] = {"args": list(ARGUMENTS)}
    if path:
        options["executable_path"] = path
    return options


def main() -> None:
    """Make sure that there is a browser."""
    if find() is None:
        install()


if __name__ == "__main__":
    main()
