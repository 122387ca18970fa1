// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Consent } from "../api/schema";
import type { SessionApi } from "../api/sessions";
import type { CameraStatus } from "../capture/camera-status";
import { setShortcuts } from "../page/browser-settings";
import { selectButtons } from "./camera/camera-status";
import "./consent/consent-form";
import "./hints/hint-panel";
import "./consent/withdraw-consent";

const emitted: [string, unknown][] = [];
const listen = (...names: string[]): void => {
  for (const name of names)
    document.body.addEventListener(name, (event) =>
      emitted.push([name, (event as CustomEvent).detail]),
    );
};
const mount = <K extends keyof HTMLElementTagNameMap>(tag: K, values: object = {}) => {
  const node = Object.assign(document.createElement(tag), values);
  document.body.append(node);
  return node;
};
const byTestId = (name: string): HTMLElement =>
  document.querySelector<HTMLElement>(`[data-testid="${name}"]`) ?? document.createElement("i");
const press = (key: string): boolean =>
  document.body.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
  );

beforeEach(() => {
  document.body = document.createElement("body");
  emitted.length = 0;
  // jsdom does not implement dialogs.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
    this.dispatchEvent(new Event("close"));
  };
});

afterEach(() => {
  document.body.replaceChildren();
  setShortcuts(true);
  vi.useRealTimers();
});

describe("camera status", () => {
  it.each([
    ["on", ["pause", "stop"]],
    ["reconnecting", ["pause", "stop"]],
    ["paused", ["resume", "stop"]],
    ["off", []],
    ["preview", []],
  ] as [CameraStatus, string[]][])("%s offers %s", (sign, offered) => {
    const shown = Object.entries(selectButtons(sign, false)).filter(([, show]) => show);
    expect(shown.map(([name]) => name)).toEqual(offered);
  });

  it("toggles by the key P unless shortcuts are off", () => {
    listen("pause", "resume");
    const sign = mount("camera-status");
    sign.setAttribute("state", "on");
    press("p");
    sign.setAttribute("state", "paused");
    press("P");
    setShortcuts(false);
    press("p");
    expect(emitted.map(([name]) => name)).toEqual(["pause", "resume"]);
    expect(sign.querySelector("kbd")).toBeNull();
  });

  it("keeps the focus when buttons are replaced", () => {
    const sign = mount("camera-status");
    sign.setAttribute("state", "on");
    byTestId("camera-pause").focus();
    sign.setAttribute("state", "paused");
    expect(document.activeElement).toBe(byTestId("camera-resume"));
  });
});

describe("ConsentForm", () => {
  const consent = { text_version: "1", text: {} };
  const tick = (...grants: string[]): void =>
    grants.forEach((grant) => byTestId(`consent-${grant}`).click());

  it("ticks nothing by default", () => {
    mount("consent-form", { consent });
    expect(document.querySelectorAll("input:checked")).toHaveLength(0);
  });

  it("requires both camera permissions and focuses the missing one", () => {
    listen("agree");
    mount("consent-form", { consent });
    tick("capture", "own_view");
    byTestId("consent-agree").click();
    expect(emitted).toEqual([]);
    expect(document.querySelector("[role=alert]")?.textContent).toContain("both");
    expect(document.activeElement).toBe(byTestId("consent-server_processing"));
  });

  it("emits the ticked permissions", () => {
    listen("agree");
    mount("consent-form", { consent, research: true });
    tick("capture", "server_processing", "research");
    byTestId("consent-agree").click();
    const grants = { capture: true, server_processing: true, research: true };
    const rest = { own_view: false, support_view: false };
    const read = { locale: "en", form: "standard", supporters: [] };
    expect(emitted).toEqual([["agree", { grants: { ...grants, ...rest }, read }]]);
  });

  it("lists the controller", () => {
    const responsible = { purpose: "Fatigue", controller: "School of Mines", contact: "" };
    mount("consent-form", { consent: { ...consent, responsible } });
    expect(byTestId("responsible").textContent).toBe(
      "PurposeFatigueWho is responsibleSchool of Mines",
    );
  });

  it("offers research only where the policy permits it", () => {
    mount("consent-form", { consent });
    expect(byTestId("consent-research").tagName).toBe("I");
  });

  it("lists support persons by name, and only if there are any", () => {
    listen("agree");
    mount("consent-form", { consent });
    expect(byTestId("consent-support_view").tagName).toBe("I");
    expect(document.body.textContent).toContain("You have no support person");
    document.body.replaceChildren();
    const supporters = [
      { id: "a", name: "Ada Ott", sees: false },
      { id: "b", name: "Ben Ito", sees: false },
    ];
    mount("consent-form", { consent: { ...consent, supporters } });
    expect(document.body.textContent).toContain("Ada Ott and Ben Ito may see my numbers");
    tick("capture", "server_processing", "support_view");
    byTestId("consent-agree").click();
    expect(emitted[0]?.[1]).toMatchObject({
      grants: { support_view: true },
      read: { supporters: ["a", "b"] },
    });
  });

  it("explains why consent is requested again", () => {
    mount("consent-form", { consent: { ...consent, ask_again: true } });
    expect(byTestId("consent-changed").textContent).toContain("ask you again");
  });
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

describe("WithdrawConsent", () => {
  const info = (erased: boolean): Consent =>
    ({ state: "withdrawn", erased, receipt: erased ? "R-1" : "" }) as Consent;

  it("stops the camera first and shows the receipt", async () => {
    vi.useFakeTimers();
    const asked: string[] = [];
    document.body.addEventListener("withdrawing", () => asked.push("camera stopped"));
    listen("erased");
    const api = {
      withdrawConsent: () => {
        asked.push("withdraw");
        return Promise.resolve(info(false));
      },
      getConsent: () => Promise.resolve(info(asked.push("ask") > 3)),
    };
    mount("withdraw-consent", { api: api as unknown as SessionApi });
    byTestId("withdraw").click();
    expect(asked).toEqual([]);
    byTestId("withdraw-confirm").click();
    await vi.advanceTimersByTimeAsync(3000);
    expect(asked).toEqual(["camera stopped", "withdraw", "ask", "ask"]);
    expect(byTestId("erased-receipt").textContent).toContain("R-1");
    document.querySelector("dialog")?.close();
    expect(emitted).toEqual([["erased", { consent: info(true) }]]);
  });

  it("shows that the deletion is not confirmed", async () => {
    vi.useFakeTimers();
    const api = { withdrawConsent: () => Promise.reject(new Error("away")) };
    mount("withdraw-consent", { api: api as unknown as SessionApi });
    byTestId("withdraw").click();
    byTestId("withdraw-confirm").click();
    await vi.advanceTimersByTimeAsync(10);
    expect(document.querySelector("dialog")?.textContent).toContain("Not finished");
    expect(byTestId("withdraw-again").tagName).toBe("BUTTON");
  });
});
