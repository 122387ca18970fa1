// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Consent } from "../api/schema";
import type { SessionApi } from "../api/sessions";
import type { CameraStatus } from "../capture/camera-status";
import { setShortcuts } from "../page/browser-settings";
import { selectButtons } from "./camera/camera-status";
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
