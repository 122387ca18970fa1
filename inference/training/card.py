"""The model card, written from a release's record, so that its figures cannot drift from it."""

from collections import Counter
from typing import Any

TEMPLATE = """\
# Model card: {name}

Written by `python -m inference.training export` from `{name}.record.json`; change the
template in `inference/training/card.py`, not this file.

A small network that says which of eight facial expressions annotators would most likely see in a
picture of a face. **A face is weak evidence for what a person feels** (Barrett et al. 2019); for a
learner's boredom, confusion or frustration it is weaker still. The scores describe the picture.

| file | sha256 | accuracy on PublicTest (FER+) |
|---|---|---|
{files}

The product uses `{default}` unless FER_MODEL names another.

## The network

MobileNetV2, width 1.0 (Sandler et al. 2018), 2,223,872 parameters in the backbone, plus two linear
heads: FER+'s eight expressions (10,248) and FER2013's seven labels (8,967). Input: `face`, float32
[N, 1, {side}, {side}], grey 0..1. Outputs: `expressions` [N, 8] and `fer7` [N, 7], probabilities;
grey level normalisation, temperature ({t8:.3f} and {t7:.3f}) and softmax are inside. ONNX opset
{opset}. int8: static, QDQ, convolutions only, weights per channel, ranges from {calibration}
training faces.

Licence of code and weights: Apache-2.0. The rights in the photographs behind FER2013 are unclear
(see below), which anyone who redistributes the weights should know.

## Use

Intended: as one of several signals in a lesson for people who agreed to it, always beside what the
learner does and says, with "not known" whenever the face is small, dark or turned away; research;
teaching about the limits of such models.

Not intended, and not supported: grading, discipline, attendance, hiring, diagnosis, surveillance,
or any decision about a person; use on people who did not agree; use where the law forbids it. The
EU AI Act, Art. 5(1)(f), prohibits inferring emotions in education except for medical or safety
reasons, and consent does not lift that.

## Data

FER2013 (Goodfellow et al. 2013): 48x48 grey faces found by web search in 2013, released for a
competition; nobody in them was asked, and no licence for the photographs is known. FER+ (Barsoum et
al. 2016, MIT): ten annotators' votes for each. Trained on {train} faces of Training (one of each
group of identical images, none that PublicTest also holds, none that most annotators called no
face), chosen on {validation} other faces of Training; PublicTest was for testing only. Data file
sha256 `{data}`.

## Training

{runs}

`mobilenet_v2-b0353104.pth` are torchvision's ImageNet weights (BSD-3-Clause; ImageNet's own terms
are for research). Targets: vote distributions, a class that one annotator alone chose dropped,
votes of identical images averaged. AdamW, one cycle, running average of the weights; random flips,
turns, scales, shifts, light, blur, noise, JPEG, erased boxes, mixup. Hours are of wall time on two
CPU cores shared with other work; no GPU; energy was not measured.

## Figures on PublicTest

{sections}
Reproduce with the data in a folder `FER_DATA` (docs/training.md):
`python -m inference.training evaluate --model {name}`. Intervals: 95 %, 1,000 redraws of the faces.
They hold for FER2013-like pictures; nothing here says how the model does in a classroom.

## Limits

- Children: there are few or none known to be in the data. Models trained on adults lose over 30
  points on children.
- Autism and other conditions that change expression: not in the data as far as anyone knows; such
  expressions are likely to be misread, as is paralysis, or a mask.
- Skin tone, age, gender, culture: FER2013 carries no such labels, so no gap could be measured. That
  is not evidence that there is none.
- Web photographs are posed and chosen for being clear; faces in lessons are neither.
- Labels are noisy: people agree with FER2013's labels on about 65 % of faces, and the two sets of
  labels agree on 63 %. FER+'s rule leaves out the faces on which annotators did not agree.
- 48x48 grey pixels: no finer detail than that is used, however good the camera.
- Contempt, disgust and fear are rare in the data and poorly recognised; see the table.
"""

SECTION = """\
### {name}

| | FER+ (8 classes) | FER2013 (7 labels) |
|---|---|---|
{rows}

| expression | precision | recall | F1 | faces |
|---|---|---|---|---|
{classes}

Confusion (rows: annotators, columns: model, order as above):

```
{confusion}
```

"""

HEADLINES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_precision": "macro precision",
    "macro_recall": "macro recall",
    "macro_f1": "macro F1",
    "loss": "loss",
    "ece": "calibration error (15 equal bins)",
    "accuracy_at_85_coverage": "accuracy on the surest 85 %",
}


def model_card(record: dict[str, Any], default: str) -> str:
    """Markdown from the record that `release` writes; `default` is the model used unasked."""
    released, settings = record["released"], record["settings"]
    first = next(iter(released.values()))
    files = [
        f"| `{name}.onnx` | `{each['sha256']}` | {_with_interval(each['ferplus'], 'accuracy')} |"
        for name, each in released.items()
    ]
    return TEMPLATE.format(
        name=next(iter(released)),
        files="\n".join(files),
        default=default,
        side=settings["stages"][-1][0],
        t8=first["temperature"]["expressions"],
        t7=first["temperature"]["fer7"],
        opset=record["opset"],
        calibration=record["calibration_faces"],
        train=record["rows"]["train"],
        validation=record["rows"]["validation"],
        data=record["data_sha256"],
        runs="\n".join(_runs(record)),
        sections="".join(_section(name, each) for name, each in released.items()),
    )


def _runs(record: dict[str, Any]) -> list[str]:
    """One line a run, the earliest first."""
    settings = record["settings"]
    done = Counter(line["side"] for line in record["log"])
    stages = ", ".join(f"{side} x {epochs}" for side, epochs in done.items())
    aligned = f"; half of the pictures aligned by the eyes ({record['aligned_faces']} faces)"
    line = (
        f"- from `{record['start']}`: pixels x epochs {stages}; batch {settings['batch_size']}, "
        f"peak learning rate {settings['learning_rate']}, seed {settings['seed']}"
        f"{aligned if record.get('aligned_faces') else ''}; "
        f"{'kept: ' + record['kept'] + '; ' if 'kept' in record else ''}"
        f"{record['log'][-1]['seconds'] / 3600:.1f} hours; {record['machine']}; "
        f"revision `{record['git_revision']}`"
    )
    return [*(_runs(record["before"]) if record.get("before") else []), line]


def _section(name: str, figures: dict[str, Any]) -> str:
    eight, seven = figures["ferplus"], figures["fer7"]
    rows = [
        f"| {title} | {_with_interval(eight, key)} | {_with_interval(seven, key)} |"
        for key, title in HEADLINES.items()
    ]
    rows.append(f"| accuracy where 8 of 10 agree | {eight['accuracy_where_8_of_10_agree']:.3f} | |")
    rows.append(f"| faces | {eight['faces']} | {seven['faces']} |")
    classes = [
        f"| {label} | {c['precision']:.3f} | {c['recall']:.3f} | {c['f1']:.3f} | {c['faces']} |"
        for label, c in eight["classes"].items()
    ]
    confusion = ["".join(f"{count:6d}" for count in row) for row in eight["confusion"]]
    return SECTION.format(
        name=name,
        rows="\n".join(rows),
        classes="\n".join(classes),
        confusion="\n".join(confusion),
    )


def _with_interval(figures: dict[str, Any], key: str) -> str:
    if key not in figures["interval_95"]:
        return f"{figures[key]:.3f}"
    low, high = figures["interval_95"][key]
    return f"{figures[key]:.3f} ({low:.3f} to {high:.3f})"
