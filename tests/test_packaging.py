"""What is installed is what is declared: dependencies, extras, types, the files of wheel and sdist, byte for byte."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from datetime import date
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import pipeline

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# Imported under a name that differs from the distribution's; all others are looked up.
DISTRIBUTIONS = {"bs4": "beautifulsoup4"}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\s<>=!~\[;]", one, maxsplit=1)[0].lower().replace("_", "-") for one in requirements}


def imports() -> dict[str, set[str]]:
    """The foreign packages that pipeline/ imports, also by name through import_module, with the files that do."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "pipeline").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules: list[str] = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                modules += [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules.append(node.module or "")
            elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if called in ("import_module", "optional"):
                    modules.append(str(node.args[0].value))
        for module in modules:
            top = module.split(".")[0]
            if top and top not in sys.stdlib_module_names and top != "_typeshed":
                found.setdefault(top, set()).add(path.relative_to(ROOT).as_posix())
    return found


def test_every_import_is_declared_and_every_dependency_imported() -> None:
    extras = PROJECT["optional-dependencies"]
    optional = set().union(*(names(extras[extra]) for extra in ("duckdb", "xlsx", "dask", "remote")))
    declared = names(PROJECT["dependencies"])
    known = packages_distributions()
    used: dict[str, set[str]] = {}
    for module, files in imports().items():
        name = DISTRIBUTIONS.get(module) or known.get(module, [module])[0].lower().replace("_", "-")
        used.setdefault(name, set()).update(files)
    undeclared = {name: files for name, files in used.items() if name not in declared | optional}
    assert not undeclared
    assert not declared - set(used)


def test_the_extra_all_holds_every_extra_of_users() -> None:
    extras = PROJECT["optional-dependencies"]
    [everything] = extras["all"]
    held = everything.removeprefix("medtables[").removesuffix("]").split(",")
    assert set(held) == set(extras) - {"all", "dev"}


BLOCKED = """
import sys

sys.modules.update(dict.fromkeys({modules!r}))
from pipeline.cli import main
main({arguments!r})
"""


@pytest.mark.parametrize(
    ("extra", "modules", "arguments"),
    [
        ("xlsx", ["xlsxwriter"], ["run", "page.html", "-o", "out", "--format", "xlsx"]),
        ("duckdb", ["duckdb"], ["run", "page.html", "-o", "out", "--format", "duckdb"]),
        ("duckdb", ["duckdb"], ["table", "run", "--sql", "select 1"]),
        ("dask", ["dask", "distributed"], ["run", "page.html", "-o", "out", "--engine", "dask"]),
        ("remote", ["fsspec"], ["run", "page.html", "-o", "memory://out"]),
        ("remote", ["fsspec"], ["run", "memory://pages", "-o", "out"]),
    ],
)
def test_an_absent_extra_names_the_command_to_install_it(
    extra: str, modules: list[str], arguments: list[str], tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text("<h1>Fever</h1><p>Fever may follow a cold.</p>")
    (tmp_path / "run").symlink_to(ROOT / "outputs" / "sample")
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED.format(modules=set(modules), arguments=arguments)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(pipeline.__file__).parents[1])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    assert f"pip install 'medtables[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "out").rglob("*.csv")) + list((tmp_path / "out").rglob("*.part*"))


def test_the_long_tail_names_the_command_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import PackageNotFoundError

    from pipeline.curation import longtail

    def absent(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(longtail, "distribution", absent)
    with pytest.raises(pipeline.MedtablesError, match=r"medtables\[longtail\]"):
        next(longtail.tails())


def build(out: Path, source: Path = ROOT) -> dict[str, bytes]:
    """The bytes of wheel and sdist, by name."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", out, source]
    done = subprocess.run(
        command, env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (ROOT / "pyproject.toml").is_file() or not (ROOT / "LICENSE").is_file():
        pytest.skip("no source tree")
    out = tmp_path_factory.mktemp("dist")
    build(out)
    return out


def test_the_build_is_reproducible_and_the_sdist_builds_the_same_wheel(built: Path, tmp_path: Path) -> None:
    [source] = built.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    again = build(tmp_path / "again", tmp_path / source.name.removesuffix(".tar.gz"))
    assert sorted(again) == sorted(path.name for path in built.iterdir())
    for name, content in again.items():
        assert content == (built / name).read_bytes(), name


def test_the_wheel_holds_the_package_and_nothing_else(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if not name.startswith("medtables-")}
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "pipeline").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "pipeline/py.typed" in held
    assert held == ours


def test_the_sdist_holds_what_the_tests_need(built: Path) -> None:
    [source] = built.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    for folder in ("pipeline", "tests", "corpora", "outputs/sample"):
        missing = {
            path.relative_to(ROOT).as_posix()
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and not {"__pycache__", ".medtables", ".hypothesis"} & set(path.parts)
        } - held
        assert not missing, folder
    for name in (
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CITATION.cff",
        "CHANGELOG.md",
        "LICENSE",
        "Makefile",
    ):
        assert name in held


USER_SCRIPT = """
from __future__ import annotations

from pathlib import Path

import pipeline as medtables
from pipeline import compare


def absent(folder: Path) -> list[str]:
    engine = medtables.load_engine()
    found: list[str] = []
    for page in medtables.read([folder]):
        extraction = medtables.extract(page, engine)
        if extraction.problem is None:
            found += [mention.text for mention in extraction.mentions if mention.assertion == "absent"]
    return found


medtables.run(["pages"], "tables", workers=1)
run = medtables.read_run("tables")
counts = compare.counts(run.mentions, run.concepts)
shares = compare.prevalence(counts, run.articles)
print(absent(Path("pages")), len(shares), medtables.ArrowExtractor("mentions").schema)
"""


def test_a_users_script_is_typed(tmp_path: Path) -> None:
    """mypy --strict reads the package as a user's type checker does: the right script passes, a wrong one does not."""
    pytest.importorskip("mypy")
    place = Path(pipeline.__file__).parents[1]
    installed = place.name == "site-packages"
    command = [sys.executable, "-m", "mypy", "--strict"]
    # In a checkout the package's own imports would be judged, too.
    command += [] if installed else ["--follow-imports=silent", "--ignore-missing-imports"]
    where = {} if installed else {"MYPYPATH": str(place)}
    told = []
    for script in (USER_SCRIPT, USER_SCRIPT.replace("workers=1", 'workers="one"')):
        (tmp_path / "script.py").write_text(script)
        done = subprocess.run(
            [*command, "script.py"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": "", **where},
            capture_output=True,
            text=True,
        )
        told.append(done.stdout + done.stderr)
    assert "Success" in told[0], told[0]
    assert "arg-type" in told[1] and "Found 1 error" in told[1], told[1]


def test_the_citation_is_of_this_version() -> None:
    """The rules of the Citation File Format 1.2.0 that this file can break."""
    yaml = pytest.importorskip("yaml")
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(cited)
    assert set(cited) <= {
        "cff-version",
        "message",
        "title",
        "authors",
        "abstract",
        "type",
        "version",
        "license",
        "keywords",
        "date-released",
    }
    assert cited["cff-version"] == "1.2.0" and cited["type"] in ("software", "dataset")
    assert (cited["title"], str(cited["version"]), cited["license"]) == (
        PROJECT["name"],
        PROJECT["version"],
        PROJECT["license"],
    )
    assert cited["authors"] == PROJECT["authors"]
    assert len(set(cited["keywords"])) == len(cited["keywords"]) > 0
    assert isinstance(cited.get("date-released", date.today()), date)
    assert PROJECT["version"] == pipeline.__version__
