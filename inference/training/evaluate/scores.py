"""What a network says of untouched faces, and how good that is."""

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
def logits_of(
    network: ExpressionNetwork, faces: FaceDataset, rows: Rows, side: int
) -> tuple[Tensor, Tensor]:
    """Logits of both heads, [N, 8] and [N, 7], for untouched faces."""
    network.eval()
    parts = [
        network(grey.contiguous(memory_format=torch.channels_last))
        for grey in iterate_plain_batches(faces, rows, side)
    ]
    return torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts])


def validation_scores(
    network: ExpressionNetwork, faces: FaceDataset, rows: Rows, side: int
) -> dict[str, float]:
    """Accuracy and loss on the rows that FER+'s rule scores, and accuracy on FER2013's labels."""
    scored = rows[has_majority_label(faces.votes[rows])]
    ferplus, fer7 = logits_of(network, faces, scored, side)
    wanted = torch.from_numpy(compute_majority_labels(faces.votes[scored]))
    labels = torch.from_numpy(faces.labels[scored]).long()
    return {
        "accuracy": float((ferplus.argmax(dim=1) == wanted).float().mean()),
        "loss": float(nn.functional.cross_entropy(ferplus, wanted)),
        "fer7_accuracy": float((fer7.argmax(dim=1) == labels).float().mean()),
    }
