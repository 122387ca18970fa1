"""A network's logits of faces without augmentation, and validation metrics from them."""

import torch
from torch import Tensor, nn

from inference.training.data.batches import iterate_plain_batches
from inference.training.data.dataset import (
    FaceDataset,
    Rows,
    compute_majority_labels,
    has_majority_label,
)
from inference.training.networks.registry import ExpressionNetwork


@torch.inference_mode()
def compute_logits(
    network: ExpressionNetwork, faces: FaceDataset, rows: Rows, side: int
) -> tuple[Tensor, Tensor]:
    """Return logits of both heads, float32 [N, 8] and [N, 7], at `side` pixels."""
    network.eval()
    parts = [
        network(grey.contiguous(memory_format=torch.channels_last))
        for grey in iterate_plain_batches(faces, rows, side)
    ]
    return torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts])


def compute_validation_metrics(
    network: ExpressionNetwork, faces: FaceDataset, rows: Rows, side: int
) -> dict[str, float]:
    """Compute accuracy and loss on FER+ majority labels, and accuracy on FER2013's labels."""
    scored = rows[has_majority_label(faces.votes[rows])]
    ferplus, fer7 = compute_logits(network, faces, scored, side)
    majority = torch.from_numpy(compute_majority_labels(faces.votes[scored]))
    labels = torch.from_numpy(faces.labels[scored]).long()
    return {
        "accuracy": float((ferplus.argmax(dim=1) == majority).float().mean()),
        "loss": float(nn.functional.cross_entropy(ferplus, majority)),
        "fer7_accuracy": float((fer7.argmax(dim=1) == labels).float().mean()),
    }
