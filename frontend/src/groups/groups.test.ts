// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiProblem, request } from "../api/http";
import type { LearnerGroups } from "../api/schema";

vi.mock("../api/http", async (original) => ({
  ...(await original<typeof import("../api/http")>()),
  request: vi.fn(),
}));
await import("./learner-groups");

const people = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ id: `p${at}`, title: `Person ${at}` }));
const answers = vi.mocked(request);
let all: LearnerGroups;
const sent: unknown[][] = [];
const byTestId = (name: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(`[data-testid="${name}"]`);
  if (!found) throw new Error(name);
  return found;
};
const flush = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const mount = async (): Promise<void> => {
  // Parsed from HTML, so that the attribute exists at construction.
  const page = new DOMParser().parseFromString(
    '<learner-groups lesson="7"></learner-groups>',
    "text/html",
  );
  document.body.append(...page.body.children);
  await flush();
};

beforeEach(() => {
  Element.prototype.scrollIntoView = vi.fn(); // not in jsdom
  all = {
    groups: [{ id: 3, title: "Readers", members: ["p1"], rules: ["Easier"], revision: "r1" }],
    learners: people(3),
    in_session: false,
  };
  sent.length = 0;
  answers.mockImplementation((method, path, body) => {
    if (method === "GET") return Promise.resolve(all);
    sent.push([method, path, body]);
    return Promise.resolve(null);
  });
});

afterEach(() => document.body.replaceChildren());

it("lists groups with members and rules", async () => {
  await mount();
  expect(byTestId("group").textContent).toContain("Person 1");
  expect(byTestId("group").textContent).toContain("Rules: Easier");
});

it("states that changes wait for the next session while students are in a lesson", async () => {
  await mount();
  expect(document.querySelector("[data-testid=in-session]")).toBeNull();
  document.body.replaceChildren();
  all.in_session = true;
  await mount();
  expect(byTestId("in-session").textContent).toContain("from the next session on");
});

it("explains an empty list", async () => {
  all.groups = [];
  await mount();
  expect(byTestId("no-groups").textContent).toContain("no groups yet");
});

it("creates a group of the ticked learners", async () => {
  await mount();
  byTestId("make-group").click();
  const name = document.querySelector<HTMLInputElement>("[name=title]");
  if (name) name.value = " Early birds ";
  document.querySelector<HTMLInputElement>('input[value="p2"]')?.click();
  expect(byTestId("chosen").textContent).toBe("1 of 3 chosen.");
  byTestId("save-group").click();
  await flush();
  expect(sent).toEqual([
    ["POST", "/api/v1/lessons/7/groups/", { title: "Early birds", members: ["p2"] }],
  ]);
  expect(document.activeElement?.textContent).toContain("saved");
});

it("edits a group starting from its current values", async () => {
  await mount();
  byTestId("change-group").click();
  byTestId("save-group").click();
  await flush();
  expect(sent).toEqual([
    ["PUT", "/api/v1/lessons/7/groups/3", { title: "Readers", members: ["p1"], revision: "r1" }],
  ]);
});

it("confirms deletion of a group and names the effect on rules", async () => {
  await mount();
  byTestId("remove-group").click();
  expect(sent).toEqual([]);
  expect(document.activeElement?.textContent).toContain("applies to nobody");
  byTestId("remove-group-yes").click();
  await flush();
  expect(sent).toEqual([["DELETE", "/api/v1/lessons/7/groups/3", undefined]]);
});

it("requires a name", async () => {
  await mount();
  byTestId("make-group").click();
  byTestId("save-group").click();
  expect(sent).toEqual([]);
  expect(byTestId("no-name").textContent).toContain("name");
  expect(document.activeElement?.getAttribute("name")).toBe("title");
});

it("shows errors next to the form and keeps the input", async () => {
  await mount();
  byTestId("make-group").click();
  const name = document.querySelector<HTMLInputElement>("[name=title]");
  if (name) name.value = "Readers";
  answers.mockRejectedValueOnce(
    new ApiProblem(400, null, "bad", { title: ["A group with this name already exists."] }),
  );
  byTestId("save-group").click();
  await flush();
  const form = document.querySelector("form");
  expect(form?.querySelector(".note[role=alert]")?.textContent).toContain("already");
});

it("filters people by name and keeps hidden ticks", async () => {
  all.learners = people(12);
  await mount();
  byTestId("make-group").click();
  document.querySelector<HTMLInputElement>('input[value="p2"]')?.click();
  const find = document.querySelector<HTMLInputElement>("[name=find]");
  if (!find) throw new Error("find");
  find.value = "person 11";
  find.dispatchEvent(new Event("input", { bubbles: true }));
  const shown = [...document.querySelectorAll<HTMLElement>("fieldset .tick")].filter(
    (n) => !n.hidden,
  );
  expect(shown.map((node) => node.textContent)).toEqual(["Person 11"]);
  expect(byTestId("chosen").textContent).toBe("1 of 12 chosen.");
});
