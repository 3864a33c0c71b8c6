"""`python -m bench [--quick] [NAME…]`: run the programs, all or those named, one after the other, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

PROGRAMS = {
    "cycle": "the engine cycle without a database",
    "feel": "expressions and decision tables",
    "completion": "durable completions in process",
    "over_http": "completions over HTTP, one client and several",
    "scripts": "instances of ten script tasks over HTTP",
    "growth": "loops of many passes, instances with much to carry",
    "instances": "a completion beside many instances",
    "tasklist": "the list of my tasks among a million",
    "timers": "a hundred thousand timers, a thousand of them due",
    "messages": "a message for one of a million",
    "startup": "the start of `tikub serve` with a hundred processes",
}


def main() -> int:
    """Run them; 1 when one did not come to its end."""
    named = [each for each in sys.argv[1:] if not each.startswith("-")]
    options = [each for each in sys.argv[1:] if each.startswith("-")]
    ended = [subprocess.run([sys.executable, "-m", f"bench.{name}", *options]).returncode for name in named or PROGRAMS]
    return int(any(ended))


if __name__ == "__main__":
    sys.exit(main())
