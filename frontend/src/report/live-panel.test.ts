// @vitest-environment jsdom
import { expect, it } from "vitest";
import type { Live, LiveStep, Report } from "../api/schema";
import { LivePanel } from "./live-panel";

const step = (position: number, values: Partial<LiveStep> = {}): LiveStep => ({
  ...{ position, title: `Part ${position}`, on_step: null, asked_for_hint: null },
  may_be_stuck: false,
  ...values,
});
const live = (values: Partial<Live> = {}): Live => ({
  ...{ released_at: "2026-11-22T12:03:00Z", withheld: null, first_step: 2, last_step: 2 },
  steps: [step(1), step(2), step(3)],
  ...values,
});

function show(shown: Live | null): HTMLElement {
  const panel = new LivePanel("7");
  panel.show({ live: shown, live_seconds: 60 } as Report);
  return panel.node;
}

it.each([
  [{ steps: [step(2, { on_step: "most" })] }, "Most students are on step 2: Part 2."],
  [{}, "The middle of the class is on step 2: Part 2."],
  [{ last_step: 3 }, "The middle of the class is between step 2 and step 3."],
  [{ withheld: "few_present", first_step: null }, "Fewer than 8 students are in the lesson now."],
  [{ withheld: "not_yet", first_step: null }, "Shown shortly after the first students come."],
  [{ withheld: "withdrawn", first_step: null }, "a student's data was deleted"],
])("says where the class is, or why not (%#)", (values, text) => {
  const node = show(live(values));
  expect(node.querySelector('[data-testid="live-place"]')?.textContent).toContain(text);
});

it("puts what needs the teacher first, and the words in a table", () => {
  const steps = [step(1, { asked_for_hint: "several" }), step(2, { may_be_stuck: true })];
  const node = show(live({ steps }));
  const sentences = [...node.querySelectorAll(".live-sentence")].map((one) => one.textContent);
  expect(sentences[0]).toBe("Several students may be stuck on step 2.");
  expect(sentences.at(-1)).toBe("Several students asked for a hint on step 1.");
  const cells = [...node.querySelectorAll("td")].map((cell) => cell.textContent);
  expect(cells).toEqual(["–", "several students", "–", "–", "–", "several students"]);
});

it("has no table where no group is large enough, and is not there when the lesson is closed", () => {
  expect(show(live()).querySelector("table")).toBeNull();
  expect(show(null).hidden).toBe(true);
});

it("leaves an unchanged view alone, so that it is not announced again", () => {
  const panel = new LivePanel("7");
  const report = { live: live(), live_seconds: 60 } as Report;
  panel.show(report);
  const before = panel.node.querySelector(".live-sentence");
  panel.show(structuredClone(report));
  expect(panel.node.querySelector(".live-sentence")).toBe(before);
});
