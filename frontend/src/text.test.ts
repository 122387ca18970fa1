import { afterEach, expect, it, vi } from "vitest";
import { gettext, interpolate, ngettext } from "./text";

afterEach(() => vi.unstubAllGlobals());

it("without a catalogue the English text stands", () => {
  expect(gettext("Camera on")).toBe("Camera on");
  expect([ngettext("one step", "steps", 1), ngettext("one step", "steps", 2)]).toEqual([
    "one step",
    "steps",
  ]);
});

it("Django's catalogue translates where it is loaded", () => {
  const django = { gettext: (text: string) => `de:${text}`, ngettext: () => "de:viele" };
  vi.stubGlobal("django", django);
  expect(gettext("Camera on")).toBe("de:Camera on");
  expect(ngettext("one", "many", 2)).toBe("de:viele");
});

it("puts values into their places and leaves unknown ones as they are", () => {
  expect(interpolate("%(a)s of %(b)s, %(a)s, %(c)s", { a: 1, b: "x" })).toBe("1 of x, 1, %(c)s");
});
