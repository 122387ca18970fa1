"""The data sheet, written from what `prepare` counts."""

from typing import Any

from inference.training.report.data_words import is_of_fer2013

TEMPLATE = """\
# Data sheet: FER2013 with FER+ votes

Written by `python -m inference.training card` from `data_sheet.json`, which
`python -m inference.training prepare --out` counts. The pictures themselves are not in this
repository.

## What it is

48x48 grey faces that a web search found in 2013 for words of emotion, cut by a face detector
(Goodfellow et al. 2013, arXiv 1307.0414), and ten annotators' votes for each (FER+, Barsoum et al.
2016, arXiv 1608.01041, MIT). File sha256 `{sha256}`.

**Nobody in the pictures was asked.** No licence of the photographs is known; the collection was
given out for a research competition. Nothing is known of who the people are, how old, from where,
or whether they live with a condition that changes facial expression.

## Counts

| | |
|---|---|
{counts}

| FER+ label, rows that its rule scores | rows |
|---|---|
{ferplus}

| FER2013 label | rows |
|---|---|
{fer7}

## Splits

| split | train | validation | test |
|---|---|---|---|
{splits}

*official*: test on PublicTest, all of it; train and choose on Training, one row of each group of
identical images, none that PublicTest also holds, none that most annotators called no face.
*study*: 70/15/15 over all distinct faces of both parts, drawn per pair of labels. In both no group
of identical images stands on two sides.

## Faults

- The same picture occurs more than once, with other labels at times, and on both sides of the
  published split. Rows of one group are averaged for training, and a group stays on one side.
- FER2013's own labels are what the search word was, checked in passing: people agree with them on
  about 65 % of faces, and with FER+'s on {agree} of the rows here.
- Some rows are no faces at all, drawings, or text; FER+'s votes mark them and they are left out.
- Posed, acted and stock photographs prevail. Contempt, disgust and fear are rare.
- Faces found by a detector of 2013: turned, covered and dark faces are missing.
- No ages are marked. Looking at the pictures shows many babies and small children; how many are of
  school age is unknown, and nothing can be measured by age.
- People of whom special needs are known: none are marked; assume that there are too few to learn
  from.
"""

OTHER = """\
# Data sheet: the faces that were given

Written by `python -m inference.training card` from `data_sheet.json`, which
`python -m inference.training prepare --out` counts. The pictures themselves are not here.

## What it is

48x48 grey faces, cut from the pictures that were given, with an expression for each. Sha256
`{sha256}`. Who the people are, who agreed to what, who labelled the pictures and how: whoever
gathered them has to keep that beside this sheet, and to delete both together.

## Counts

| | |
|---|---|
{counts}

| expression | faces |
|---|---|
{ferplus}

## Splits

| split | train | validation | test |
|---|---|---|---|
{splits}

*official*: test on the faces that were given for testing; train and choose on the others, one row
of each group of identical images. *study*: 70/15/15 over all distinct faces. In both no group of
identical images stands on two sides, and nobody does where it is known who is who.

## Faults

Nothing is known here of the faults of these pictures and labels. One person's label for each
picture is no agreement of ten; few people and few pictures make any figure uncertain.
"""

OTHER_NAMES = {
    "training_rows": "faces",
    "public_test_rows": "faces given for testing",
    "people": "people (None: who is who was not given)",
    "duplicate_groups": "groups of identical images",
    "rows_in_duplicate_groups": "faces in such groups",
    "training_rows_also_in_test": "faces whose image was given for testing, too",
    "groups_with_conflicting_votes": "groups whose expressions conflict",
}
NAMES = {
    "training_rows": "rows of Training",
    "public_test_rows": "rows of PublicTest",
    "private_test_rows": "rows of PrivateTest",
    "public_test_rows_scored": "rows of PublicTest that FER+'s rule scores",
    "not_a_face": "rows that most annotators called no face",
    "duplicate_groups": "groups of identical images",
    "rows_in_duplicate_groups": "rows in such groups",
    "training_rows_also_in_test": "rows of Training whose image PublicTest also holds",
    "groups_with_conflicting_labels": "groups whose FER2013 labels conflict",
    "groups_with_conflicting_votes": "groups whose FER+ labels conflict",
}


def data_card(sheet: dict[str, Any]) -> str:
    """Markdown from what `datasheet.data_sheet` counts."""
    splits = [
        f"| {name} | {rows['train']} | {rows['validation']} | {rows['test']} |"
        for name, rows in sheet["split_rows"].items()
        if rows
    ]
    if not is_of_fer2013(sheet):
        return OTHER.format(
            sha256=sheet["sha256"],
            counts=_table({title: sheet[name] for name, title in OTHER_NAMES.items()}),
            ferplus=_table(sheet["ferplus_scored"]),
            splits="\n".join(splits),
        )
    agree = sheet["labels_agree_share"]
    return TEMPLATE.format(
        sha256=sheet["sha256"],
        counts=_table({title: sheet[name] for name, title in NAMES.items()}),
        ferplus=_table(sheet["ferplus_scored"]),
        fer7=_table(sheet["fer7"]),
        splits="\n".join(splits),
        agree="an unknown share" if agree is None else f"{agree:.0%}",
    )


def _table(rows: dict[str, Any]) -> str:
    return "\n".join(f"| {name} | {value} |" for name, value in rows.items())
