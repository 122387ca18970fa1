import { element } from "../dom";
import { gettext } from "../text";
import { type HintSource, type Rung, RUNGS, SYMBOLS } from "./document";
import { areaField, selectField, valueIn } from "./fields";

const RUNG_WORDS: Record<Rung, { title: () => string; more: () => string }> = {
  nudge: {
    title: () => gettext("1. A nudge"),
    more: () => gettext("Where to look, without saying what is there."),
  },
  explanation: {
    title: () => gettext("2. An explanation"),
    more: () => gettext("The idea once more, in other words."),
  },
  worked_example: {
    title: () => gettext("3. A worked example"),
    more: () => gettext("A similar question, solved step by step."),
  },
};

const SYMBOL_WORDS: Record<(typeof SYMBOLS)[number], () => string> = {
  look_again: () => gettext("look again"),
  draw: () => gettext("draw it"),
  compare: () => gettext("compare"),
  count: () => gettext("count"),
  split: () => gettext("cut it into parts"),
  read: () => gettext("read slowly"),
  ask: () => gettext("ask somebody"),
  pause: () => gettext("take a short break"),
};

/** The ladder of hints: three rungs, each in the forms that learners may choose. */
export function hintFields(hints: HintSource[]): HTMLElement {
  const rungs = RUNGS.map((rung) =>
    rungFields(
      rung,
      hints.find((hint) => hint.rung === rung),
    ),
  );
  return element(
    "details",
    { class: "part", open: hints.length > 0 },
    element("summary", {}, gettext("Hints, from small to large")),
    ...rungs,
  );
}

export function hintsIn(form: ParentNode): HintSource[] {
  return RUNGS.map((rung) => ({
    rung,
    text: valueIn(form, `${rung}-text`),
    simple_text: valueIn(form, `${rung}-simple`),
    symbol: valueIn(form, `${rung}-symbol`),
  })).filter((hint) => hint.text !== "" || hint.simple_text !== "");
}

function rungFields(rung: Rung, hint: HintSource | undefined): HTMLElement {
  const { title, more } = RUNG_WORDS[rung];
  const symbols: [string, string][] = SYMBOLS.map((name) => [name, SYMBOL_WORDS[name]()]);
  return element(
    "fieldset",
    {},
    element("legend", {}, title()),
    areaField(gettext("Text"), `${rung}-text`, hint?.text ?? "", 3, more()),
    areaField(
      gettext("Simple text"),
      `${rung}-simple`,
      hint?.simple_text ?? "",
      2,
      gettext("Short, easy sentences; also shown beside the symbol. Empty: the text is used."),
    ),
    selectField(gettext("Symbol"), `${rung}-symbol`, hint?.symbol ?? "", [
      ["", gettext("none")],
      ...symbols,
    ]),
  );
}
