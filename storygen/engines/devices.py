"""What there is to compute on, in words."""

from __future__ import annotations


def gpu_names() -> list[str]:
    """Name the GPUs that torch can use, in the order of their numbers: ``cuda:0`` first. Loads torch."""
    import torch

    return [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
