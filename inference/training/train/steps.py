"""One epoch of steps: batch, loss, gradients, sharpness if wanted, running average."""

import math

import torch
from torch import Tensor, nn
from tqdm import tqdm

from inference.training.data.augment import LOW_AUGMENTATION_STRENGTH
from inference.training.data.batches import Batch, BatchPlan, FaceViews, iterate_training_batches
from inference.training.data.dataset import Rows, Targets
from inference.training.errors import LossIsNoNumber
from inference.training.settings import Settings, one_cycle
from inference.training.train.live_teachers import Teachers, taught_live
from inference.training.train.sharpness import sharpness_aware
from inference.training.train.state import TrainingState, follow, share_gradients


def train_epoch(
    state: TrainingState,
    settings: Settings,
    rank: int,
    looks: FaceViews,
    targets: Targets,
    rows: Rows,
    teachers: Teachers = (),
) -> float:
    """The epoch that `state` stands at; returns the mean loss. Raises LossIsNoNumber.

    `teachers` are live ones, asked about every view.
    """
    plan = batch_plan(settings, state.epoch, rank)
    steps = len(rows) // settings.batch_size
    total = steps * settings.epochs
    state.network.train()
    losses: list[float] = []
    batches = iterate_training_batches(looks, targets, rows, plan)
    title = f"epoch {state.epoch} at {plan.side} px"
    for batch in tqdm(batches, total=steps, desc=title, mininterval=5, disable=rank > 0):
        rate = settings.learning_rate * one_cycle(state.step / total, settings.warm_up)
        for group in state.optimiser.param_groups:
            group["lr"] = rate
        if teachers:
            batch = taught_live(batch, teachers, settings.teacher_share)
        losses.append(_step(state, batch, settings))
        state.step += 1
    return sum(losses) / max(len(losses), 1)


def batch_plan(settings: Settings, epoch: int, rank: int) -> BatchPlan:
    return BatchPlan(
        side=settings.side_at(epoch),
        size=settings.batch_size,
        seed=settings.seed,
        epoch=epoch,
        rank=rank,
        processes=settings.processes,
        mixup_share=settings.mixup_share,
        cutmix_share=settings.cutmix_share,
        strength=LOW_AUGMENTATION_STRENGTH if settings.is_gentle(epoch) else 1.0,
    )


def _step(state: TrainingState, batch: Batch, settings: Settings) -> float:
    def backward() -> float:
        return fill_gradients(state, batch, settings)

    if settings.sam_radius:
        value = sharpness_aware(state.network, settings.sam_radius, backward)
    else:
        value = backward()
    nn.utils.clip_grad_norm_(state.network.parameters(), 5.0)
    state.optimiser.step()
    # The average starts fast and slows down, so that it forgets the untrained heads.
    decay = min(settings.average_decay, (1 + state.step) / (10 + state.step))
    follow(state.average, state.network, decay)
    return value


def fill_gradients(state: TrainingState, batch: Batch, settings: Settings) -> float:
    """The loss of one batch, its gradients shared among all processes."""
    grey = batch.grey.contiguous(memory_format=torch.channels_last)
    ferplus, fer7 = state.network(grey)
    loss = two_head_loss(ferplus, fer7, batch, settings.fer7_weight)
    value = loss.item()
    if not math.isfinite(value):
        raise LossIsNoNumber(
            f"the loss is {value} at step {state.step} (epoch {state.epoch}); the checkpoint of "
            "the epoch before is kept. Lower --learning-rate and run the same command again"
        )
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    share_gradients(state.network, settings.processes)
    return value


def two_head_loss(ferplus: Tensor, fer7: Tensor, batch: Batch, fer7_weight: float) -> Tensor:
    """Cross entropy against the votes; a face counts by how many voted for the eight at all."""
    eight = -(batch.ferplus * ferplus.log_softmax(dim=1)).sum(dim=1)
    eight_mean = (eight * batch.ferplus_weight).sum() / batch.ferplus_weight.sum().clamp(min=1)
    seven = -(batch.fer7 * fer7.log_softmax(dim=1)).sum(dim=1).mean()
    return eight_mean + fer7_weight * seven
