import type { HintDocument, HintLevelEnum, HintSymbolEnum } from "../api/schema";
import { element } from "../dom";
import { gettext } from "../text";
import { buildSelect, buildTextArea, readValue } from "./fields";

const HINT_LEVELS = ["nudge", "explanation", "worked_example"] as const;

const LEVEL_TEXTS: Record<HintLevelEnum, { title: () => string; more: () => string }> = {
  nudge: {
    title: () => gettext("1. A small hint"),
    more: () => gettext("Where to look, without saying what is there."),
  },
  explanation: {
    title: () => gettext("2. An explanation"),
    more: () => gettext("The idea explained in other words."),
  },
  worked_example: {
    title: () => gettext("3. A worked example"),
    more: () => gettext("A similar question, solved step by step."),
  },
};

const SYMBOL_TEXTS: Record<HintSymbolEnum, () => string> = {
  look_again: () => gettext("look again"),
  draw: () => gettext("draw it"),
  compare: () => gettext("compare"),
  count: () => gettext("count"),
  split: () => gettext("split it into parts"),
  read: () => gettext("read slowly"),
  ask: () => gettext("ask somebody"),
  pause: () => gettext("take a short break"),
};

/** Fields of the three hint levels, each in every form a learner can choose. */
export function buildHintFields(hints: HintDocument[]): HTMLElement {
  const levels = HINT_LEVELS.map((level) =>
    buildLevelFields(
      level,
      hints.find((hint) => hint.level === level),
    ),
  );
  return element(
    "details",
    { class: "part", open: hints.length > 0 },
    element("summary", {}, gettext("Hints, from small to large")),
    ...levels,
  );
}

export function readHints(form: ParentNode): HintDocument[] {
  return HINT_LEVELS.map((level) => ({
    level,
    text: readValue(form, `${level}-text`),
    simple_text: readValue(form, `${level}-simple`),
    symbol: readValue(form, `${level}-symbol`) as HintDocument["symbol"],
  })).filter((hint) => hint.text !== "" || hint.simple_text !== "");
}

function buildLevelFields(level: HintLevelEnum, hint: HintDocument | undefined): HTMLElement {
  const { title, more } = LEVEL_TEXTS[level];
  const symbols = Object.entries(SYMBOL_TEXTS).map(([name, text]): [string, string] => [
    name,
    text(),
  ]);
  return element(
    "fieldset",
    {},
    element("legend", {}, title()),
    buildTextArea(gettext("Text"), `${level}-text`, hint?.text ?? "", 3, more()),
    buildTextArea(
      gettext("Simple text"),
      `${level}-simple`,
      hint?.simple_text ?? "",
      2,
      gettext("Short, easy sentences, also shown next to the symbol. If empty, the text is used."),
    ),
    buildSelect(gettext("Symbol"), `${level}-symbol`, hint?.symbol ?? "", [
      ["", gettext("none")],
      ...symbols,
    ]),
  );
}
