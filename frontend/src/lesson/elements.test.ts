// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Consent } from "../api/schema";
import type { SessionApi } from "../api/sessions";
import type { CameraStatus } from "../capture/camera-status";
import { setShortcuts } from "../page/browser-settings";
import { selectButtons } from "./camera-status";
import "./consent-form";
import "./hint-panel";
import "./withdraw-consent";

const heard: [string, unknown][] = [];
const listen = (...names: string[]): void => {
  for (const name of names)
    document.body.addEventListener(name, (event) =>
      heard.push([name, (event as CustomEvent).detail]),
    );
};
const put = <K extends keyof HTMLElementTagNameMap>(tag: K, values: object = {}) => {
  const node = Object.assign(document.createElement(tag), values);
  document.body.append(node);
  return node;
};
const hook = (name: string): HTMLElement =>
  document.querySelector<HTMLElement>(`[data-testid="${name}"]`) ?? document.createElement("i");
const press = (key: string): boolean =>
  document.body.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
  );

beforeEach(() => {
  document.body = document.createElement("body");
  heard.length = 0;
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

describe("the camera sign", () => {
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

  it("pauses and goes on by the key P, unless keys are switched off", () => {
    listen("pause", "resume");
    const sign = put("camera-status");
    sign.setAttribute("state", "on");
    press("p");
    sign.setAttribute("state", "paused");
    press("P");
    setShortcuts(false);
    press("p");
    expect(heard.map(([name]) => name)).toEqual(["pause", "resume"]);
    expect(sign.querySelector("kbd")).toBeNull();
  });

  it("keeps the focus when pause turns into go on", () => {
    const sign = put("camera-status");
    sign.setAttribute("state", "on");
    hook("camera-pause").focus();
    sign.setAttribute("state", "paused");
    expect(document.activeElement).toBe(hook("camera-resume"));
  });
});

describe("the consent form", () => {
  const consent = { text_version: "1", text: {} };
  const tick = (...grants: string[]): void =>
    grants.forEach((grant) => hook(`consent-${grant}`).click());

  it("ticks nothing beforehand", () => {
    put("consent-form", { consent });
    expect(document.querySelectorAll("input:checked")).toHaveLength(0);
  });

  it("asks for both boxes that the camera needs, and takes the focus there", () => {
    listen("agree");
    put("consent-form", { consent });
    tick("capture", "own_view");
    hook("consent-agree").click();
    expect(heard).toEqual([]);
    expect(document.querySelector("[role=alert]")?.textContent).toContain("both");
    expect(document.activeElement).toBe(hook("consent-server_processing"));
  });

  it("tells exactly what was ticked", () => {
    listen("agree");
    put("consent-form", { consent, research: true });
    tick("capture", "server_processing", "research");
    hook("consent-agree").click();
    const grants = { capture: true, server_processing: true, research: true };
    const rest = { own_view: false, support_view: false };
    const read = { locale: "en", form: "standard", supporters: [] };
    expect(heard).toEqual([["agree", { grants: { ...grants, ...rest }, read }]]);
  });

  it("says who answers for it, as far as that is stated", () => {
    const responsible = { purpose: "Fatigue", controller: "School of Mines", contact: "" };
    put("consent-form", { consent: { ...consent, responsible } });
    expect(hook("responsible").textContent).toBe("PurposeFatigueWho is responsibleSchool of Mines");
  });

  it("asks for research only where the policy permits it", () => {
    put("consent-form", { consent });
    expect(hook("consent-research").tagName).toBe("I");
  });

  it("asks about support persons by name, and only where somebody is named", () => {
    listen("agree");
    put("consent-form", { consent });
    expect(hook("consent-support_view").tagName).toBe("I");
    expect(document.body.textContent).toContain("You have no support person");
    document.body.replaceChildren();
    const supporters = [
      { id: "a", name: "Ada Ott", sees: false },
      { id: "b", name: "Ben Ito", sees: false },
    ];
    put("consent-form", { consent: { ...consent, supporters } });
    expect(document.body.textContent).toContain("Ada Ott and Ben Ito may see my numbers");
    tick("capture", "server_processing", "support_view");
    hook("consent-agree").click();
    expect(heard[0]?.[1]).toMatchObject({
      grants: { support_view: true },
      read: { supporters: ["a", "b"] },
    });
  });

  it("says so where an earlier yes no longer counts", () => {
    put("consent-form", { consent: { ...consent, ask_again: true } });
    expect(hook("consent-changed").textContent).toContain("ask you again");
  });
});

describe("the hint place", () => {
  const hint = (hint_id: number) => ({
    ...{ type: "hint" as const, hint_id, title: `Hint ${hint_id}`, body: "b", why: "w" },
    dismissable: true,
  });

  it("shows one hint at a time, each once, and tells the answer", () => {
    listen("hint-answer");
    const place = put("hint-panel");
    place.show(hint(1));
    place.show(hint(1));
    place.show(hint(2));
    expect(place.querySelectorAll("h2")).toHaveLength(1);
    place.querySelector("button")?.click();
    expect(heard).toEqual([["hint-answer", { hint_id: 1, answer: "helped" }]]);
    expect(place.querySelector("h2")?.textContent).toBe("Hint 2");
  });

  it("shows what was asked for at once, and keeps what stood there one button away", () => {
    listen("hint-answer");
    const place = put("hint-panel");
    place.show(hint(1));
    place.showRequested(hint(2));
    expect(place.querySelector("h2")?.textContent).toBe("Hint 2");
    expect(document.activeElement?.id).toBe("hint");
    hook("hint-helped").click();
    expect(heard).toEqual([["hint-answer", { hint_id: 2, answer: "helped" }]]);
    expect(place.querySelector("h2")).toBeNull();
    hook("other-hints").querySelector("button")?.click();
    expect(place.querySelector("h2")?.textContent).toBe("Hint 1");
  });

  it("puts a hint for the step in front before one for the last step, but for who is in that", () => {
    const place = put("hint-panel");
    place.setStep(1);
    place.show({ ...hint(1), step_id: 1 });
    place.setStep(2);
    expect(place.querySelector("h2")?.textContent).toBe("Hint 1");
    place.show({ ...hint(2), step_id: 2 });
    expect(place.querySelector("h2")?.textContent).toBe("Hint 2");
    hook("hint-helped").focus();
    place.setStep(3);
    place.show({ ...hint(3), step_id: 3 });
    expect(place.querySelector("h2")?.textContent).toBe("Hint 2");
    hook("hint-helped").blur();
    place.setStep(3);
    expect(place.querySelector("h2")?.textContent).toBe("Hint 3");
    expect(hook("other-hints").querySelectorAll("button")).toHaveLength(2);
  });

  it("says that asking failed beside the card, in a region that was there before", () => {
    const place = put("hint-panel");
    place.show(hint(1));
    const region = hook("hint-status");
    expect(region.getAttribute("role")).toBe("status");
    place.say("Please ask again.");
    expect(hook("hint-status")).toBe(region);
    expect(region.textContent).toBe("Please ask again.");
    expect(place.querySelector("h2")?.textContent).toBe("Hint 1");
    place.show(hint(2));
    hook("hint-helped").click();
    expect(place.querySelector("h2")?.textContent).toBe("Hint 2");
  });

  it("drops what waits when somebody wants to be left alone", () => {
    const place = put("hint-panel");
    place.show(hint(1));
    place.show(hint(2));
    hook("hint-leave_me_alone").click();
    expect(place.querySelector("h2, [data-testid=other-hints] button")).toBeNull();
  });

  it("shows what a person wrote as text", () => {
    const place = put("hint-panel");
    place.show({ ...hint(1), body: "<img src=x>" });
    expect(place.querySelector("img")).toBeNull();
  });
});

describe("taking consent back", () => {
  const info = (erased: boolean): Consent =>
    ({ state: "withdrawn", erased, receipt: erased ? "R-1" : "" }) as Consent;

  it("stops the camera before asking, and shows the receipt once all is erased", async () => {
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
    put("withdraw-consent", { api: api as unknown as SessionApi });
    hook("withdraw").click();
    expect(asked).toEqual([]);
    hook("withdraw-confirm").click();
    await vi.advanceTimersByTimeAsync(3000);
    expect(asked).toEqual(["camera stopped", "withdraw", "ask", "ask"]);
    expect(hook("erased-receipt").textContent).toContain("R-1");
    document.querySelector("dialog")?.close();
    expect(heard).toEqual([["erased", { consent: info(true) }]]);
  });

  it("says that it is not finished where no answer comes", async () => {
    vi.useFakeTimers();
    const api = { withdrawConsent: () => Promise.reject(new Error("away")) };
    put("withdraw-consent", { api: api as unknown as SessionApi });
    hook("withdraw").click();
    hook("withdraw-confirm").click();
    await vi.advanceTimersByTimeAsync(10);
    expect(document.querySelector("dialog")?.textContent).toContain("Not finished");
    expect(hook("withdraw-again").tagName).toBe("BUTTON");
  });
});
