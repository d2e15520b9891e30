"""The distribution: its metadata, what the build takes along, where it stops."""

from __future__ import annotations

import ast
import re
import runpy
import sys
import tomllib
from importlib import machinery, metadata
from pathlib import Path
from typing import Any

import pytest
import support

import adaptive

SETUP = support.ROOT / "setup.py"


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((support.ROOT / "pyproject.toml").read_text("utf-8"))


def test_metadata(project: dict[str, Any]) -> None:
    table = project["project"]
    assert table["name"] == "adaptive-interpreter"
    assert table["version"] == adaptive.__version__
    assert table["license"] == "MIT"
    assert table["requires-python"] == ">=3.11"
    assert (support.ROOT / table["readme"]).is_file()
    for name in table["license-files"]:
        assert (support.ROOT / name).is_file()


def test_what_is_imported_is_declared(project: dict[str, Any]) -> None:
    """Imports from outside the standard library are the dependencies, no more."""
    found = set()
    for path in (support.ROOT / "adaptive").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add((node.module or "").partition(".")[0])
    declared = {
        re.match(r"[\w-]+", word).group().lower()
        for word in project["project"]["dependencies"]
    }
    only_for_type_checkers = {"_typeshed"}
    # The plugin is only ever imported by pytest itself.
    importers = {"pytest"}
    own = {"adaptive", *only_for_type_checkers, *importers, *sys.stdlib_module_names}
    assert found - own == declared


def test_templates_are_packed(project: dict[str, Any]) -> None:
    folder = support.ROOT / "adaptive" / "report" / "templates"
    patterns = project["tool"]["setuptools"]["package-data"]["adaptive"]
    packed = {path for word in patterns for path in folder.parent.parent.glob(word)}
    assert set(folder.iterdir()) and set(folder.iterdir()) <= packed


def test_build_system(project: dict[str, Any]) -> None:
    requires = project["build-system"]["requires"]
    assert any(word.startswith("Cython>=3.1") for word in requires)
    assert any(word.startswith("setuptools") for word in requires)
    assert project["build-system"]["build-backend"] == "setuptools.build_meta"


def test_every_package_is_packed(project: dict[str, Any]) -> None:
    """Directories with modules are listed; what the C compiler includes comes along."""
    root = support.ROOT / "adaptive"
    found = {
        ".".join(path.parent.relative_to(support.ROOT).parts)
        for path in root.rglob("__init__.py")
    }
    assert set(project["tool"]["setuptools"]["packages"]) == found
    patterns = project["tool"]["setuptools"]["package-data"]["adaptive"]
    packed = {path for pattern in patterns for path in root.glob(pattern)}
    for path in [*root.rglob("*.pxi"), *root.glob("*.pxd"), root / "py.typed"]:
        assert path in packed, path.name


def test_products_are_not_committed() -> None:
    """What the build writes is left alone by git and by the linter."""
    ignored = (support.ROOT / ".gitignore").read_text("utf-8").splitlines()
    script = (support.ROOT / ".ci" / "run").read_text("utf-8")
    products = re.findall(
        r'write_product\(PACKAGE / "(\w+\.pxd)"', SETUP.read_text("utf-8")
    )
    assert set(products) == {"_ops.pxd", "_arms.pxd"}
    for name in products:
        assert f"/adaptive/{name}" in ignored
        assert f"! -name {name}" in script


def test_tests_that_compile_have_their_compiler(project: dict[str, Any]) -> None:
    """What is skipped without Cython would never run in CI."""
    extras = project["project"]["optional-dependencies"]
    names = {re.match(r"[\w-]+", word).group().lower() for word in extras["test"]}
    assert {"cython", "setuptools"} <= names


def test_stubs_name_what_is_there() -> None:
    """A stub of an extension module declares nothing that the module lacks."""
    for path in (support.ROOT / "adaptive").glob("*.pyi"):
        module = __import__(f"adaptive.{path.stem}", fromlist=["x"])
        tree = ast.parse(path.read_text("utf-8"))
        assert_declared(tree.body, module, path.name)


