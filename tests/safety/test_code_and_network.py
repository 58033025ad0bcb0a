"""Nothing is evaluated, unpickled or fetched."""

from __future__ import annotations

import ast
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import pipeline
from pipeline.exporters import NAMES as EXPORTERS
from tests.hostile.case import LEAD, TAIL

ROOT = Path(pipeline.__file__).parent


def test_nothing_is_unpickled_evaluated_or_run() -> None:
    modules = {
        "pickle",
        "cPickle",
        "dill",
        "cloudpickle",
        "joblib",
        "marshal",
        "shelve",
        "jsonpickle",
        "yaml",
    }
    calls = {"eval", "exec", "system", "popen", "read_pickle", "to_pickle", "unsafe_load"}
    for path in sorted(ROOT.rglob("*.py")):
        allowed = {"pickle"} if path.name == "longtail.py" else set()  # its reader lets nothing be called
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            elif isinstance(node, ast.Call):
                called = node.func
                told = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
                assert told not in calls, f"{path.name}:{node.lineno} calls {told}"
            assert (modules - allowed).isdisjoint(name.partition(".")[0] for name in names), (
                f"{path.name} imports {names}"
            )


BLOCK = """
import os, sys
def block(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request"):
        address = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[0]
        if isinstance(address, (str, bytes)) and event == "socket.connect":
            return  # a socket of this machine's own, by which worker processes are told what to do
        with open(os.environ["MEDTABLES_ASKED"], "a") as file:
            file.write(f"{event} {address!r}\\n")
        raise OSError("no network here")
sys.addaudithook(block)
with open(os.environ["MEDTABLES_ASKED"] + "-by", "a") as file:
    print(sys.orig_argv, file=file)
"""


COMMANDS = """
import json, sys
from pipeline.cli import main
if __name__ == "__main__":
    for command in json.loads(sys.argv[1]):
        try:
            main(command, prog_name="medtables")
        except SystemExit as end:
            assert not end.code, command
"""


def test_no_command_asks_the_network(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(BLOCK)
    asked = tmp_path / "asked"
    asked.touch()
    pages = tmp_path / "pages"
    pages.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        for number in range(3):
            (pages / f"{number}.xhtml").write_text(
                f'<?xml version="1.0"?><?xml-stylesheet href="{address}/a.css"?>'
                f'<!DOCTYPE html PUBLIC "x" "{address}/a.dtd" [<!ENTITY % p SYSTEM "{address}/p"> %p;]>'
                f'<html xmlns:xi="http://www.w3.org/2001/XInclude"><head><base href="{address}/">'
                f'<link rel="stylesheet" href="a.css"></head><body><h1>Fever {number}</h1>'
                f'<img src="{address}/i.png"><iframe src="{address}/f"></iframe><xi:include href="{address}/x"/>'
                f"<p>{LEAD}</p><p>{TAIL}</p></body></html>"
            )
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT.parent))),
            "MEDTABLES_ASKED": str(asked),
        }

        commands = (
            ("run", "pages", "-o", "run", "--workers", "2"),
            ("run", "pages", "-o", "again", "--workers", "1", "--format", "csv,parquet,sqlite"),
            ("report", "run", "-o", "report.html"),
            ("compare", "run"),
            ("diff", "run", "again"),
            ("convert", "run", "--to", ",".join(EXPORTERS), "-o", "converted"),
        )
        done = subprocess.run(
            [sys.executable, "-c", COMMANDS, json.dumps(commands)],
            env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=240,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        assert "forkserver" in (tmp_path / "asked-by").read_text()  # of which the workers are children
        with pytest.raises(TimeoutError):
            server.accept()
    assert asked.read_text() == ""


def test_the_block_would_see_a_connection(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(BLOCK)
    asked = tmp_path / "asked"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "MEDTABLES_ASKED": str(asked)}
    code = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, timeout=60)
    assert done.returncode != 0 and "127.0.0.1" in asked.read_text()
