"""Change a module in one place at a time and see whether the tests that guard it notice.

The mutants are those of cosmic-ray's operators. A process that has the libraries loaded is forked for each of
them; the child reads the changed source in place of the file, which stays as it is, and runs the tests.
"""

from __future__ import annotations

import argparse
import ast
import gc
import importlib
import os
import random
import resource
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

import cosmic_ray.plugins
import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from hypothesis import Phase, settings

ROOT = Path(__file__).parents[2]
# Modules by the tests that guard them; those that notice most come first.
GUARDS = {
    "test_fold": "fold",
    "test_article_choice test_article_outlines test_article": "article.selection article.container",
    "test_assertion": "components.assertion components.cues components.reach",
    "test_tables test_links": "tables tables.links tables.rows tables.schema",
}
TESTS = {module: tests.split() for tests, modules in GUARDS.items() for module in modules.split()}
QUICK = "not linear_time and not huge and not every_text"  # tests of time notice little and take long
LIBRARIES = ("spacy", "pyarrow", "bs4", "hypothesis.strategies")
MEMORY = 6 * 2**30  # bytes that a mutant may ask for
SEED = 20


class _NoAnnotations(ast.NodeTransformer):
    """Annotations are not evaluated, so a change within one changes nothing."""

    def visit(self, node: ast.AST) -> ast.AST:
        for field in ("annotation", "returns"):
            if getattr(node, field, None) is not None:
                setattr(node, field, ast.Constant(0))
        return self.generic_visit(node)


def mutants(source: str) -> list[tuple[str, str]]:
    """Every mutant of a module that means something else: (name of the operator, source)."""

    def meaning(source: str) -> str:
        return ast.dump(_NoAnnotations().visit(ast.parse(source)))

    tree, found = get_ast(source), []
    unchanged = meaning(source)
    for name in sorted(cosmic_ray.plugins.operator_names()):
        kind = cosmic_ray.plugins.get_operator(name)
        if kind.arguments():
            continue
        places = sum(1 for node in ast_nodes(tree) for _ in kind().mutation_positions(node))
        for place in range(places):
            changed = mutate_code(source, kind(), place)
            if changed is not None and meaning(changed) != unchanged:
                found.append((name.removeprefix("core/"), changed))
    return found


def warm(module: str) -> None:
    """Import the libraries, and of the package all that does not import `module`."""
    for name in LIBRARIES:
        importlib.import_module(name)
    sys.modules[module] = None  # type: ignore[assignment]
    for path in sorted((ROOT / "pipeline").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        try:
            if parts[-1] != "__main__":
                importlib.import_module(".".join(parts).removesuffix(".__init__"))
        except ImportError:
            continue
    del sys.modules[module]
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("mutation", deadline=None, database=None, derandomize=True, phases=phases)
    os.environ |= {"HYPOTHESIS_PROFILE": "mutation", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    gc.freeze()  # what a child need not look at it need not copy


def verdict(path: Path, source: str, tests: list[str], seconds: int) -> tuple[str, float]:
    """What becomes of the module at `path` with this `source`: survived, killed or, beyond so many `seconds`
    of the processor, timeout; and how many it took."""
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        read = SourceFileLoader.get_code

        def get_code(loader: SourceFileLoader, name: str) -> object:
            if Path(loader.get_filename(name)) == path:
                return compile(source, path, "exec", dont_inherit=True)
            return read(loader, name)

        SourceFileLoader.get_code = get_code  # type: ignore[assignment]
        os._exit(int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-k", QUICK, *tests])) != 0)
    _, status, used = os.wait4(child, 0)
    told = "timeout" if os.WIFSIGNALED(status) else "killed" if status else "survived"
    return told, used.ru_utime


def run(name: str, most: int) -> None:
    """Try `most` mutants of a module, and print those that no test notices and how many of each there are."""
    module = f"pipeline.{name}"
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    path = path if path.exists() else path.with_suffix("") / "__init__.py"
    source = path.read_text(encoding="utf-8")
    tests = [f"tests/{test}.py" for test in TESTS[name]]
    warm(module)
    told, used = verdict(path, source, tests, 600)
    if told != "survived":
        raise SystemExit(f"{name}: the tests fail without a change; run pytest {' '.join(tests)}")
    every = mutants(source)
    some = random.Random(SEED).sample(range(len(every)), most) if len(every) > most else range(len(every))
    counts = dict.fromkeys(("killed", "timeout", "survived"), 0)
    for operator, changed in (every[number] for number in sorted(some)):
        told, _ = verdict(path, changed, tests, 2 + int(2 * used))
        counts[told] += 1
        if told == "survived":
            before, after = source.splitlines(), changed.splitlines()
            at = next(number for number, line in enumerate(before) if line != after[number])
            print(
                f"{name}:{at + 1} {operator}\n  - {before[at].strip()}\n  + {after[at].strip()}", flush=True
            )
    told = ", ".join(f"{count} {word}" for word, count in counts.items())
    print(f"{name}: {len(every)} mutants, {len(some)} tried: {told}", flush=True)


parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
parser.add_argument("modules", nargs="*", default=list(TESTS), help=f"of {', '.join(TESTS)}; default: all")
parser.add_argument("--most", type=int, default=250, help="mutants to try of a module (default: %(default)s)")
chosen = parser.parse_args()
os.chdir(ROOT)
for wanted in chosen.modules:
    if wanted not in TESTS:
        parser.error(f"no tests are named for {wanted}")
    if not os.fork():  # each module in a process of its own, since it stays out of what is warm
        run(wanted, chosen.most)
        os._exit(0)
    os.wait()
