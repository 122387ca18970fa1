// @vitest-environment jsdom
import { describe, expect, it, vi } from "vitest";
import type { Report, Session, StepRow, TimelineRow } from "../api/schema";
import { SessionApi } from "../api/sessions";
import { ReportCharts } from "./report-charts";
import { ReportHead } from "./report-head";

// jsdom has neither; the charts read the second as they are loaded.
vi.hoisted(() => {
  globalThis.ResizeObserver = class {
    observe = (): void => undefined;
    unobserve = (): void => undefined;
    disconnect = (): void => undefined;
  };
  globalThis.matchMedia = () => new EventTarget() as MediaQueryList;
});

const SHARES = { neutral: 0.7, happy: 0.3 };
const bin = (start: number, values: Partial<TimelineRow> = {}): TimelineRow => ({
  ...{ start, coverage: null, engagement: 0.6, change: null, withheld: null },
  expressions: SHARES,
  ...values,
});
const step = (position: number, values: Partial<StepRow> = {}): StepRow => ({
  ...{ position, title: `Part ${position}`, coverage: null, engagement: 0.55, change: null },
  ...{
    withheld: null,
    seconds: 120,
    right_at_first: 0.5,
    asked_for_hint: 0.2,
    idle: 0.2,
    right_after_hint: 0.6,
  },
  self_reports: null,
  ...values,
});
const few = { engagement: null, expressions: null, withheld: "few_present" };
const report = (values: Partial<Report> = {}): Report => ({
  ...{ state: "final", closes_at: null, title: "Fractions", finding: "Even.", withheld: null },
  ...{ level_withheld: null, contributors_at_least: 5, coverage: null, model: null },
  ...{ preset: "transparent", simulated: false, help: null, limits: [] },
  engagement: { mean: 0.6, levels: { high: 0.5, medium: 0.3, low: 0.2 } },
  ...{ expressions: SHARES, timeline_unit: "since_opening", bin_seconds: 120 },
  timeline: [bin(0), bin(120), bin(240, few)],
  steps: [step(1), step(2, { engagement: null, withheld: "few_present" })],
  ...{ kept_until: "", metrics_until: null, live_seconds: 60, live: null, comparison: [] },
  ...values,
});
/** Without figures from the camera, as the server then answers. */
const withheld = (reason: string, values: Partial<Report> = {}): Report =>
  report({
    ...{ withheld: reason, contributors_at_least: null, coverage: null, engagement: null },
    ...{ expressions: null, timeline: [] },
    steps: [step(1, { engagement: null, withheld: reason })],
    ...values,
  });

function show(shown: Report): HTMLElement {
  const charts = new ReportCharts();
  document.body.replaceChildren(charts.node);
  charts.show(shown);
  return charts.node;
}

const note = (node: HTMLElement): HTMLElement =>
  node.querySelector('[data-testid="withheld-note"]') as HTMLElement;
const readTable = (node: HTMLElement, at: number): string[][] =>
  [...(node.querySelectorAll("table")[at]?.rows ?? [])].map((row) =>
    [...row.cells].map((cell) => cell.textContent),
  );

describe("charts of a report", () => {
  it("show minutes since the opening and why a bin is not shown", () => {
    const node = show(report());
    expect(note(node).hidden).toBe(true);
    expect(node.textContent).toContain("every 2 minutes");
    expect(node.textContent).toContain("since each student opened the lesson");
    expect(readTable(node, 1)).toEqual([
      ["Minutes", "Engagement index"],
      ["0 to 2", "60%"],
      ["2 to 4", "60%"],
      ["4 to 6", "too few students were in the lesson"],
    ]);
  });

  it("name no coverage of a bin or step", () => {
    const node = show(report());
    expect(node.textContent).not.toMatch(/[Vv]isible/);
    expect(readTable(node, 0).map((cells) => cells.at(-1))).toEqual([
      "Engagement index",
      "55%",
      "too few students opened this step",
    ]);
  });

  it("show changes only, where levels are withheld", () => {
    const relative = { engagement: null, expressions: null };
    const node = show(
      report({
        ...{ level_withheld: "similar_group", ...relative },
        timeline: [
          bin(0, { ...relative, change: "lower" }),
          bin(120, { ...relative, change: "similar" }),
          bin(240, { ...relative, change: "higher" }),
        ],
        steps: [step(1, { engagement: null, change: "lower" })],
      }),
    );
    expect(note(node).textContent).toContain("Levels were shown to you before");
    expect(readTable(node, 1).map((cells) => cells[1])).toEqual([
      "Compared with the whole lesson",
      ...["lower", "about the same", "higher"],
    ]);
    expect(readTable(node, 0)[1]?.at(-1)).toBe("lower");
    expect(node.querySelectorAll(".withheld")).toHaveLength(3);
  });

  it.each(["too_few_learners", "few_present", "withdrawn", "changed_group", "not_yet"])(
    "say in each place why everything is withheld: %s",
    (reason) => {
      const node = show(withheld(reason));
      expect(note(node).hidden).toBe(false);
      const places = [...node.querySelectorAll(".withheld")].map((place) => place.textContent);
      expect(places).toHaveLength(4);
      expect(new Set(places).size).toBe(1);
    },
  );

  it("of an open lesson show the timeline since its start, and the rest later", () => {
    const node = show(
      report({
        ...{ state: "open", timeline_unit: "since_start", coverage: null, expressions: null },
        engagement: { mean: 0.6, levels: null },
        timeline: [bin(0, { expressions: null })],
        steps: [step(1, { engagement: null, withheld: "not_yet", seconds: null })],
      }),
    );
    expect(note(node).hidden).toBe(true);
    expect(node.textContent).toContain("since the lesson was started");
    const places = [...node.querySelectorAll(".withheld")].map((place) => place.textContent);
    expect(new Set(places)).toEqual(new Set(["Shown when the lesson is closed."]));
    const frames = [...node.querySelectorAll<HTMLElement>("chart-with-table")];
    expect(frames.filter(({ hidden }) => !hidden)).toHaveLength(1);
  });

  it("of an earlier version show totals, and why the rest is missing", () => {
    const node = show(
      report({ timeline: [], steps: [step(1, { engagement: null, withheld: "earlier_version" })] }),
    );
    expect(node.textContent).toContain("70%");
    const places = [...node.querySelectorAll(".withheld")].map((place) => place.textContent);
    expect(new Set(places)).toEqual(new Set(["Not shown: stored by an earlier version."]));
  });
});

describe("head of a report", () => {
  const session = { state: "ended", started_at: "2026-11-22T10:00:00Z", closes_at: null };
  const read = (shown: Report): string[] => {
    const head = new ReportHead(new SessionApi(""), null);
    head.show({ ...session, ended_at: "2026-11-22T11:00:00Z" } as Session, shown);
    return [...head.details.querySelectorAll("dd")].map((fact) => fact.textContent);
  };

  it("gives no exact number of students, and no coverage", () => {
    expect(read(report())).toEqual(["at least 5", "60%"]);
    expect(read(report({ coverage: 0.75 }))).toEqual(["at least 5", "60%"]);
  });

  it("tells missing results from later ones", () => {
    expect(read(withheld("too_few_learners"))).toEqual(Array(2).fill("not shown"));
    expect(read(withheld("not_yet", { state: "open" }))).toEqual(Array(2).fill("not yet"));
  });
});
