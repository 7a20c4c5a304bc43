"""Imports go downwards, and what a vehicle runs never imports torch."""

import subprocess
import sys
import tomllib
from pathlib import Path

LAZY = {
    "torch",
    "lance",
    "duckdb",
    "onnxruntime",
    "sklearn",
    "scipy",
    "matplotlib",
    "pandas",
    "warp",
    "libsumo",
    "mujoco",
    "pxr",
}
LIGHT_PACKAGES = {"core", "lake", "history", "ledger", "edge", "twin"}


def imported_by(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after ``statement``."""
    code = f"import sys\n{statement}\nprint(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_import_contracts_hold(repo_root: Path) -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint], cwd=repo_root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]


def test_every_package_has_a_layer(repo_root: Path) -> None:
    settings = tomllib.loads((repo_root / "pyproject.toml").read_text())
    contract = settings["tool"]["importlinter"]["contracts"][0]
    placed = {
        name.strip(" ()")
        for line in contract["layers"]
        for name in line.replace(":", "|").split("|")
    }
    source = repo_root / "src" / "bessemer"
    found = {path.name for path in source.iterdir() if (path / "__init__.py").is_file()}
    found |= {path.stem for path in source.glob("*.py")} - {"__init__", "__main__"}
    assert found <= placed


def test_torch_is_forbidden_to_every_light_package_there_is(repo_root: Path) -> None:
    settings = tomllib.loads((repo_root / "pyproject.toml").read_text())
    contract = settings["tool"]["importlinter"]["contracts"][1]
    source = repo_root / "src" / "bessemer"
    there = {name for name in LIGHT_PACKAGES if (source / name / "__init__.py").is_file()}
    assert set(contract["source_modules"]) == {f"bessemer.{name}" for name in there}


def test_help_imports_nothing_heavy() -> None:
    statement = (
        "import contextlib, io\n"
        "from bessemer.cli import main\n"
        "sys.argv = ['bessemer', '--help']\n"
        "shown = io.StringIO()\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(shown):\n"
        "    main()\n"
        "assert 'bessemer' in shown.getvalue().lower(), shown.getvalue()"
    )
    assert imported_by(statement) & LAZY == set()


def test_every_package_imports_without_torch(repo_root: Path) -> None:
    source = repo_root / "src" / "bessemer"
    names = sorted(path.parent.name for path in source.glob("*/__init__.py"))
    statement = "\n".join(f"import bessemer.{name}" for name in names)
    assert imported_by(statement) & LAZY == set()
