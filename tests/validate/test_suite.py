from pathlib import Path

import pytest

from bessemer.core.errors import InputError, NotFoundError
from bessemer.validate.metrics import Metric
from bessemer.validate.suite import load_suite, parse_suite

HEAD = """
name = "signs"
[[slice]]
name = "dark"
where = "brightness < 0.2"
proxy = 'signal["brightness"] < 0.2'
"""
CHECK = """
[[check]]
slice = "dark"
metric = "recall"
class = "*"
at_least = 0.5
no_worse_than = "released"
margin = 0.05
min_recordings = 4
"""


def test_a_suite_reads_and_spells_out_every_class(tmp_path: Path) -> None:
    path = tmp_path / "signs.toml"
    path.write_text(HEAD + CHECK)
    suite = load_suite(path)
    checks = suite.checks_for(("stop", "yield"))
    assert [check.place for check in checks] == ["dark recall[stop]", "dark recall[yield]"]
    assert checks[0].metric is Metric.RECALL
    assert suite.slice_named("dark").proxy == 'signal["brightness"] < 0.2'
    assert suite.suite_id == parse_suite(HEAD + CHECK).suite_id


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('metric = "recall"', 'metric = "recal"', r"'recal'.*2?.*metric.*'recall'"),
        ("margin", "margins", r"No field is named 'margins'.*\[\[check\]\] 1.*'margin'"),
        ('slice = "dark"', 'slice = "dusk"', r"No slice is named 'dusk'"),
        ("margin = 0.05", "margin = 5", r"margin is a share in \[0, 1\]"),
        ("margin = 0.05", 'margin = "x"', r"margin is a float.*\[\[check\]\] 1, margin"),
        ("min_recordings = 4", "min_recordings = true", r"min_recordings is a int, not True"),
        ('class = "*"', "", r"recall is of one class.*"),
        ('"released"', '"relased"', r"No reference is named 'relased'.*'released'"),
        ('where = "brightness < 0.2"', "", r"where is missing.*\[\[slice\]\] 1"),
        ('name = "signs"', "name = ", r"This is not TOML"),
    ],
)
def test_errors_name_the_place_and_the_near_miss(old: str, new: str, message: str) -> None:
    text = (HEAD + CHECK).replace(old, new, 1)
    with pytest.raises((InputError, NotFoundError), match=message) as caught:
        parse_suite(text, where="signs.toml")
    assert "signs" in caught.value.where


def test_a_check_that_asks_nothing_is_an_error() -> None:
    with pytest.raises(InputError, match="asks for something"):
        parse_suite(HEAD + '[[check]]\nslice = "dark"\nmetric = "accuracy"\n')


def test_an_unknown_class_lists_near_misses() -> None:
    suite = parse_suite(HEAD + CHECK.replace('"*"', '"stpo"'))
    with pytest.raises(NotFoundError, match="Did you mean 'stop'"):
        suite.checks_for(("stop", "yield"))


def test_a_file_that_is_absent_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_suite(tmp_path / "none.toml")
