// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import "./lesson-rules";
import { parseSpans } from "./quiet-minutes";
import "./rule-form";
import type { RulesApi } from "../api/rules";
import type { RuleSpec } from "../api/schema";
import { all, named, spec } from "./test-data";

const mount = (of: RuleSpec = spec) => {
  const api = { create: vi.fn().mockResolvedValue({}) } as unknown as RulesApi;
  const start = { title: "T", template: "stuck", spec: of };
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

it("keeps deleted steps, groups and learners of a rule", () => {
  const gone = { ...spec, steps: [9], learners: ["left"], groups: [7], quiet_steps: [8] };
  const { form } = mount(gone);
  expect(form.spec()).toEqual(gone);
  expect(form.textContent).toContain("(deleted)");
  form.querySelector<HTMLInputElement>("[name=steps-9]")?.click();
  expect(form.spec().steps).toEqual([]);
});

it("parses quiet minutes and rejects invalid ones", async () => {
  const { api, form } = mount({ ...spec, quiet_minutes: [[0, 5]] });
  const create = vi.mocked(api.create);
  const save = (): void => form.querySelector<HTMLElement>("[data-testid=save-rule]")?.click();
  expect(document.querySelector<HTMLInputElement>("[name=quiet_minutes]")?.value).toBe("0-5");
  set("quiet_minutes", "soon");
  save();
  await vi.waitFor(() => expect(form.textContent).toContain("such as 0-5, 20-25."));
  expect(create).not.toHaveBeenCalled();
  set("quiet_minutes", "1–3; 20 to 25");
  save();
  await vi.waitFor(() => expect(create).toHaveBeenCalled());
  const expected = [
    [1, 3],
    [20, 25],
  ];
  expect(create.mock.calls[0]?.[2]).toMatchObject({ quiet_minutes: expected });
});

it.each(["5-5", "9-3", "1-2-3", "-", "a-b", "1.5-2"])("rejects %s", (written) =>
  expect(parseSpans(written)).toBeNull(),
);

describe("LessonRules", () => {
  const rule = {
    ...{ id: 1, number: 2, made_at: "2026-11-22T12:00:00Z", made_by: "", sentence: "s", spec },
    ...{ title: "Mine", template: "", scope: "lesson" as const, editable: true, off: false },
    session_number: 1,
  };
  const rules = { ...all, rules: [rule], learners: named("ada"), in_session: true };
  const asked: string[] = [];
  const click = (name: string): void =>
    document.querySelector<HTMLElement>(`[data-testid=${name}]`)?.click();

  beforeEach(async () => {
    asked.length = 0;
    // jsdom implements neither dialogs nor scrolling.
    Element.prototype.scrollIntoView = () => undefined;
    HTMLDialogElement.prototype.showModal = function () {
      this.open = true;
    };
    HTMLDialogElement.prototype.close = function () {
      this.dispatchEvent(new Event("close"));
    };
    vi.stubGlobal("fetch", (path: string, { method }: { method: string }) => {
      asked.push(`${method} ${path}`);
      const body = method === "GET" ? JSON.stringify(rules) : null;
      return Promise.resolve(new Response(body, { status: body ? 200 : 204 }));
    });
    const page = document.createElement("lesson-rules");
    document.body.append(page);
    await vi.waitFor(() => expect(page.querySelector("[data-testid=rule]")).not.toBeNull());
  });

  afterEach(() => vi.unstubAllGlobals());

  it("keeps an open form and details when a switch changes", async () => {
    click("change-rule");
    set("threshold", "0.7");
    const unfolded = document.querySelector<HTMLDetailsElement>("[data-part=learners]");
    if (unfolded) unfolded.open = true;
    unfolded?.querySelector("input")?.click();
    await vi.waitFor(() =>
      expect(document.querySelector("[data-testid=rules-status]")?.textContent).toContain("Sw"),
    );
    expect(document.querySelector("rule-form")?.spec().threshold).toBe(0.7);
    expect(document.querySelector<HTMLDetailsElement>("[data-part=learners]")?.open).toBe(true);
  });

  it("states that changes apply from the next session on", async () => {
    const text = (name: string): string =>
      document.querySelector(`[data-testid=${name}]`)?.textContent ?? "";
    expect(text("in-session")).toContain("from the next session on");
    expect(text("rule")).toContain("version 1 in this session, version 2 from the next session on");
    document.querySelector("rule-form")?.remove();
    click("change-rule");
    document.querySelector("rule-form")?.dispatchEvent(new Event("saved", { bubbles: true }));
    await vi.waitFor(() => expect(text("rules-status")).toContain("from the next session on"));
  });

  it("confirms deletion of a rule", async () => {
    click("remove-rule");
    click("cancel");
    expect(asked.filter((call) => call.startsWith("DELETE"))).toEqual([]);
    click("remove-rule");
    click("confirm");
    await vi.waitFor(() =>
      expect(asked.filter((call) => call.startsWith("DELETE"))).toHaveLength(1),
    );
  });
});
