"""The optimizer and the learning-rate schedule of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from torch.optim.lr_scheduler import LambdaLR

    from training.train.config import TrainingConfig

_BETAS = (0.9, 0.95)


class MuonWithAdamW(torch.optim.Optimizer):
    """Muon for the matrices inside the blocks, AdamW for embeddings, norms and biases, as one optimizer."""

    def __init__(self, muon: torch.optim.Muon, adamw: torch.optim.AdamW) -> None:
        self._parts: tuple[torch.optim.Optimizer, ...] = (muon, adamw)
        super().__init__([*muon.param_groups, *adamw.param_groups], {})
        self._share_groups()

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]  # torch overloads it
        """Do one step of each part; ``closure`` is called once, before."""
        with torch.enable_grad():
            loss = closure() if closure is not None else None
        for part in self._parts:
            part.step()
        return loss

    def state_dict(self) -> dict[str, Any]:
        """Give the states of both parts."""
        return {"parts": [part.state_dict() for part in self._parts], "state": {}, "param_groups": []}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take the states of both parts back."""
        for part, state in zip(self._parts, state_dict["parts"], strict=True):
            part.load_state_dict(state)
        self._share_groups()

    def _share_groups(self) -> None:
        # A scheduler sets the rates in these very dictionaries; loading a state makes new ones.
        self.param_groups = [group for part in self._parts for group in part.param_groups]


def build_optimizer(model: torch.nn.Module, config: TrainingConfig) -> torch.optim.Optimizer:
    """Give the optimizer that the configuration names."""
    trained = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    matrices = [parameter for name, parameter in trained if parameter.ndim == 2 and ".h." in name]  # noqa: PLR2004  # a matrix
    inside = {id(parameter) for parameter in matrices}
    rest = [parameter for _, parameter in trained if id(parameter) not in inside]
    if config.optimizer == "adamw":
        groups = [{"params": matrices, "weight_decay": config.weight_decay}, {"params": rest, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=config.learning_rate, betas=_BETAS)
    muon = torch.optim.Muon(
        matrices, lr=config.learning_rate, weight_decay=config.weight_decay, adjust_lr_fn="match_rms_adamw"
    )
    return MuonWithAdamW(muon, torch.optim.AdamW(rest, lr=config.learning_rate, betas=_BETAS, weight_decay=0.0))


def build_schedule(optimizer: torch.optim.Optimizer, config: TrainingConfig, steps: int) -> LambdaLR:
    """Give a schedule that rises, stays, and falls in a straight line to nothing at the last step."""
    rise, fall = max(1, config.warmup_steps), max(1, round(config.decay * steps))

    def factor(step: int) -> float:
        return min(1.0, (step + 1) / rise, max(0.0, (steps - step) / fall))

    return torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
