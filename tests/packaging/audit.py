"""Known holes of the dependencies (pip-audit) and a bill of materials (CycloneDX), for the environment of a Python.

    python tests/packaging/audit.py .venv/bin/python

Both tools are installed into an environment of their own, `.audit`. Where they or their service cannot be reached, it
says so and ends well: a machine without a network has nothing to tell.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PLACE = ROOT / ".audit"
UNREACHED = (
    "Connection",
    "Max retries",
    "timed out",
    "Temporary failure",
    "ServiceError",
    "403 ",
    "404 ",
    "502 ",
    "503 ",
)


def main(python: str) -> int:
    """0 when nothing is known or nothing could be asked, 1 when a dependency has a known hole."""
    if not (PLACE / "bin" / "pip-audit").exists():
        subprocess.run([sys.executable, "-m", "venv", PLACE], check=True)
        install = [PLACE / "bin/pip", "install", "--quiet", "pip-audit", "cyclonedx-bom"]
        if subprocess.run(install).returncode:
            print("make audit: skipped, its tools cannot be installed here (no network?)")
            return 0
    (ROOT / "dist").mkdir(exist_ok=True)
    materials = ROOT / "dist" / "medtables.cdx.json"
    subprocess.run([PLACE / "bin/cyclonedx-py", "environment", python, "-o", materials], check=True)
    print(f"make audit: the bill of materials is {materials.relative_to(ROOT)}")
    where = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    asked = subprocess.run(
        [
            PLACE / "bin/pip-audit",
            "--path",
            where,
            "--skip-editable",
            "--timeout",
            "20",
            "--progress-spinner",
            "off",
        ],
        capture_output=True,
        text=True,
    )
    print(asked.stdout, end="")
    if (
        asked.returncode
        and "vulnerabilit" not in asked.stderr
        and any(word in asked.stderr for word in UNREACHED)
    ):
        print("make audit: the question for known holes is skipped, its service cannot be reached")
        return 0
    print(asked.stderr, end="", file=sys.stderr)
    return asked.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
