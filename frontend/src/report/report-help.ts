import type { Help, Report, StepRow } from "../api/schema";
import { buildWithheldNote } from "../charts/chart-with-table";
import { getMinGroupSize } from "../charts/withheld-text";
import { element, replaceContent } from "../dom";
import { gettext, interpolate } from "../text";
import { formatShare } from "./steps-table";

type Row = Help["rules"][number];

/** Hints of a class: where, why and how they were answered. */
export class HelpSection {
  readonly node = element("section", { class: "card", "data-testid": "report-help" });

  show({ help, state, steps }: Report): void {
    const titles = new Map(steps.map(({ position, title }) => [position, title]));
    replaceContent(
      this.node,
      element("h2", {}, gettext("Hints and answers")),
      ...(help ? buildSuccess(steps) : []),
      ...(help ? buildHelp(help, titles) : [element("p", { class: "soft" }, formatNoHelp(state))]),
    );
  }
}

/** What came of the hints that students asked for: a sentence for each step that has figures. */
export function listSuccesses(steps: StepRow[]): string[] {
  const text = gettext(
    "Step %(n)s: %(asked)s asked for a hint. Of those who had no right answer yet, %(right)s were right afterwards.",
  );
  return steps
    .filter(
      ({ asked_for_hint, right_after_hint }) =>
        asked_for_hint !== null && typeof right_after_hint === "number",
    )
    .map(({ position, asked_for_hint, right_after_hint }) =>
      interpolate(text, {
        n: position,
        asked: formatShare(asked_for_hint),
        right: formatShare(right_after_hint ?? null),
      }),
    );
}

function buildSuccess(steps: StepRow[]): HTMLElement[] {
  return listSuccesses(steps).map((sentence) =>
    element("p", { class: "figure-summary", "data-testid": "after-hint" }, sentence),
  );
}

export function buildHelp(help: Help, titles: Map<number, string>): (Node | null)[] {
  const note = interpolate(gettext("Fewer than %(least)s students: not shown."), {
    least: getMinGroupSize(),
  });
  return [
    element(
      "p",
      { class: "soft" },
      help.rules.length
        ? gettext(
            "Shares of students who got a hint, among those who could have had it; answers as shares of those who answered. Rules that could reach fewer students are not listed.",
          )
        : gettext("No rule could reach enough students."),
    ),
    ...help.rules.map((row) => buildRule(row, titles)),
    help.silent.length > 0 ? buildSilentReasons(help) : null,
    element("p", { class: "small soft" }, note),
  ];
}

/** A list, since a table would not fit on small screens. */
function buildRule(row: Row, titles: Map<number, string>): HTMLElement {
  return element(
    "div",
    { class: "help-row", "data-testid": "help-row" },
    element("h3", {}, formatRuleTitle(row)),
    row.withheld ? buildWithheldNote(formatRuleWithheld()) : buildRuleFigures(row, titles),
  );
}

function buildRuleFigures(row: Row, titles: Map<number, string>): HTMLElement {
  const steps = row.steps.map((position) => `${position}. ${titles.get(position) ?? ""}`);
  const why = row.why.map(({ words, share }) => `${words}: ${formatShare(share)}`);
  const share = interpolate(gettext("%(share)s of the students"), {
    share: formatShare(row.learners),
  });
  return element(
    "dl",
    {},
    ...buildPair(gettext("Given to"), [share]),
    ...buildPair(gettext("In steps"), steps, gettext("too few students in each step")),
    ...(row.asked
      ? []
      : buildPair(gettext("Reasons"), why, gettext("too few students for each reason"))),
    ...buildPair(gettext("Answers"), formatAnswers(row), gettext("too few answers")),
  );
}

/** A rule that was changed has one row for each version. */
function formatRuleTitle({ asked, title, version }: Row): string {
  if (asked) return gettext("Requested hints");
  if (version === null || version === 1) return title;
  return interpolate(gettext("%(title)s (version %(version)s)"), { title, version });
}

function formatRuleWithheld(): string {
  return gettext(
    "Not shown: signs in the face may lead to hints here, so that figures about hints could tell something about one student's face.",
  );
}

function buildPair(name: string, lines: string[], fallback = ""): HTMLElement[] {
  const all = lines.length ? lines : [fallback];
  const attributes = { class: lines.length ? null : "soft" };
  return [element("dt", {}, name), ...all.map((line) => element("dd", attributes, line))];
}

function formatAnswers({ answers }: Row): string[] {
  if (!answers) return [];
  const words: [string, string][] = [
    ["helped", gettext("That helped, or yes")],
    ["fine", gettext("I'm fine, or no")],
    ["not_now", gettext("Not now")],
    ["alone", gettext("Leave me alone")],
  ];
  return words.map(([answer, label]) => `${label}: ${formatShare(answers[answer] ?? null)}`);
}

function buildSilentReasons({ silent }: Help): HTMLElement {
  const rows = silent.map(({ words, share }) =>
    element("li", {}, `${words} (${formatShare(share)})`),
  );
  return element(
    "details",
    {},
    element("summary", {}, gettext("Why no hint was given, at the end of the lesson")),
    element("ul", {}, ...rows),
  );
}

function formatNoHelp(state: Report["state"]): string {
  return state === "final"
    ? gettext(
        "Not available: too few students, results that were withdrawn, or a report of an earlier version.",
      )
    : gettext("Shown when the lesson is closed, so that no single student can be identified.");
}
