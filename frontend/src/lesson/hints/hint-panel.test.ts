// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import type { HintPanel } from "./hint-panel";
import "./hint-panel";

const emitted: [string, unknown][] = [];
const listen = (...names: string[]): void => {
  for (const name of names)
    document.body.addEventListener(name, (event) =>
      emitted.push([name, (event as CustomEvent).detail]),
    );
};
const mount = (tag: "hint-panel", values: Partial<HintPanel> = {}): HintPanel => {
  const node = Object.assign(document.createElement(tag), values);
  document.body.append(node);
  return node;
};
const byTestId = (name: string): HTMLElement =>
  document.querySelector<HTMLElement>(`[data-testid="${name}"]`) ?? document.createElement("i");

beforeEach(() => {
  document.body = document.createElement("body");
  emitted.length = 0;
});

describe("HintPanel", () => {
  const hint = (hint_id: number) => ({
    ...{ type: "hint" as const, hint_id, title: `Hint ${hint_id}`, body: "b", why: "w" },
    dismissable: true,
  });

  it("shows one hint at a time and emits the answer", () => {
    listen("hint-answer");
    const place = mount("hint-panel");
    place.show(hint(1));
    place.show(hint(1));
    place.show(hint(2));
    expect(place.querySelectorAll("h2")).toHaveLength(1);
    place.querySelector("button")?.click();
    expect(emitted).toEqual([["hint-answer", { hint_id: 1, answer: "helped" }]]);
    expect(place.querySelector("h2")?.textContent).toBe("Hint 2");
  });

  it("asks once whether the moment was right, without closing the hint", () => {
    listen("hint-timing");
    const place = mount("hint-panel");
    place.show(hint(1));
    byTestId("timing-too_early").click();
    expect(emitted).toEqual([["hint-timing", { hint_id: 1, timing: "too_early" }]]);
    expect(place.querySelector("h2")?.textContent).toBe("Hint 1");
    expect(place.querySelector("[data-testid^=timing]")).toBeNull();
  });

  it("does not ask about the moment of a requested hint", () => {
    const place = mount("hint-panel");
    place.showRequested({ ...hint(1), asked: true });
    expect(place.querySelector("[data-testid^=timing]")).toBeNull();
  });

  it("shows a requested hint and keeps the other as a button", () => {
    listen("hint-answer");
    const place = mount("hint-panel");
    place.show(hint(1));
    place.showRequested(hint(2));
    expect(place.querySelector("h2")?.textContent).toBe("Hint 2");
    expect(document.activeElement?.id).toBe("hint");
    byTestId("hint-helped").click();
    expect(emitted).toEqual([["hint-answer", { hint_id: 2, answer: "helped" }]]);
    expect(place.querySelector("h2")).toBeNull();
    byTestId("other-hints").querySelector("button")?.click();
    expect(place.querySelector("h2")?.textContent).toBe("Hint 1");
  });

  it("prefers hints for the current step unless the shown one has focus", () => {
    const place = mount("hint-panel");
    place.setStep(1);
    place.show({ ...hint(1), step_id: 1 });
    place.setStep(2);
    place.show({ ...hint(2), step_id: 2 });
    expect(place.querySelector("h2")?.textContent).toBe("Hint 2");
    byTestId("hint-helped").focus();
    place.setStep(3);
    place.show({ ...hint(3), step_id: 3 });
    expect(place.querySelector("h2")?.textContent).toBe("Hint 2");
    byTestId("hint-helped").blur();
    place.setStep(3);
    expect(place.querySelector("h2")?.textContent).toBe("Hint 3");
  });

  it("shows hints about the content only in their own step", () => {
    listen("hint-shown");
    const place = mount("hint-panel");
    place.setStep(1);
    place.show({ ...hint(1), step_id: 1 });
    place.show({ ...hint(2), step_id: 1 });
    byTestId("other-hints").querySelector("button")?.click();
    expect(place.querySelector("h2")?.textContent).toBe("Hint 2");
    (document.activeElement as HTMLElement).blur();
    place.setStep(2);
    expect(place.querySelector("h2, [data-testid=other-hints] button")).toBeNull();
    expect(emitted.at(-1)).toEqual(["hint-shown", { isShown: false }]);
    place.setStep(1);
    expect(byTestId("other-hints").querySelectorAll("button")).toHaveLength(2);
  });

  it("does not show a hint of another step, as after a reload, until that step is opened", () => {
    listen("hint-shown");
    const place = mount("hint-panel");
    place.setStep(2);
    place.show({ ...hint(1), step_id: 1 });
    expect(place.querySelector("h2, [data-testid=other-hints] button")).toBeNull();
    expect(byTestId("hint-announcement").textContent).toBe("");
    expect(emitted).toEqual([]);
    place.setStep(1);
    expect(place.querySelector("h2")?.textContent).toBe("Hint 1");
    place.setStep(2);
    expect(place.querySelector("h2, [data-testid=other-hints] button")).toBeNull();
  });

  it("says so where the same hint is requested again", () => {
    const place = mount("hint-panel");
    place.setStep(1);
    place.showRequested({ ...hint(1), step_id: 1 });
    place.showRequested({ ...hint(2), step_id: 1, title: "Hint 1" });
    expect(byTestId("hint-status").textContent).toContain("no further hint");
  });

  it("marks the language of the lesson's words", () => {
    const place = mount("hint-panel", { language: "ar" });
    place.show(hint(1));
    const text = place.querySelector(".as-written");
    expect([text?.getAttribute("lang"), text?.getAttribute("dir")]).toEqual(["ar", "rtl"]);
  });

  it("keeps a question when its step is left", () => {
    const place = mount("hint-panel");
    place.setStep(1);
    place.show({ ...hint(1), step_id: 1, kind: "tell_teacher" });
    place.setStep(2);
    expect(place.querySelector("h2")?.textContent).toBe("Hint 1");
  });

  it("lists a hint that is sent again only once", () => {
    const place = mount("hint-panel");
    place.setStep(1);
    const again = { ...hint(1), step_id: 1 };
    place.showRequested(again);
    place.showRequested({ ...again, hint_id: 2 });
    expect(byTestId("other-hints").querySelectorAll("button")).toHaveLength(0);
  });

  it("shows errors in an existing live region", () => {
    const place = mount("hint-panel");
    place.show(hint(1));
    const region = byTestId("hint-status");
    expect(region.getAttribute("role")).toBe("status");
    place.say("Please ask again.");
    expect(byTestId("hint-status")).toBe(region);
    expect(region.textContent).toBe("Please ask again.");
    expect(place.querySelector("h2")?.textContent).toBe("Hint 1");
    place.show(hint(2));
    byTestId("hint-helped").click();
    expect(place.querySelector("h2")?.textContent).toBe("Hint 2");
  });

  it("drops waiting hints when hints are paused", () => {
    const place = mount("hint-panel");
    place.show(hint(1));
    place.show(hint(2));
    byTestId("hint-leave_me_alone").click();
    expect(place.querySelector("h2, [data-testid=other-hints] button")).toBeNull();
  });

  it("escapes markup", () => {
    const place = mount("hint-panel");
    place.show({ ...hint(1), body: "<img src=x>" });
    expect(place.querySelector("img")).toBeNull();
  });
});
