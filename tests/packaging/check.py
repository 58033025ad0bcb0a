"""The package as others get it: wheel and sdist, installed in empty environments, tested there.

    python tests/packaging/check.py [--python 3.11 3.12] [--versions lowest newest] [--tests tests/test_x.py ...]

Wheel and sdist are built twice, which must give the same bytes; pip installs the wheel with `[all]`. Then, for every
Python that is found and for the lowest and the newest versions of the dependencies that pyproject.toml allows, an
environment is made, the wheel installed with its extras, and the tests of the sdist run against it (PYTHONSAFEPATH
keeps the folder's own package out of the way). Needs the network, and uv, which it installs into an environment of its
own. Without --tests a choice of a few minutes runs; `--tests tests` is the whole suite. `--folder` keeps what is made.
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
# The last two found what the others did not: components in other pipelines, and runs of several chunks.
QUICK = [
    "tests/test_packaging.py",
    "tests/test_sample.py",
    "tests/test_mentions.py",
    "tests/test_assertion.py",
    "tests/test_writers.py",
    "tests/test_databases.py",
    "tests/test_sources.py",
    "tests/test_cli.py",
    "tests/test_compare_run.py",
    "tests/components",
    "tests/hostile/test_inputs.py",
]
# `longtail` is left to `pip install medtables[all]`: it brings lists that only its own import reads.
EXTRAS = ("duckdb", "xlsx", "dask", "remote")
# What the tests need beside the package.
TOOLS = (
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
)


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


def build(python: Path, out: Path) -> tuple[Path, Path]:
    """The paths of wheel and sdist; builds them twice and stops where the bytes differ."""
    for place in (out, out / "again"):
        run(python, "-m", "build", "--outdir", place, ROOT, stdout=subprocess.DEVNULL)
    [wheel] = out.glob("*.whl")
    [source] = out.glob("*.tar.gz")
    for path in (wheel, source):
        if path.read_bytes() != (out / "again" / path.name).read_bytes():
            sys.exit(f"{path.name}: two builds gave different bytes")
    print("Two builds gave the same bytes", flush=True)
    return wheel, source


def install_all(wheel: Path, place: Path) -> None:
    """Install the wheel with every extra by pip alone, read the sample with it."""
    run(sys.executable, "-m", "venv", place)
    run(place / "bin/pip", "install", "--quiet", f"{wheel}[all]")
    run(place / "bin/pip", "check")
    pages, out = ROOT / "corpora/sample", place / "tables"
    formats = ["--format", "csv,xlsx,duckdb"]
    run(place / "bin/medtables", "run", pages, "-o", out, "-q", "--overwrite", *formats, cwd=place)
    run(place / "bin/medtables", "vocab", "import", "--longtail", "-o", place / "names", cwd=place)
    print("pip install medtables[all]: passed", flush=True)


def environment(uv: Path, python: str, which: str, wheel: Path, place: Path) -> None:
    """An environment with the wheel, its extras, the lowest or newest versions of both, and what the tests need."""
    run(uv, "venv", "--quiet", "--clear", "--python", python, place)
    pins = place / "pins.txt"
    # Old releases often have no wheel for a new Python: the lowest is the lowest that has one.
    where = ["--python", place / "bin/python", "--only-binary", ":all:"]
    wanted = [word for extra in EXTRAS for word in ("--extra", extra)]
    wanted += ["--resolution", "lowest-direct"] if which == "lowest" else []
    run(uv, "pip", "compile", "--quiet", *where, *wanted, ROOT / "pyproject.toml", "-o", pins)
    run(uv, "pip", "install", "--quiet", *where, "-r", pins)
    run(uv, "pip", "install", "--quiet", *where, "--no-deps", wheel)
    run(uv, "pip", "install", "--quiet", *where, "-c", pins, *TOOLS)


def main() -> int:
    """Build, install and test; the number of environments in which something failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", nargs="+", default=PYTHONS)
    parser.add_argument("--versions", nargs="+", default=["lowest", "newest"], choices=["lowest", "newest"])
    parser.add_argument("--tests", nargs="+", default=QUICK)
    parser.add_argument("--folder", type=Path, help="where the environments are made and kept")
    asked = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = (asked.folder or Path(name)).resolve()
        run(sys.executable, "-m", "venv", folder / "tools")
        run(folder / "tools/bin/pip", "install", "--quiet", "uv", "build")
        shutil.rmtree(folder / "dist", ignore_errors=True)
        wheel, source = build(folder / "tools/bin/python", folder / "dist")
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        install_all(wheel, folder / "all")
        for version in asked.python:
            path = interpreter(version)
            if not path:
                print(f"Python {version}: not here")
                continue
            for which in asked.versions:
                place = folder / f"{version}-{which}"
                environment(folder / "tools/bin/uv", path, which, wheel, place)
                done = subprocess.run(
                    [place / "bin/pytest", "-nauto", *asked.tests],
                    cwd=folder / source.name.removesuffix(".tar.gz"),
                    env={**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": ""},
                )
                outcome = "FAILED" if done.returncode else "passed"
                print(f"Python {version}, {which} versions: {outcome}", flush=True)
                failed += bool(done.returncode)
    return failed


if __name__ == "__main__":
    sys.exit(main())
