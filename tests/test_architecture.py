"""The arrows between the parts, and who may hold each dangerous power."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]

FILE_CALLS = {"open", "fdopen", "fsync", "fdatasync", "replace", "rename", "unlink", "remove"}
FILE_CALLS |= {"mkdir", "makedirs", "rmdir", "write_bytes", "write_text", "truncate", "link"}
FILE_CALLS |= {"read_bytes", "read_text", "touch", "symlink_to", "hardlink_to"}


def sources(package: str) -> list[Path]:
    return sorted((HERE / package).rglob("*.py"))


def trees(package: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sources(package):
        yield path.relative_to(HERE).as_posix(), ast.parse(path.read_text())


def imported(tree: ast.Module) -> set[str]:
    """Each module that is imported, and each name as `module.name`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def file_calls(tree: ast.Module) -> set[str]:
    """Calls that touch a file: `open(...)`, `os.replace(...)`, `path.write_bytes(...)`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id == "open":
            found.add("open")
        if isinstance(called, ast.Attribute) and called.attr in FILE_CALLS:
            owner = ast.unparse(called.value)
            if not owner.endswith("files") and not is_text_replace(node, called.attr):
                found.add(f"{owner}.{called.attr}")
    return found


def is_text_replace(call: ast.Call, name: str) -> bool:
    """`text.replace(old, new)` takes two arguments, `path.replace(target)` one."""
    return name == "replace" and (len(call.args) == 2 or bool(call.keywords))


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True, check=True
    ).stdout


def test_the_arrows_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    if not linter.exists():
        pytest.skip("import-linter is not installed")
    done = subprocess.run([linter], cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


STORES_FILES = ("dbengine/store/files.py",)
OTHERS_FILES = ("dbengine/cli", "dbengine/importers")
"""They read and run what belongs to the user, never a file of a database."""


def test_only_one_module_opens_syncs_and_replaces_files_of_a_database() -> None:
    guilty = {
        name: calls
        for name, tree in trees("dbengine")
        if (calls := file_calls(tree)) and not name.startswith((*STORES_FILES, *OTHERS_FILES))
    }
    assert guilty == {}


def test_the_walk_for_file_calls_finds_them() -> None:
    code = "open(p)\nos.replace(a, b)\npath.replace(b)\n'a'.replace('b', 'c')\np.write_bytes(b'')"
    assert file_calls(ast.parse(code)) == {"open", "path.replace", "p.write_bytes"}


def test_importing_the_engine_imports_neither_qt_nor_deepdiff_nor_the_browser() -> None:
    loaded = run("import sys, dbengine; print(*sorted(sys.modules))").split()
    heads = {name.partition(".")[0] for name in loaded}
    assert heads.isdisjoint({"PySide6", "shiboken6", "deepdiff", "gui", "rapidfuzz"})
    assert "dbengine" in heads


def test_the_engine_names_no_toolkit() -> None:
    for name, tree in trees("dbengine"):
        heads = {module.partition(".")[0] for module in imported(tree)}
        assert heads.isdisjoint({"PySide6", "gui"}), name


def test_only_the_worker_has_threads() -> None:
    threads = {"threading", "concurrent.futures", "asyncio"}
    for name, tree in trees("gui"):
        found = imported(tree)
        uses = found & threads or {n for n in found if n.endswith((".QThread", ".QThreadPool"))}
        assert not uses or name == "gui/worker.py", (name, uses)


def test_only_few_modules_of_the_browser_start_processes() -> None:
    may = {
        "gui/child.py",
        "gui/__main__.py",  # only lets a frozen child begin
        "gui/tour/upkeep.py",  # makes a git repository to import from
    }
    for name, tree in trees("gui"):
        found = {n for n in imported(tree) if n.startswith(("multiprocessing", "subprocess"))}
        assert not found or name in may, (name, found)


def test_only_the_assets_know_where_resources_are() -> None:
    for name, tree in trees("gui"):
        if name == "gui/assets.py":
            continue
        assert not {n for n in imported(tree) if n.startswith("importlib.resources")}, name
        names = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert "__file__" not in names, name


def test_inside_the_browser_imports_are_relative() -> None:
    for name, tree in trees("gui"):
        assert not {n for n in imported(tree) if n.partition(".")[0] == "gui"}, name


def test_the_browser_reaches_data_only_through_public_names() -> None:
    doors = {"dbengine", "dbengine.diff", "dbengine.importers", "dbengine.cli"}
    for name, tree in trees("gui"):
        modules = {
            node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and not node.level and node.module
        }
        inner = {m for m in modules if m.partition(".")[0] == "dbengine"} - doors
        assert not inner, (name, inner)


def test_every_module_opens_with_a_sentence_that_says_what_it_is_for() -> None:
    for package in ("dbengine", "gui"):
        for name, tree in trees(package):
            assert ast.get_docstring(tree), name


def test_there_is_no_package_called_packaging() -> None:
    assert not (HERE / "packaging" / "__init__.py").exists()  # it would shadow PyPI's
