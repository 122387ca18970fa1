// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "../api/http";
import { Outbox } from "./outbox";
import { getLastStep, saveLastStep } from "./browser-settings";
import { deleteDraft, readDraft, saveDraft } from "./drafts";
import { SIGNED_OUT_EVENT } from "./page-events";
import { dropRepeatedPresses } from "./repeated-presses";
import "./signed-out";

const signIn = (person: string): void => {
  document.documentElement.dataset["person"] = person;
};

beforeEach(() => {
  localStorage.clear();
  document.body.replaceChildren();
  signIn("p1");
});

describe("notes of one person", () => {
  it("are not read by another person", () => {
    saveLastStep("s", 3);
    saveDraft("answer.s.1", "secret");
    new Outbox("s.event").put("x");
    signIn("p2");
    expect(getLastStep("s")).toBe(0);
    expect(readDraft("answer.s.1")).toBeNull();
    expect(new Outbox("s.event").list()).toEqual([]);
    signIn("p1");
    expect(getLastStep("s")).toBe(3);
    expect(readDraft("answer.s.1")?.value).toBe("secret");
    expect(new Outbox<string>("s.event").list().map(({ value }) => value)).toEqual(["x"]);
    deleteDraft("answer.s.1");
    expect(readDraft("answer.s.1")).toBeNull();
  });

  it("are dropped after a week, and where they are damaged", () => {
    const outbox = new Outbox<string>("s.event");
    outbox.put("old");
    localStorage.setItem(`fer.person.p1.s.event.broken`, "{");
    vi.useFakeTimers({ now: Date.now() + 8 * 24 * 3_600_000 });
    expect(outbox.list()).toEqual([]);
    vi.useRealTimers();
    expect(localStorage.length).toBe(0);
  });
});

describe("<signed-out>", () => {
  const report = (reason: string): void => {
    const detail = new ApiProblem(403, reason, "");
    document.dispatchEvent(new CustomEvent(SIGNED_OUT_EVENT, { detail }));
  };

  it.each([
    ["not_authenticated", "You are signed out"],
    ["platform_off", "switched off"],
    ["other_person", "Somebody else"],
  ])("says what happened at %s", (reason, text) => {
    const notice = document.createElement("signed-out");
    document.body.append(notice);
    expect(notice.hidden).toBe(true);
    report(reason);
    expect(notice.hidden).toBe(false);
    expect(notice.textContent).toContain(text);
    expect(notice.querySelector("[role=alert]")).not.toBeNull();
  });
});

it("closes the dialog that would cover it", () => {
  const close = vi.fn();
  HTMLDialogElement.prototype.close = function () {
    this.removeAttribute("open");
    close();
  };
  const [open, closed] = [document.createElement("dialog"), document.createElement("dialog")];
  open.setAttribute("open", "");
  document.body.append(open, closed, document.createElement("signed-out"));
  const detail = new ApiProblem(401, "not_authenticated", "");
  document.dispatchEvent(new CustomEvent(SIGNED_OUT_EVENT, { detail }));
  expect(open.open).toBe(false);
  expect(close).toHaveBeenCalledOnce();
});

describe("repeated presses", () => {
  const click = (target: HTMLElement, detail: number): void => {
    target.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, detail }));
  };

  it("drop the second half of a double click on a button, not on a text", () => {
    dropRepeatedPresses(document);
    const pressed = vi.fn<() => void>();
    const [button, text] = [document.createElement("button"), document.createElement("p")];
    for (const node of [button, text]) {
      node.addEventListener("click", pressed);
      document.body.append(node);
      click(node, 1);
      click(node, 2);
    }
    expect(pressed).toHaveBeenCalledTimes(3);
    click(button, 1); // its text changed between the two presses
    expect(pressed).toHaveBeenCalledTimes(3);
    document.body.dispatchEvent(new Event("input", { bubbles: true }));
    click(button, 1);
    expect(pressed).toHaveBeenCalledTimes(4);
  });
});
