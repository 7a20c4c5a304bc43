"""Recipes are found by name or in a file; what is not there is said."""

import re
from pathlib import Path

import pytest

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.ids import content_id
from bessemer.loop.recipes import find_recipe

FILE = """
from dataclasses import dataclass, replace

from bessemer.loop.recipe import Recipe
from bessemer.recipes.digits import digits


@dataclass(frozen=True)
class Taste:
    turns: "int" = 2


def few() -> Recipe:
    return replace(digits(), turns=Taste().turns)


def choosy(turns: int) -> Recipe:
    return replace(digits(), turns=turns)


def nothing() -> None:
    return None
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "my_recipe.py"
    path.write_text(FILE)
    return path


def test_a_recipe_of_a_file_is_the_record_that_its_function_returns(file: Path) -> None:
    found = find_recipe(f"{file}:few", ["train.steps=7"])
    same = find_recipe("digits", ["turns=2", "train.steps=7"])
    assert content_id("Recipe", found) == content_id("Recipe", same)


def test_a_file_read_again_is_read_anew(file: Path) -> None:
    find_recipe(f"{file}:few")
    file.write_text(FILE.replace('"int" = 2', '"int" = 31'))
    assert find_recipe(f"{file}:few").turns == 31


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("digist", NotFoundError, "Did you mean 'digits'"),
        ("{file}:fwe", NotFoundError, "Did you mean 'few'"),
        ("{file}:digits", NotFoundError, "'choosy', 'few', 'nothing'"),
        ("{file}:nothing", InputError, "returns a NoneType"),
        ("{file}:choosy", InputError, "takes no arguments"),
        ("{file}", InputError, "my_recipe.py:FUNCTION"),
        ("gone.py:few", NotFoundError, "no such Python file"),
        ("package.module:few", NotFoundError, "no such Python file"),
    ],
)
def test_a_wrong_name_is_one_error_with_what_to_do(
    file: Path, name: str, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        find_recipe(name.format(file=file))


@pytest.mark.parametrize("text", ["def few(:\n", "import a_package_that_is_not_there\n"])
def test_a_broken_file_names_itself(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(InputError, match=r"cannot be imported.*my_recipe\.py"):
        find_recipe(f"{file}:few")


def test_what_needs_tracks_or_maps_is_refused_without() -> None:
    with pytest.raises(InputError, match="recipe signs: carry"):
        find_recipe("signs", ['carry={"reach":1}'])
    with pytest.raises(InputError, match="recipe scenes: self_train"):
        find_recipe("scenes", ["self_train={}"])
    with pytest.raises(InputError, match="do not fit the backbone"):
        find_recipe("signs", ["foundation=imagenet"])
    assert find_recipe("scenes", ['carry={"reach":1}']).carry is not None


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("reader=digist", "No reader is named 'digist'. Did you mean 'digits'"),
        ("gate=stnding", "No gate is named 'stnding'. Did you mean 'standing'"),
        ("embedder=pined", "Did you mean 'pinned'"),
        ("selector=randm", "Did you mean 'random'"),
        ("task=track_clas", "Did you mean 'track_class'"),
        ("network.backbone=light", "Did you mean 'lite'"),
        ("labeller=peple", "No labeller is named 'peple'. Did you mean 'people'"),
        ("auditor=oracel", "Did you mean 'oracle'"),
        ('triggers.also=["glare"]', "No trigger is named 'glare'"),
    ],
)
def test_a_role_that_nobody_plays_is_said_before_anything_is_read(
    setting: str, message: str
) -> None:
    with pytest.raises(NotFoundError, match=re.escape(message)):
        find_recipe("digits", [setting])
