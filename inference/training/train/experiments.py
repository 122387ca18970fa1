"""The long runs that the released figures rest on, in the order in which they are due.

`python -m inference.training runs` lists them; with `--go` it does what is left, one at a time.
A run is done when its record stands in `inference/weights/records/`.
"""

from dataclasses import dataclass

from inference.training.networks.registry import ARCHITECTURES

NO_IMAGENET = "mobilenet_v3_large"
ALIKE = ("--learning-rate", "2e-3", "--average-decay", "0.998", "--gentle-epochs", "4")
COMPARED = (*ALIKE, "--stages", "64x10", "96x6")
SCRATCH = (*ALIKE, "--stages", "48x10", "64x6")
TWO = ("official-efficientnet_b0", "gentle")
THREE = ("official-efficientnet_b0", "official-mobilenet_v2", "student")
TAUGHT = ("taught-efficientnet_b0", "official-mobilenet_v2", "student")
USUAL = ("student", "taught-efficientnet_b0")
SHORT = (
    *("--learning-rate", "8e-4", "--average-decay", "0.998"),
    *("--gentle-epochs", "2", "--balance", "0.25", "--seed", "6"),
)
FURTHER = ("--eyes", "runs/eyes.npz", "--average-decay", "0.998")
FROM_STUDENT = ("--start", "runs/student/best.pt", "--eyes", "runs/eyes.npz")


@dataclass(frozen=True)
class Due:
    name: str
    what_for: str
    settings: tuple[str, ...]
    """what follows `train --run runs/NAME`"""
    hours: float
    """on two quiet cores, estimated from the speeds in docs/researcher/training.md"""
    teachers: tuple[str, ...] = ()
    """runs whose scores become targets; they have to be done first"""
    after: tuple[str, ...] = ()
    """runs whose weights it starts from"""
    live: bool = False
    """the teachers are asked in every step, about what the network sees then"""


def _compared(architecture: str, split: str, hours: float) -> Due:
    start = "scratch" if architecture == NO_IMAGENET else "imagenet"
    return Due(
        name=f"{split}-{architecture}",
        what_for=f"comparison of the four networks on the {split} split",
        settings=("--architecture", architecture, "--split", split, "--start", start, *COMPARED),
        hours=hours,
    )


def _from_scratch(architecture: str, hours: float) -> Due:
    return Due(
        name=f"scratch-{architecture}",
        what_for="the four networks without ImageNet, at a smaller budget",
        settings=("--architecture", architecture, "--start", "scratch", *SCRATCH),
        hours=hours,
    )


def _three_more(
    name: str,
    what_for: str,
    hours: float,
    *settings: str,
    stages: str = "96x3",
    teachers: tuple[str, ...] = USUAL,
    live: bool = False,
) -> Due:
    """Three more epochs from `student`; all alike but for one thing."""
    taught = ("--teacher-share", "0.6") if teachers else ()
    return Due(
        name,
        what_for,
        (*FROM_STUDENT, "--stages", stages, *SHORT, *taught, *settings),
        hours,
        teachers,
        after=("student",),
        live=live,
    )


def _gentle_votes(name: str, what_for: str, hours: float, *settings: str) -> Due:
    """On from `soup` without teachers or blending, every epoch gentle."""
    start = ("--start", "runs/soup/best.pt", *FURTHER, "--mixup-share", "0", "--balance", "0.25")
    return Due(name, what_for, (*start, *settings), hours)


HOURS = {
    "mobilenet_v2": 0.6,
    "mobilenet_v3_small": 0.4,
    "mobilenet_v3_large": 0.55,
    "efficientnet_b0": 0.9,
}
LONG = (
    *("--stages", "96x14", "--gentle-epochs", "8"),
    *("--learning-rate", "1.2e-3", "--average-decay", "0.998"),
)

