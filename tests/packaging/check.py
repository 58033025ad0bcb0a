"""The package as others get it: wheel and sdist, installed in empty environments, tested there.

    python tests/packaging/check.py [--python 3.11 3.12] [--versions lowest newest] [--tests tests/test_x.py ...]

For every Python that is found and for the lowest and the newest versions of the dependencies that pyproject.toml
allows, an environment is made, the wheel installed with all extras, and the tests of the sdist run against it
(PYTHONSAFEPATH keeps the folder's own package out of the way). Needs the network, and uv, which it installs into an
environment of its own. Without --tests a choice of a few minutes runs; `--tests tests` is the whole suite.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
QUICK = [
    f"tests/test_{name}.py"
    for name in (
        "packaging",
        "sample",
        "mentions",
        "assertion",
        "writers",
        "databases",
        "sources",
        "cli",
        "compare_run",
    )
]
# What the tests need beside the package; `longtail` brings lists that only its own import reads.
TOOLS = [
    "pytest",
    "pytest-xdist",
    "hypothesis",
    "openpyxl",
    "frictionless",
    "bioc",
    "hatchling",
    "build",
    "mypy",
    "cogapp",
    "PyYAML",
]


def run(*command: object, **options: object) -> subprocess.CompletedProcess[bytes]:
    """Run a command and stop when it fails."""
    return subprocess.run([str(word) for word in command], check=True, **options)  # type: ignore[call-overload,no-any-return]


def interpreter(version: str) -> str | None:
    """The path of a Python of that version that runs."""
    names = [f"python{version}", *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))]
    for name in names:
        path = shutil.which(name)
        if path and not subprocess.run([path, "-c", ""], capture_output=True).returncode:
            return path
    return None


def main() -> int:
    """Build, install and test; the number of environments in which something failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", nargs="+", default=PYTHONS)
    parser.add_argument("--versions", nargs="+", default=["lowest", "newest"], choices=["lowest", "newest"])
    parser.add_argument("--tests", nargs="+", default=QUICK)
    asked = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, "-m", "venv", folder / "tools")
        run(folder / "tools/bin/pip", "install", "--quiet", "uv", "build")
        run(folder / "tools/bin/python", "-m", "build", "--outdir", folder / "dist", ROOT)
        [wheel] = (folder / "dist").glob("*.whl")
        [source] = (folder / "dist").glob("*.tar.gz")
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        uv = folder / "tools/bin/uv"
        for version in asked.python:
            path = interpreter(version)
            if not path:
                print(f"Python {version}: not here")
                continue
            for which in asked.versions:
                place = folder / f"{version}-{which}"
                run(uv, "venv", "--quiet", "--python", path, place)
                # Old releases often have no wheel for a new Python: the lowest is the lowest that has one.
                lowest = ["--resolution", "lowest-direct"] if which == "lowest" else []
                pins = place / "pins.txt"
                where = ["--python", place / "bin/python", "--only-binary", ":all:"]
                extras = ["--extra", "duckdb", "--extra", "xlsx", "--extra", "dask", "--extra", "remote"]
                run(
                    uv,
                    "pip",
                    "compile",
                    "--quiet",
                    *where,
                    *lowest,
                    *extras,
                    ROOT / "pyproject.toml",
                    "-o",
                    pins,
                )
                run(uv, "pip", "install", "--quiet", *where, "-r", pins)
                run(uv, "pip", "install", "--quiet", *where, "--no-deps", wheel)
                run(uv, "pip", "install", "--quiet", *where, "-c", pins, *TOOLS)
                done = subprocess.run(
                    [place / "bin/pytest", "-q", "-n0", *asked.tests],
                    cwd=folder / source.name.removesuffix(".tar.gz"),
                    env={**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": ""},
                )
                print(
                    f"Python {version}, {which} versions: {'passed' if not done.returncode else 'FAILED'}",
                    flush=True,
                )
                failed += bool(done.returncode)
    return failed


if __name__ == "__main__":
    sys.exit(main())
