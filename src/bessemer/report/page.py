"""From a template to a page that stands alone: one file, no script, nothing asked of a network.

The page's own Content-Security-Policy forbids everything but pictures in the page itself and the
one style sheet whose hash it names, so a promise that was broken would show at once.
"""

import base64
import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bessemer.report import charts, wording

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: object) -> str:
    """Return the page that a template of this package makes of values.

    Args:
        template: Its file name.
        **values: What it speaks of; text is escaped.

    Returns:
        HTML.
    """
    style = (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    return _environment().get_template(template).render(style=style, csp=_policy(style), **values)


def _policy(style: str) -> str:
    """Return the policy that allows this style sheet, pictures as data, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _environment() -> "Environment":
    """Return the templates, with every word and drawing that they use."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for module, prefix in ((wording, "say_"), (charts, "draw_")):
        environment.globals.update(
            {name: value for name, value in vars(module).items() if name.startswith(prefix)}
        )
    environment.globals.update(mark_class=charts.mark_class, join_words=wording.join_words)
    # The style sheet is a file of this package, never of anyone's data.
    environment.filters["own"] = Markup
    return environment


def write_page(html: str, path: Path) -> Path:
    """Write a page whole or not at all: a reader never sees half of one.

    Args:
        html: The page.
        path: Where to; its folder is made.

    Returns:
        ``path``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(html)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o644)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path
