"""The words of a model card; `card` puts the figures in."""

TEMPLATE = """\
# Model card: {name}

Written by `python -m inference.training card` from `{record}` (sha256
`{record_sha256}`) and the
records of runs in `records/`; the template is
`inference/training/report/card_template.py`, not
this file.

A small network that says which of eight facial expressions annotators would most likely see in a
picture of a face. **A face is weak evidence for what a person feels** (Barrett et al. 2019); for a
learner's boredom, confusion or frustration it is weaker still. The scores describe the picture.

| file | sha256 | accuracy on {test_part} (FER+) |
|---|---|---|
{files}

The product uses `{default}` unless FER_MODEL names another.

## The network

{network}, with two linear heads: FER+'s eight expressions and FER2013's seven labels. Input:
`face`, float32 [N, 1, {side}, {side}], grey 0..1. Outputs: `expressions` [N, 8] and `fer7` [N, 7],
probabilities; grey level normalisation, {looks}temperature ({t8:.3f} and {t7:.3f}) and softmax are
inside. ONNX opset {opset}. int8: static, QDQ, convolutions only, weights per channel, ranges from
{calibration} training faces.
{trainable}
Licence of code and weights: Apache-2.0. {rights}

## Use

Intended: as one of several signals in a lesson for people who agreed to it, always beside what the
learner does and says, with "not known" whenever the face is small, dark or turned away; research;
teaching about the limits of such models.

Not intended, and not supported: grading, discipline, attendance, hiring, diagnosis, surveillance,
or any decision about a person; use on people who did not agree; use where the law forbids it. The
EU AI Act, Art. 5(1)(f), prohibits inferring emotions in education except for medical or safety
reasons, and consent does not lift that.

## Data

{data_words}

## Training

{runs}

ImageNet's own terms are for research; what else is known of the licence of the weights that it
started from stands above. Targets: vote distributions, a class that one annotator alone chose
dropped, votes of identical images averaged. AdamW, one cycle, running average of the weights;
random flips, turns, scales, shifts, light, blur, noise, JPEG, erased boxes, mixup.

Time: {hours:.1f} hours for the network itself, {taught:.1f} more for the teachers' own training, of
wall time on two CPU cores shared with other work; no GPU. Energy was not measured; at {watts} W a
core (assumed) it was about {energy:.2f} kWh, with the teachers {energy_in_all:.2f} kWh. Asking the
teachers, runs that were given up and all evaluation are not in these.
{goals}
## Figures on {test_part}

{hold_for}

{sections}
## Limits

{limits_of}\
- Children: no ages are marked in the data. Many pictures plainly show babies and small children;
  how many are of school age is unknown, and how the model does on them was not measured. Models
  trained on adults lose over 30 points on children.
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

`{reproduce}`

{how}

| | FER+ (8 classes) | FER2013 (7 labels) |
|---|---|---|
{rows}
{int8}
| expression | precision | recall | F1 | faces |
|---|---|---|---|---|
{classes}
{drawn}
Confusion (rows: annotators, columns: model, order as above):

```
{confusion}
```

Reliability: faces in 15 equal bins, by how sure the model was.

| mean confidence | accuracy | faces |
|---|---|---|
{bins}

Accuracy by coverage: where only the surest faces are answered.

| answered | accuracy | least confidence |
|---|---|---|
{coverage}
{conditions}
"""
