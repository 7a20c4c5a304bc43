"""Weights as safetensors files, and their address."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from bessemer.core.errors import InputError
from bessemer.core.ids import bytes_id


def weights_of(module: nn.Module) -> dict[str, Tensor]:
    """Return a module's parameters and statistics by name, on the CPU, in one memory layout."""
    return {
        name: value.detach().to("cpu").contiguous() for name, value in module.state_dict().items()
    }


def weights_id(module: nn.Module) -> str:
    """Return the address of a module's weights: their names, shapes, types and bytes."""
    parts = []
    for name, value in sorted(weights_of(module).items()):
        parts.append(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        parts.append(value.reshape(-1).view(torch.uint8).numpy().tobytes())
    return bytes_id("weights", parts)


def save_weights(module: nn.Module, path: Path, *, without: str = "") -> None:
    """Write a module's weights, whole or not at all.

    Args:
        module: The module.
        path: The file.
        without: Weights whose names begin so are left out; empty leaves out none.
    """
    temporary = path.with_suffix(".part")
    kept = weights_of(module)
    if without:
        kept = {name: value for name, value in kept.items() if not name.startswith(without)}
    save_file(kept, temporary)
    temporary.replace(path)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file.

    Args:
        path: The file.

    Returns:
        Tensors by name, on the CPU.

    Raises:
        InputError: If it cannot be read.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise InputError(f"These weights cannot be read: {error}.", where=str(path)) from error


def load_weights(module: nn.Module, path: Path) -> None:
    """Fill a module with the weights of a file.

    Args:
        module: Of the shape that was saved.
        path: What :func:`save_weights` wrote.

    Raises:
        InputError: If the file cannot be read or does not fit.
    """
    unfit = load_fitting(module, path)
    if unfit:
        raise InputError(
            f"The weights do not fit the network: {', '.join(unfit[:3])}.",
            where=str(path),
            fix="Make the network from the config it was trained with.",
        )


def load_fitting(module: nn.Module, path: Path) -> tuple[str, ...]:
    """Fill what fits, such as a backbone under new heads, and leave the rest as it is.

    Args:
        module: To be filled.
        path: What :func:`save_weights` wrote, maybe of another network.

    Returns:
        Names of the module's weights that were left as they are.

    Raises:
        InputError: If the file cannot be read.
    """
    found = read_tensors(path)
    own = module.state_dict()
    fitting = {k: v for k, v in found.items() if k in own and own[k].shape == v.shape}
    module.load_state_dict(fitting, strict=False)
    return tuple(name for name in own if name not in fitting)
