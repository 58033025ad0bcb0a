"""Coverage-guided fuzzing: `python -m tests.fuzz TARGET --seconds N`. See README.md here."""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import sys
import tempfile
import time
import traceback
from pathlib import Path

import atheris

HERE = Path(__file__).parent
FOUND = HERE / "found"
_MOST_FINDINGS = 40
_LONGEST = 20.0  # seconds of CPU time after which an input is given up
_MEMORY = 8_000_000_000

with atheris.instrument_imports(include=["pipeline"]):
    from tests.fuzz.files import tidy_up
    from tests.fuzz.limits import cpu_limit
    from tests.fuzz.targets import TARGETS, Target


class Fuzzer:
    """Runs one target until its time is over; keeps the smallest input of each finding, by where it was raised."""

    def __init__(self, name: str, target: Target, seconds: float) -> None:
        self.name, self.target = name, target
        self.until = time.monotonic() + seconds
        self.executions = 0
        self.findings: dict[str, bytes] = {}
        self.slowest = 0.0

    def one(self, data: bytes) -> None:
        """One execution; never raises, so that one finding does not hide the others."""
        self.executions += 1
        started = time.process_time()
        try:
            with cpu_limit(_LONGEST):
                self.target.run(data)
            used = time.process_time() - started
            self.slowest = max(self.slowest, used)
            if used > self.target.seconds + self.target.per_byte * len(data):
                self.note("slow", data, f"{used:.1f} s for {len(data)} bytes")
        except KeyboardInterrupt:
            self.finish()
        except BaseException as error:
            frames = traceback.extract_tb(error.__traceback__)
            own = [frame for frame in frames if "/pipeline/" in frame.filename or "/fuzz/" in frame.filename]
            last = own[-1] if own else frames[-1]
            kind = f"{type(error).__name__}-{Path(last.filename).stem}-{last.lineno}"
            self.note(kind, data, f"{type(error).__name__}: {error}")
        if time.monotonic() > self.until:
            self.finish()

    def note(self, kind: str, data: bytes, told: str) -> None:
        """Keep the input if none as small is known for this kind."""
        known = self.findings.get(kind)
        if known is not None and len(known) <= len(data):
            return
        if known is None:
            print(f"FOUND {self.name} {kind}: {told[:300]!r}", flush=True)
        self.findings[kind] = data
        folder = FOUND / self.name
        folder.mkdir(parents=True, exist_ok=True)
        if known is not None:
            (folder / _file_name(kind, known)).unlink(missing_ok=True)
        (folder / _file_name(kind, data)).write_bytes(data)
        if len(self.findings) >= _MOST_FINDINGS:
            self.finish()

    def finish(self) -> None:
        """Say what was done and end the process: libFuzzer has no other way to stop."""
        tidy_up()
        print(
            f"DONE {self.name}: {self.executions} executions, {len(self.findings)} findings,"
            f" slowest {self.slowest:.2f} s of CPU time",
            flush=True,
        )
        os._exit(1 if self.findings else 0)


def _file_name(kind: str, data: bytes) -> str:
    return f"{kind}-{hashlib.sha256(data).hexdigest()[:8]}"


def _word(text: str) -> str:
    return '"' + "".join(f"\\x{byte:02x}" for byte in text.encode("utf-8", "surrogatepass")) + '"'


def main() -> None:
    """Fuzz one target; the inputs that reach new code are kept in `--corpus` for the next time."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--corpus", type=Path, help="a folder; a temporary one by default")
    chosen = parser.parse_args()
    target = TARGETS[chosen.target]
    corpus = chosen.corpus or Path(tempfile.mkdtemp(prefix="medtables-corpus-"))
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    for seed in target.seeds[:1]:
        target.run(seed)  # what is loaded once is not counted as slow
    fuzzer = Fuzzer(chosen.target, target, chosen.seconds)
    options = [
        sys.argv[0], str(corpus), f"-max_len={target.longest}", "-timeout=120", "-rss_limit_mb=0",
        "-detect_leaks=0", "-verbosity=0",
    ]  # fmt: skip
    if target.words:
        words = corpus.parent / f"{corpus.name}.words"
        words.write_text("".join(f"{_word(word)}\n" for word in target.words), encoding="ascii")
        options.append(f"-dict={words}")
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    atheris.Setup(options, fuzzer.one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
