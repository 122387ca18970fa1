// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Consent } from "../api/schema";
import type { SessionApi } from "../api/sessions";
import type { CameraStatus } from "../capture/camera-status";
import { setShortcuts } from "../page/browser-settings";
import { selectButtons } from "./camera/camera-status";
import "./consent/consent-form";
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
