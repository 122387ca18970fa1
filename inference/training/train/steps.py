"""One epoch of optimisation steps: batch, loss, gradients, optional SAM, running average."""

import math

import torch
from torch import Tensor, nn
from tqdm import tqdm

from inference.training.data.augment import LOW_AUGMENTATION_STRENGTH
from inference.training.data.batches import Batch, BatchPlan, FaceViews, iterate_training_batches
from inference.training.data.dataset import Rows, Targets
from inference.training.errors import NonFiniteLossError
from inference.training.settings import Settings, compute_one_cycle_factor
from inference.training.train.live_teachers import LiveTeacherNetworks, mix_live_targets
from inference.training.train.sharpness import compute_sam_gradients
from inference.training.train.state import TrainingState, average_gradients, update_average

MAX_GRADIENT_NORM = 5.0


def train_epoch(
    state: TrainingState,
    settings: Settings,
    rank: int,
    views: FaceViews,
    targets: Targets,
    rows: Rows,
    teachers: LiveTeacherNetworks = (),
) -> float:
    """Train the epoch `state.epoch`.

    Args:
        state: updated in place.
        settings: of the run.
        rank: of this process, which processes its part of every batch.
        views: one or two image arrays, uint8 [N, 48, 48]; one of them is drawn per face.
        targets: soft targets of all N faces.
        rows: the training rows.
        teachers: live ones, evaluated on every batch.

    Returns:
        The mean training loss.

    Raises:
        NonFiniteLossError: the loss became NaN or infinite.
    """
    plan = build_batch_plan(settings, state.epoch, rank)
    steps = len(rows) // settings.batch_size
    total = steps * settings.epochs
    state.network.train()
    losses: list[float] = []
    batches = iterate_training_batches(views, targets, rows, plan)
    title = f"epoch {state.epoch} at {plan.side} px"
    for batch in tqdm(batches, total=steps, desc=title, mininterval=5, disable=rank > 0):
        factor = compute_one_cycle_factor(state.step / total, settings.warm_up)
        for group in state.optimiser.param_groups:
            group["lr"] = settings.learning_rate * factor
        if teachers:
            batch = mix_live_targets(batch, teachers, settings.teacher_share)
        losses.append(_run_step(state, batch, settings))
        state.step += 1
    return sum(losses) / max(len(losses), 1)


def build_batch_plan(settings: Settings, epoch: int, rank: int) -> BatchPlan:
    return BatchPlan(
        side=settings.get_side(epoch),
        size=settings.batch_size,
        seed=settings.seed,
        epoch=epoch,
        rank=rank,
        processes=settings.processes,
        mixup_share=settings.mixup_share,
        cutmix_share=settings.cutmix_share,
        strength=LOW_AUGMENTATION_STRENGTH if settings.has_low_augmentation(epoch) else 1.0,
        camera_share=settings.camera_share,
    )


def _run_step(state: TrainingState, batch: Batch, settings: Settings) -> float:
    def backward() -> float:
        return fill_gradients(state, batch, settings)

    if settings.sam_radius:
        loss = compute_sam_gradients(state.network, settings.sam_radius, backward)
    else:
        loss = backward()
    nn.utils.clip_grad_norm_(state.network.parameters(), MAX_GRADIENT_NORM)
    state.optimiser.step()
    # A low decay at first removes the untrained heads from the average quickly.
    decay = min(settings.average_decay, (1 + state.step) / (10 + state.step))
    update_average(state.average, state.network, decay)
    return loss


def fill_gradients(state: TrainingState, batch: Batch, settings: Settings) -> float:
    """Compute the loss of one batch and its gradients, averaged over all processes."""
    grey = batch.grey.contiguous(memory_format=torch.channels_last)
    ferplus, fer7 = state.network(grey)
    loss = compute_two_head_loss(ferplus, fer7, batch, settings.fer7_weight)
    value = loss.item()
    if not math.isfinite(value):
        raise NonFiniteLossError(
            f"the loss is {value} at step {state.step} (epoch {state.epoch}); the checkpoint of "
            "the previous epoch stays. Lower --learning-rate and run the same command again"
        )
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    average_gradients(state.network, settings.processes)
    return value


def compute_two_head_loss(
    ferplus: Tensor, fer7: Tensor, batch: Batch, fer7_weight: float
) -> Tensor:
    """Compute the cross entropy of both heads against soft targets.

    Args:
        ferplus: logits [N, 8]; a face weighs by the share of its votes for the eight labels.
        fer7: logits [N, 7].
        batch: with targets and weights.
        fer7_weight: of the second head's loss.

    Returns:
        The scalar loss.
    """
    eight = -(batch.ferplus * ferplus.log_softmax(dim=1)).sum(dim=1)
    eight_mean = (eight * batch.ferplus_weight).sum() / batch.ferplus_weight.sum().clamp(min=1)
    seven = -(batch.fer7 * fer7.log_softmax(dim=1)).sum(dim=1).mean()
    return eight_mean + fer7_weight * seven