PLAN: tuple[Due, ...] = (
    Due(
        "fourth",
        "the released MobileNetV2, towards its floor",
        (
            *("--start", "runs/third/best.pt", "--eyes", "runs/eyes.npz"),
            *("--stages", "64x5", "96x10", "--learning-rate", "1.5e-3"),
            *("--average-decay", "0.998", "--weight-decay", "0.03", "--seed", "4"),
        ),
        0.6,
    ),
    Due(
        "gentle",
        "four of six more epochs gentle",
        (
            *("--start", "runs/fourth/best.pt", "--eyes", "runs/eyes.npz", "--stages", "96x6"),
            *("--learning-rate", "8e-4", "--average-decay", "0.998", "--gentle-epochs", "4"),
        ),
        0.3,
        after=("fourth",),
    ),
    _compared("efficientnet_b0", "official", HOURS["efficientnet_b0"]),
    Due(
        "student",
        "the released MobileNetV2 towards its goal: long distillation from two teachers",
        (
            *("--start", "runs/gentle/best.pt", "--eyes", "runs/eyes.npz", *LONG),
            *("--teacher-share", "0.6", "--balance", "0.25", "--seed", "5"),
        ),
        0.7,
        teachers=TWO,
        after=("gentle",),
    ),
    *(_compared(name, "study", HOURS[name]) for name in ARCHITECTURES),
    _compared("mobilenet_v2", "official", HOURS["mobilenet_v2"]),
    Due(
        "taught-efficientnet_b0",
        "a better teacher: EfficientNet-B0 further, by what it and two others say",
        (
            *(
                "--architecture",
                "efficientnet_b0",
                "--start",
                "runs/official-efficientnet_b0/best.pt",
            ),
            *(*FURTHER, "--stages", "96x6", "--gentle-epochs", "3", "--learning-rate", "1e-3"),
            *("--teacher-share", "0.6", "--balance", "0.25", "--seed", "7"),
        ),
        0.4,
        teachers=THREE,
        after=("official-efficientnet_b0",),
    ),
    Due(
        "second",
        "a second distillation, from more teachers: no lower validation loss, so not released",
        (
            *("--start", "runs/student/best.pt", *FURTHER, "--stages", "96x8"),
            *("--gentle-epochs", "4", "--learning-rate", "1.2e-3"),
            *("--teacher-share", "0.7", "--balance", "0.15", "--seed", "8"),
        ),
        0.4,
        teachers=TAUGHT,
        after=("student",),
    ),
    *(
        _compared(name, "official", HOURS[name])
        for name in ("mobilenet_v3_small", "mobilenet_v3_large")
    ),
    Due(
        "patient",
        "the released MobileNetV2 again: long, live teachers, half of the batches blended",
        (
            *("--start", "runs/student/best.pt", *FURTHER, "--stages", "96x12"),
            *("--gentle-epochs", "4", "--learning-rate", "1.2e-3", "--mixup-share", "0.5"),
            *("--teacher-share", "0.8", "--balance", "0.25", "--seed", "9"),
        ),
        0.7,
        teachers=USUAL,
        after=("student",),
        live=True,
    ),
    *(_from_scratch(name, HOURS[name] / 2) for name in ARCHITECTURES),
    _gentle_votes(
        "closer",
        "from the soup before, by votes alone, gently: it fits its own faces loosely",
        0.45,
        *("--stages", "96x14", "--gentle-epochs", "14", "--learning-rate", "1.5e-3"),
        *("--fer7-weight", "1", "--seed", "10"),
    ),
    _three_more("more", "control: three more epochs as before", 0.15),
    _three_more(
        "ensemble",
        "three teachers rather than two",
        0.15,
        teachers=("official-mobilenet_v2", *USUAL),
    ),
    _three_more("live", "teachers look at the very view that the network sees", 0.25, live=True),
    _three_more(
        "blended",
        "live teachers, and half of the batches blended",
        0.25,
        *("--mixup-share", "0.5"),
        live=True,
    ),
    _three_more("sharpness", "sharpness-aware steps", 0.3, "--sam-radius", "0.05"),
    _three_more("votes", "no teacher", 0.15, teachers=()),
    _three_more(
        "self", "self-training: the network is its only teacher", 0.15, teachers=("student",)
    ),
    _three_more("cutmix", "boxes of other faces", 0.15, "--cutmix-share", "0.5"),
    _three_more("finer", "128 pixels rather than 96", 0.25, stages="128x3"),
    _three_more(
        "stem",
        "48 pixels and a stem without stride rather than 96 and one with",
        0.15,
        "--stem-stride",
        "1",
        stages="48x3",
    ),
    _gentle_votes(
        "closer-eight",
        "as closer, with FER+ weighing more than the seven labels: for a soup of both",
        0.45,
        *("--stages", "96x14", "--gentle-epochs", "14", "--learning-rate", "1.5e-3"),
        *("--seed", "11"),
    ),
    _gentle_votes(
        "closer-long",
        "as closer, longer and faster: does fitting more closely go on to help?",
        0.75,
        *("--stages", "96x24", "--gentle-epochs", "24", "--learning-rate", "2.5e-3"),
        *("--fer7-weight", "0.7", "--seed", "12"),
    ),
    Due(
        "closer-taught",
        "on from closer-long, by what it and the two before say together",
        (
            *("--start", "runs/closer-long/best.pt", *FURTHER, "--stages", "96x15"),
            *("--gentle-epochs", "15", "--learning-rate", "2e-3", "--mixup-share", "0"),
            *("--balance", "0.25", "--fer7-weight", "0.7", "--seed", "13"),
            *("--teacher-share", "0.6"),
        ),
        0.6,
        teachers=("closer", "closer-eight", "closer-long"),
        after=("closer-long",),
    ),
)
