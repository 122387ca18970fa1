import type { Live, LiveStep, Report } from "../api/schema";
import { buildTable, type Column } from "../charts/table";
import { element, replaceContent } from "../dom";
import { icon } from "../icons";
import { gettext, interpolate } from "../text";
import {
  formatAsked,
  formatAskedSentence,
  formatOnStep,
  formatPlace,
  formatReleasedAt,
  formatSmallGroups,
  formatStuck,
} from "./live-text";

const NONE = "–";

/** Where the class is and which steps are hard for it, while the lesson is open. */
export class LivePanel {
  #shown = "";
  #large: HTMLElement;

  readonly node = element("section", {
    class: "card live-panel",
    "aria-labelledby": "live-title",
    "data-testid": "live",
  });

  constructor(sessionId: string) {
    this.#large = element(
      "a",
      { class: "no-print", href: `/sessions/${sessionId}/live/`, "data-testid": "large-view" },
      gettext("Large view for a second screen"),
    );
    this.node.hidden = true;
  }

  /** Renders again only what has changed, so that screen readers announce it once. */
  show({ live, live_seconds }: Report): void {
    this.node.hidden = live === null;
    const state = JSON.stringify([live, live_seconds]);
    if (live === null || state === this.#shown) return;
    this.#shown = state;
    const hasSteps = live.steps.some(isNoted);
    replaceContent(
      this.node,
      element("h2", { id: "live-title" }, gettext("The class now")),
      element("div", { role: "status" }, ...buildSentences(live)),
      hasSteps && buildStepTable(live.steps),
      hasSteps && element("p", { class: "small soft" }, formatSmallGroups()),
      element("p", { class: "small soft" }, formatReleasedAt(live, live_seconds)),
      element("p", {}, this.#large),
    );
  }
}

/** What the class does now, the most urgent first. */
export function buildSentences(live: Live): HTMLElement[] {
  const stuck = live.steps.filter(({ may_be_stuck }) => may_be_stuck);
  const asked = live.steps.filter(({ asked_for_hint }) => asked_for_hint !== null);
  return [
    ...stuck.map((step) => buildSentence("notice", formatStuck(step), "live-stuck")),
    buildSentence(live.withheld === null ? "play" : "notice", formatPlace(live), "live-place"),
    ...asked.map((step) => buildSentence("ask", formatAskedSentence(step), "live-asked")),
  ];
}

function buildSentence(name: "notice" | "play" | "ask", text: string, testId: string): HTMLElement {
  return element(
    "p",
    { class: `live-sentence ${testId}`, "data-testid": testId },
    icon(name),
    element("span", {}, text),
  );
}

function buildStepTable(steps: LiveStep[]): HTMLElement {
  const columns: Column<LiveStep>[] = [
    { title: gettext("Step"), cell: ({ position, title }) => `${position}. ${title}` },
    { title: gettext("On it now"), cell: ({ on_step }) => formatOnStep(on_step) ?? NONE },
    {
      title: gettext("Asked for a hint"),
      cell: ({ asked_for_hint }) => formatAsked(asked_for_hint) ?? NONE,
    },
    {
      title: gettext("May be stuck"),
      cell: ({ may_be_stuck }) => (may_be_stuck ? gettext("several students") : NONE),
    },
  ];
  return buildTable(gettext("The class now, step by step"), columns, steps);
}

function isNoted({ on_step, asked_for_hint, may_be_stuck }: LiveStep): boolean {
  return on_step !== null || asked_for_hint !== null || may_be_stuck;
}

/** For screen readers, the same in the large view. */
export function formatStepLabel({ position }: LiveStep): string {
  return interpolate(gettext("Step %(n)s"), { n: position });
}
