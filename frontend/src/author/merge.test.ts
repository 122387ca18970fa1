// @vitest-environment jsdom
import { afterEach, expect, it, vi } from "vitest";
import { ApiProblem } from "../api/http";
import { buildMergePanel, compareVersions, findStoredVersion, type MergeField } from "./merge";

interface Note {
  title: string;
  body: string;
  tags: string[];
  extra?: { a?: number; b?: number } | null;
}
const fields: MergeField<Note>[] = [
  { names: ["title"], label: "Title", format: (note) => note.title },
  { names: ["body"], label: "Text", format: (note) => note.body },
  { names: ["tags", "extra"], label: "Tags", format: (note) => note.tags.join(", ") },
];
const base: Note = { title: "T", body: "B", tags: ["1", "2"] };

afterEach(() => document.body.replaceChildren());

const open = (mine: Note, theirs: Note) => {
  const save = vi.fn();
  const panel = buildMergePanel({ base, readMine: () => mine, theirs, fields, save });
  document.body.append(panel);
  const pick = (part: string, value: string): void =>
    panel.querySelector<HTMLElement>(`[data-part=${part}] [value=${value}]`)?.click();
  const press = (): unknown => {
    panel.querySelector<HTMLElement>("[data-testid=save-merge]")?.click();
    return save.mock.lastCall?.[0];
  };
  return { panel, pick, press };
};

it.each<[string, Partial<Note>, Partial<Note>, Record<string, boolean>]>([
  ["nothing", {}, {}, {}],
  ["mine only", { title: "mine" }, {}, { Title: false }],
  ["theirs only", {}, { title: "theirs" }, { Title: true }],
  ["the same change", { title: "new" }, { title: "new" }, {}],
  ["one part both", { title: "mine" }, { title: "theirs" }, { Title: false }],
  ["different parts", { title: "mine" }, { body: "theirs" }, { Title: false, Text: true }],
  ["the order of a set", { tags: ["2", "1"] }, {}, {}],
  ["absent and null", { extra: null }, {}, {}],
  ["the order of names", { extra: { a: 1, b: 2 } }, { extra: { b: 2, a: 1 } }, {}],
  ["a part of two values", { extra: { a: 1 } }, { tags: [] }, { Tags: false }],
])("compares %s", (_, mine, theirs, expected) => {
  const stored = { ...base, ...theirs };
  const rows = compareVersions({ ...base, ...mine }, { base, theirs: stored, fields });
  expect(Object.fromEntries(rows.map(({ field, isTheirs }) => [field.label, isTheirs]))).toEqual(
    expected,
  );
});

it("shows both versions and saves changes of different parts together", () => {
  const { panel, press } = open({ ...base, title: "mine" }, { ...base, body: "theirs" });
  for (const text of ["mine", "theirs", "T", "B"]) expect(panel.textContent).toContain(text);
  expect(press()).toEqual({ ...base, title: "mine", body: "theirs" });
});

it.each(["mine", "theirs"])("takes %s of a part that both changed", (choice) => {
  const { pick, press } = open({ ...base, title: "mine" }, { ...base, title: "theirs" });
  pick("title", choice);
  expect(press()).toMatchObject({ title: choice });
});

it("saves what is typed while the choice is open", () => {
  const mine = { ...base, title: "mine" };
  const { pick, press } = open(mine, { ...base, title: "theirs", tags: ["3"] });
  Object.assign(mine, { title: "typed later", body: "typed later", tags: ["typed"] });
  expect(press()).toEqual({ title: "typed later", body: "typed later", tags: ["3"] });
  pick("title", "theirs");
  expect(press()).toEqual({ title: "theirs", body: "typed later", tags: ["3"] });
});

it("keeps of the stored version what no form shows", () => {
  const stored = { ...base, title: "theirs", revision: 7 };
  const { press } = open({ ...base, title: "mine" }, stored);
  expect(press()).toMatchObject({ title: "mine", revision: 7 });
});

it("shows text of others as text", () => {
  const { panel } = open(base, { ...base, body: "<img src=x>" });
  expect(panel.querySelector("img")).toBeNull();
});

it("finds a stored version in conflicts only", () => {
  const stored = { title: "theirs" };
  expect(findStoredVersion(new ApiProblem(409, "conflict", "", null, stored))).toBe(stored);
  expect(findStoredVersion(new ApiProblem(409, "conflict", ""))).toBeNull();
  expect(findStoredVersion(new ApiProblem(400, "invalid", "", null, stored))).toBeNull();
  expect(findStoredVersion(new Error("network"))).toBeNull();
});