def assert_declared(nodes: list[ast.stmt], owner: object, where: str) -> None:
    """Every function and class of a stub is there, and the members of classes."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            assert hasattr(owner, node.name), f"{where}: {node.name}"
        if isinstance(node, ast.ClassDef):
            members = getattr(owner, node.name)
            # A Python class knows the buffer protocol by name from 3.12 on.
            inner = [n for n in node.body if getattr(n, "name", "") != "__buffer__"]
            assert_declared(inner, members, f"{where}: {node.name}")


def test_stub_of_site_is_complete() -> None:
    """Rules are written against it: every public fact of a site is declared."""
    tree = ast.parse((support.ROOT / "adaptive" / "_core.pyi").read_text("utf-8"))
    (site,) = (node for node in tree.body if getattr(node, "name", "") == "Site")
    assert isinstance(site, ast.ClassDef)
    declared = {node.name for node in site.body if isinstance(node, ast.FunctionDef)}
    there = adaptive._engine().Site
    assert declared == {name for name in dir(there) if not name.startswith("_")}
    for name in declared:
        assert name in ("family", "oparg") or getattr(there, name).__doc__, name


def test_the_loop_is_compiled() -> None:
    for name in ("_core", "_core_stress", "_cache"):
        module = __import__(f"adaptive.{name}", fromlist=["x"])
        assert isinstance(module.__loader__, machinery.ExtensionFileLoader)


def test_installed_under_its_name() -> None:
    """Where the distribution is installed, it is this version."""
    try:
        installed = metadata.version("adaptive-interpreter")
    except metadata.PackageNotFoundError:
        pytest.skip("running from a checkout that is not installed")
    assert installed == adaptive.__version__


def checked_host(monkeypatch: pytest.MonkeyPatch, **host: Any) -> str:
    """What setup.py's check of the host says, its sentence or nothing."""
    tree = ast.parse(SETUP.read_text("utf-8"))
    # Only definitions: nothing is built or written.
    tree.body = [
        node for node in tree.body if not isinstance(node, ast.Expr) or node.col_offset
    ]
    namespace: dict[str, Any] = {"__file__": str(SETUP), "__name__": "checked"}
    exec(compile(tree, "setup.py", "exec"), namespace)
    monkeypatch.setattr(
        namespace["platform"],
        "python_implementation",
        lambda: host.get("implementation", "CPython"),
    )
    monkeypatch.setattr(
        namespace["sysconfig"],
        "get_config_var",
        {"Py_GIL_DISABLED": host.get("free_threaded", 0)}.get,
    )
    if "version" in host:
        monkeypatch.setattr(sys, "version_info", host["version"])
    try:
        namespace["refuse_unsupported_host"]()
    except SystemExit as refusal:
        return str(refusal.code)
    return ""


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ({}, ""),
        ({"implementation": "PyPy"}, "this is PyPy, not CPython"),
        ({"free_threaded": 1}, "this is a free-threaded build of CPython"),
        ({"version": (3, 10, 9)}, "CPython 3.10 has no host module yet"),
        ({"version": (3, 99, 0)}, "CPython 3.99 has no host module yet"),
    ],
)
def test_build_refuses_other_hosts(
    monkeypatch: pytest.MonkeyPatch, host: dict[str, Any], said: str
) -> None:
    """S4-33: one sentence where no layouts are known."""
    text = checked_host(monkeypatch, **host)
    assert said in text
    assert bool(text) == bool(said)
    assert "\n" not in text


def test_tables_load_by_path() -> None:
    """The build loads them without the package, so they import nothing of it."""
    for name in ("isa", "reasons", "config"):
        loaded = runpy.run_path(str(support.ROOT / "adaptive" / f"{name}.py"))
        assert loaded["__name__"] == "<run_path>"
        text = Path(loaded["__file__"]).read_text("utf-8")
        assert "import adaptive" not in text and "from adaptive" not in text


def test_layouts_are_checked_at_import() -> None:
    """A core that does not fit the interpreter refuses by an ImportError."""
    text = (support.ROOT / "adaptive" / "_core.pyx").read_text("utf-8")
    text += "".join(
        path.read_text("utf-8")
        for path in (support.ROOT / "adaptive" / "actions").glob("*.pxi")
    )
    begin = text[text.index("def _begin(") :]
    assert "host_mismatch()" in begin and "ImportError" in begin
