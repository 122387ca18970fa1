// @vitest-environment jsdom
import { afterEach, expect, it, vi } from "vitest";
import "./rule-form";
import { buildPreviewResult, formatFinding } from "./rule-preview";
import type { RulesApi } from "../api/rules";
import type { RulePreview } from "../api/schema";
import { formatHeldWindows, formatThreshold } from "./slider-text";
import { all, spec } from "./test-data";

const mount = () => {
  const api = { create: vi.fn().mockResolvedValue({}) } as unknown as RulesApi;
  const start = { title: "T", template: "stuck", spec };
  const form = Object.assign(document.createElement("rule-form"), { api, all, start });
  document.body.append(form);
  return { api, form };
};
const set = (name: string, value: string): void => {
  const field = document.querySelector<HTMLInputElement>(`[name="${name}"]`);
  if (!field) throw new Error(name);
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
};

afterEach(() => document.body.replaceChildren());

it("returns the same spec without changes", () => {
  expect(mount().form.spec()).toEqual(spec);
});

it("shows the rule as a sentence", () => {
  mount();
  set("held_windows", "6");
  const sentence = document.querySelector('[data-testid="rule-sentence"]')?.textContent;
  expect(sentence).toContain("<frustration>");
  expect(sentence).toContain("60 seconds");
});

it("limits its sliders to the limits of rules", () => {
  mount();
  const wait = document.querySelector<HTMLInputElement>("[name=cooldown_seconds]");
  expect([wait?.min, wait?.max]).toEqual(["300", "3600"]);
});

it("applies self-reports immediately", () => {
  const { form } = mount();
  set("evidence", "said_hard");
  const expected = { held_windows: 0, needs_other_source: false, over_windows: 1, of_windows: 1 };
  expect(form.spec()).toMatchObject(expected);
});

it("keeps release below threshold", () => {
  const { form } = mount();
  set("threshold", "0.2");
  expect(form.spec()).toMatchObject({ threshold: 0.2, release: 0.05 });
});

it.each([
  [0, "immediately"],
  [5, "50 seconds"],
  [12, "2 minutes"],
])("formats %s windows as %s", (windows, words) => expect(formatHeldWindows(windows)).toBe(words));

it("formats thresholds", () => {
  expect(formatThreshold(0.3)).not.toBe(formatThreshold(0.9));
});

const preview: RulePreview = {
  source: "simulated",
  withheld: null,
  sentence: "s",
  notes: ["Tried for everybody."],
  learners: 12,
  minutes: 10,
  fired: 2,
  spoken_to: null,
  group: 0,
  places: [
    {
      minute: 3,
      step_id: 2,
      times: 2,
      spoken_to: null,
      why: ["Two answers.", "Two answers."],
    },
  ],
  silent: [
    { reason: "calm", words: "Calm.", share: 0.9 },
    { reason: "quiet", words: "Quiet.", share: 0.001 },
  ],
  episodes: [{ learner: 1, from_minute: 2, until_minute: 4, kind: "hard_time" }],
};
const shown = (of: RulePreview): HTMLElement => {
  const box = document.createElement("div");
  box.append(...buildPreviewResult(of, all.steps).filter((node) => node !== null));
  return box;
};

it("shows a simulated preview as drawing, table and reasons", () => {
  const box = shown(preview);
  expect(formatFinding(preview)).toContain("2 hints");
  expect(box.querySelectorAll("circle")).toHaveLength(1);
  expect(box.querySelector("tbody")?.textContent).toBe("4<2>2Two answers.");
  expect(box.textContent).toContain("Calm.");
  expect(box.textContent).toContain("Tried for everybody.");
  expect(box.textContent).not.toContain("Quiet.");
});

it("shows nothing where withheld", () => {
  for (const withheld of ["too_few_learners", "still_open", "changed_since"])
    expect(shown({ ...preview, withheld }).querySelector("svg, table")).toBeNull();
});

it("shows a recorded preview as aggregates only", () => {
  const people: RulePreview = {
    ...preview,
    source: "session",
    fired: null,
    spoken_to: "many",
    group: 5,
    places: [{ minute: null, step_id: 2, times: null, spoken_to: "some", why: ["wrong", "idle"] }],
    silent: [],
  };
  const box = shown(people);
  expect(formatFinding(people)).toContain("most of the students");
  expect(box.querySelector("svg")).toBeNull();
  expect(box.querySelector("tbody")?.textContent).toBe("<2>some of the studentswrong; idle");
  expect(box.querySelector("details")).toBeNull();
  expect(formatFinding({ ...people, spoken_to: "few" })).toContain("few students or nobody");
});
