"""Known holes of the dependencies (pip-audit) and a bill of materials (CycloneDX), for the environment of a Python.

    python tests/packaging/audit.py .venv/bin/python

Both tools are installed into an environment of their own, `.audit`. Where they or their service cannot be reached, or
the service knows none of the packages, it says so and ends well: such a machine has nothing to tell.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PLACE = ROOT / ".audit"


def main(python: str) -> int:
    """0 when nothing is known or nothing could be asked, 1 when a dependency has a known hole."""
    if not (PLACE / "bin" / "pip-audit").exists():
        subprocess.run([sys.executable, "-m", "venv", PLACE], check=True)
        install = [PLACE / "bin/pip", "install", "--quiet", "pip-audit", "cyclonedx-bom"]
        if subprocess.run(install).returncode:
            print("make audit: skipped, its tools cannot be installed here (no network?)")
            return 0
    materials = ROOT / "dist" / "medtables.cdx.json"
    materials.parent.mkdir(exist_ok=True)
    describe = [PLACE / "bin/cyclonedx-py", "environment", "--pyproject", ROOT / "pyproject.toml"]
    subprocess.run([*describe, "--output-reproducible", "-o", materials, python], check=True)
    print(f"make audit: the bill of materials is {materials.relative_to(ROOT)}")
    where = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    options = ["--skip-editable", "--timeout", "20", "--progress-spinner", "off", "--format", "json"]
    asked = subprocess.run(
        [PLACE / "bin/pip-audit", "--path", where, *options], capture_output=True, text=True
    )
    return told(asked.stdout, asked.stderr)


def told(answer: str, errors: str) -> int:
    """Print what pip-audit's JSON says; 1 when it names a hole, else 0."""
    try:
        packages = json.loads(answer)["dependencies"]
    except ValueError:
        last = errors.strip().splitlines()[-1:] or ["no answer"]
        print(f"make audit: known holes could not be asked for ({last[0]})")
        return 0
    known = [one for one in packages if "skip_reason" not in one]
    holes = [(one, hole) for one in known for hole in one["vulns"]]
    for one, hole in holes:
        cure = ", ".join(hole["fix_versions"]) or "no version yet"
        print(f"{one['name']} {one['version']}: {hole['id']}, mended in {cure}")
    if not known:
        print(
            f"make audit: known holes could not be asked for: the service knows none of {len(packages)} packages"
        )
    else:
        print(
            f"make audit: {len(holes)} known holes in {len(known)} packages; {len(packages) - len(known)} not asked"
        )
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
