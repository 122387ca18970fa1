import type { Report, ReportHelp } from "../api/types";
import { smallestGroup } from "../charts/withheld-words";
import { element, replaceContent } from "../dom";
import { gettext, interpolate } from "../text";
import { shareWords } from "./steps-table";

type Row = ReportHelp["rules"][number];

/** Which help was offered, why, and what learners said to it: of a class, never of one learner. */
export class ReportHelpPart {
  readonly node = element("section", { class: "card", "data-testid": "report-help" });

  show({ help, state, steps }: Report): void {
    const titles = new Map(steps.map(({ position, title }) => [position, title]));
    replaceContent(
      this.node,
      element("h2", {}, gettext("Hints, and what came of them")),
      ...(help ? helpNodes(help, titles) : [element("p", { class: "soft" }, noneWords(state))]),
    );
  }
}

export function helpNodes(help: ReportHelp, titles: Map<number, string>): (Node | null)[] {
  const few = interpolate(
    gettext("What fewer than %(least)s learners were offered or said is not listed."),
    { least: smallestGroup() },
  );
  return [
    help.rules.length
      ? table(help.rules, titles)
      : element("p", {}, gettext("No hint came to enough learners to speak of.")),
    help.silent.length > 0 ? silences(help) : null,
    element("p", { class: "small soft" }, few),
  ];
}

function table(rows: Row[], titles: Map<number, string>): HTMLElement {
  const heads = [
    gettext("Hint"),
    gettext("Came to"),
    gettext("In steps"),
    gettext("What spoke for it"),
    gettext("What they said"),
  ];
  const caption = gettext(
    "Shares of learners. What was said is of those who said anything; there is no right answer to a hint.",
  );
  return element(
    "div",
    {
      class: "table-scroll whole",
      role: "region",
      "aria-label": gettext("Hints, and what came of them"),
      tabindex: "0",
    },
    element(
      "table",
      { class: "help" },
      element("caption", {}, caption),
      element(
        "thead",
        {},
        element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head))),
      ),
      element("tbody", {}, ...rows.map((row) => tableRow(row, titles))),
    ),
  );
}

function tableRow(row: Row, titles: Map<number, string>): HTMLElement {
  const steps = row.steps.map((position) => `${position}. ${titles.get(position) ?? ""}`);
  const why = row.why.map(({ words, share }) => `${words}: ${shareWords(share)}`);
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, row.asked ? gettext("Asked for") : row.title),
    element("td", {}, shareWords(row.learners)),
    lines(steps, gettext("spread over steps")),
    lines(row.asked ? [gettext("they asked")] : why, gettext("not told: too few alike")),
    lines(answerLines(row), gettext("too few said anything")),
  );
}

function answerLines({ answers }: Row): string[] {
  if (!answers) return [];
  const words: [keyof typeof answers, string][] = [
    ["helped", gettext("That helped, or yes")],
    ["fine", gettext("I'm fine, or no")],
    ["not_now", gettext("Not now")],
    ["alone", gettext("Leave me alone")],
  ];
  return words.map(([answer, said]) => `${said}: ${shareWords(answers[answer])}`);
}

function lines(all: string[], none: string): HTMLElement {
  if (all.length === 0) return element("td", { class: "soft" }, none);
  return element(
    "td",
    {},
    element("ul", { class: "cell-lines" }, ...all.map((line) => element("li", {}, line))),
  );
}

function silences({ silent }: ReportHelp): HTMLElement {
  const rows = silent.map(({ words, share }) =>
    element("li", {}, `${words} (${shareWords(share)})`),
  );
  return element(
    "details",
    {},
    element("summary", {}, gettext("Why no hint came, at the end of the lesson")),
    element("ul", {}, ...rows),
  );
}

function noneWords(state: Report["state"]): string {
  return state === "final"
    ? gettext("Nothing can be told here: too few learners, or the figures were taken back.")
    : gettext("Told when the lesson has ended, so that no single hint can be watched coming.");
}
