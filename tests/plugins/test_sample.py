"""A plug-in is a package of its own: this one is built, installed and found, as a user's is."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bessemer.core.errors import ConflictError, MissingExtraError, NotFoundError
from bessemer.core.fleet import Haul
from bessemer.core.gates import Decision, Ruling
from bessemer.core.labels import AuthorKind
from bessemer.core.plugins import find_plugin, plugin_names
from bessemer.loop.archive import ingest_archive
from bessemer.loop.drive import ENGINE
from bessemer.loop.line import Line
from bessemer.loop.recipe import TriggerConfig, archive_of_recipe
from bessemer.loop.run import branches_of, run_turns
from bessemer.loop.works import Works
from tests.loop.shades import shades, shades_recipe

ROLES = ("reader", "trigger", "embedder", "selector", "labeller", "task", "network", "gate")


@pytest.fixture(scope="module")
def installed(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the sample package was installed into."""
    work = tmp_path_factory.mktemp("plugin")
    source = shutil.copytree(repo_root / "tests/plugins/sample", work / "sample")
    target = work / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--target", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def _run(installed: Path, repo_root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(installed), str(repo_root / "src")])
    environment = os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd=installed
    )


def test_an_installed_reader_is_found_by_name(installed: Path, repo_root: Path) -> None:
    code = "from bessemer.core.plugins import find_plugin, plugin_names\n"
    code += "print(find_plugin('readers', 'filmstrips').name, *plugin_names('readers'))"
    done = _run(installed, repo_root, "-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == "filmstrips"
    assert "filmstrips" in done.stdout.split()[1:]
    assert "filmstrips" not in plugin_names("readers")


@pytest.mark.slow
def test_each_keeps_the_contract_of_its_role(installed: Path, repo_root: Path) -> None:
    done = _run(
        installed, repo_root, "-m", "pytest", "-v", "-p", "no:cacheprovider", "--rootdir",
        str(installed), "-c", os.devnull, str(repo_root / "tests/plugins/sample/tests"),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for role in ROLES:
        assert f"test_{role}.py::" in done.stdout


@pytest.mark.parametrize("auditor", ["oracle", "light_meter"])
def test_a_turn_runs_on_all_of_them(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, auditor: str
) -> None:
    monkeypatch.syspath_prepend(installed)
    data = shades(tmp_path / "shades")
    known = data if auditor == "oracle" else data / "exam"  # a labeller needs no answers to learn
    paths = sorted(known.rglob("*.png"))
    rows = [f"{p.relative_to(data)},{'dark' if int(p.stem) % 2 else 'bright'}" for p in paths]
    (data / "labels.csv").write_text("\n".join(["path,class", *rows]) + "\n")
    plain = shades_recipe(
        embedder="colours",
        selector="longest",
        labeller="light_meter",
        auditor=auditor,
        task="pairs",
        gate="cautious",
        triggers=TriggerConfig(also=("glare",)),
        leak=None,  # by light alone, all of these repeat the test
    )
    recipe = replace(plain, network=replace(plain.network, backbone="flat"))
    with Works.open(tmp_path / "works") as works:
        ingest_archive(works, archive_of_recipe(recipe), data)
        line = Line.ready(recipe, works)
        first, second = run_turns(line, branches_of(line, (ENGINE,)), 2)
        bought = works.lake.find_labels(line.name, author=AuthorKind.NETWORK)
        assert {r.author.name for r in bought} == {"light_meter"}
        assert {r.unit for r in bought} <= set(second.state.pool)
        haul = works.ledger.get_document(second.haul, Haul)
        assert "glare" in {one.trigger for one in haul.yields}
        ruling = works.ledger.get_document(first.decision, Ruling)
        assert ruling.decision is Decision.SHIP


def test_an_unknown_name_lists_near_misses() -> None:
    with pytest.raises(NotFoundError, match=r"No reader is named 'gtsbr'\. Did you mean 'gtsrb'"):
        find_plugin("readers", "gtsbr")
    with pytest.raises(NotFoundError, match="There are none yet"):
        find_plugin("soothsayers", "delphi")


def _package(folder: Path, name: str, target: str) -> None:
    info = folder / f"{name}-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[bessemer.readers]\nodd = {target}\n")


def test_a_plug_in_that_does_not_load_or_is_not_alone_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _package(tmp_path, "one", "absent_module:Reader")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MissingExtraError, match=r"'odd' cannot be loaded.*one, absent_module"):
        find_plugin("readers", "odd")
    _package(tmp_path, "two", "other_module:Reader")
    with pytest.raises(ConflictError, match="absent_module:Reader, other_module:Reader"):
        find_plugin("readers", "odd")
