import type { HintAnswerEnum, HintKindEnum, TimingEnum } from "../../api/schema";
import type { HintMessage } from "../../capture/protocol";
import { element, replaceContent } from "../../dom";
import { icon, type IconName } from "../../icons";
import { describeLanguage, gettext, pageLanguage } from "../../text";

export interface HintCardEvents {
  answer(answer: HintAnswerEnum): void;
  showEasier(): void;
  rateTiming(timing: TimingEnum): void;
}

type AnswerOption = { answer: HintAnswerEnum; text: () => string };

const COMMON_ANSWERS: AnswerOption[] = [
  { answer: "helped", text: () => gettext("That helped") },
  { answer: "not_now", text: () => gettext("Not now") },
  { answer: "not_hard", text: () => gettext("I'm fine") },
];
const YES_NO_ANSWERS: AnswerOption[] = [
  { answer: "yes", text: () => gettext("Yes") },
  { answer: "no", text: () => gettext("No") },
];
const LEAVE_ALONE_ANSWER: AnswerOption = {
  answer: "leave_me_alone",
  text: () => gettext("Leave me alone today"),
};

/** Answers offered for each kind of hint. */
function listAnswers(kind: HintKindEnum): AnswerOption[] {
  if (kind === "question")
    return [...YES_NO_ANSWERS, COMMON_ANSWERS[1] as AnswerOption, LEAVE_ALONE_ANSWER];
  if (kind === "tell_teacher") return [...YES_NO_ANSWERS, LEAVE_ALONE_ANSWER];
  return [...COMMON_ANSWERS, LEAVE_ALONE_ANSWER];
}

export function buildHintCard(
  hint: HintMessage,
  events: HintCardEvents,
  language = "",
): HTMLElement {
  const answers = listAnswers(hint.kind ?? "hint").map(({ answer, text }) => {
    const give = (): void => events.answer(answer);
    const attributes = { type: "button", class: "quiet", onclick: give };
    return element("button", { ...attributes, "data-testid": `hint-${answer}` }, text());
  });
  return element(
    "section",
    { class: "card hint", id: "hint", tabindex: "-1", "aria-labelledby": "hint-title" },
    element("h2", { id: "hint-title", dir: "auto" }, hint.title || gettext("A hint")),
    element(
      "div",
      { class: "hint-words", "data-form": hint.form ?? "text" },
      ...buildContent(hint, language),
    ),
    hint.kind === "easier" && buildEasierButton(events),
    hint.why && element("p", { class: "small soft" }, gettext("Why you see this:"), " ", hint.why),
    element("div", { class: "row" }, ...answers),
    hint.asked ? null : buildTimingQuestion(events),
  );
}

/** Optional; nothing depends on the answer. */
function buildTimingQuestion(events: HintCardEvents): HTMLElement {
  const question = element("span", { id: "hint-timing" }, gettext("Was this the right moment?"));
  const group = element("div", {
    class: "row small soft",
    role: "group",
    "aria-labelledby": "hint-timing",
  });
  const rate = (timing: TimingEnum): void => {
    events.rateTiming(timing);
    replaceContent(group, element("span", { role: "status" }, gettext("Thank you.")));
  };
  const options: [TimingEnum, string][] = [
    ["right", gettext("Yes")],
    ["too_early", gettext("Too early")],
    ["not_needed", gettext("Not needed")],
  ];
  const buttons = options.map(([timing, text]) =>
    element(
      "button",
      {
        type: "button",
        class: "plain",
        onclick: () => rate(timing),
        "data-testid": `timing-${timing}`,
      },
      text,
    ),
  );
  replaceContent(group, question, ...buttons);
  return group;
}

function buildContent(hint: HintMessage, language: string): (HTMLElement | SVGElement | null)[] {
  const symbol = SYMBOLS[hint.symbol ?? ""];
  const text = element("p", { class: "as-written", ...describeLanguage(language) }, hint.body);
  return [symbol ? icon(symbol) : null, text, buildListenButton(hint)];
}

function buildEasierButton(events: HintCardEvents): HTMLElement {
  const show = (): void => events.showEasier();
  const attributes = { type: "button", onclick: show, "data-testid": "hint-easier" };
  return element("p", {}, element("button", attributes, gettext("Show the easy version")));
}

/** Reads the hint aloud on the device. */
function buildListenButton(hint: HintMessage): HTMLElement | null {
  if (typeof speechSynthesis === "undefined") return null;
  const attributes = {
    type: "button",
    class: hint.form === "audio" ? "" : "plain",
    onclick: () => readAloud(`${hint.title}. ${hint.body}`),
    "data-testid": "hint-listen",
  };
  return element("button", attributes, icon("sound"), gettext("Read aloud"));
}

/** Stops when already speaking. */
function readAloud(text: string): void {
  const speaking = speechSynthesis.speaking;
  speechSynthesis.cancel();
  if (speaking) return;
  const speech = new SpeechSynthesisUtterance(text);
  speech.lang = pageLanguage();
  speechSynthesis.speak(speech);
}

const SYMBOLS: Record<string, IconName | undefined> = {
  look_again: "look",
  draw: "draw",
  compare: "compare",
  count: "count",
  split: "split",
  read: "book",
  ask: "ask",
  pause: "paused",
};
