// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { forgetPresses } from "../../api/presses";
import { DEFAULT_PROFILE } from "../../api/profile";
import type { Step } from "../../api/schema";
import { SessionApi } from "../../api/sessions";
import "../../profile/learner-profile";
import { PressQueue } from "../press-queue";
import "./hint-panel";
import { HintController } from "./hint-controller";

const answers: Record<string, [number, object | null]> = {};
const asked: string[] = [];
const byTestId = (name: string): HTMLElement =>
  document.querySelector<HTMLElement>(`[data-testid="${name}"]`) ?? document.createElement("i");
const hint = (hint_id: number, answer = "") => ({
  ...{ hint_id, title: `Hint ${hint_id}`, body: "b", why: "", kind: "hint", step_id: 1 },
  ...{ fired_at: new Date().toISOString(), asked: true, answer },
});
let presses = new PressQueue(new SessionApi("s"));
const createController = (): HintController => {
  const hints = new HintController(new SessionApi("s"), DEFAULT_PROFILE, presses);
  document.body.append(hints.place, hints.settings);
  return hints;
};
const findResume = (root: HTMLElement): HTMLElement | null =>
  root.querySelector<HTMLElement>("[data-testid=hints-again]");

beforeEach(() => {
  document.body = document.createElement("body");
  forgetPresses();
  asked.length = 0;
  localStorage.clear();
  presses = new PressQueue(new SessionApi("s"));
  Object.assign(answers, {
    "GET /api/v1/sessions/s/hints": [200, []],
    "GET /api/v1/me/snooze": [200, { snoozed: false }],
    "DELETE /api/v1/me/snooze": [204, null],
  });
  vi.stubGlobal("fetch", (path: string, { method }: { method: string }) => {
    asked.push(`${method} ${path}`);
    const [status, body] = answers[`${method} ${path}`] ?? [503, null];
    return Promise.resolve(new Response(body && JSON.stringify(body), { status }));
  });
});

afterEach(() => vi.unstubAllGlobals());

describe("requesting a hint", () => {
  const path = "POST /api/v1/sessions/s/hints";

  it("keeps the open card without a connection and succeeds later", async () => {
    const hints = createController();
    hints.show({ type: "hint", dismissable: true, ...hint(1), kind: "hint" });
    void hints.requestHint({ id: 1 } as Step);
    await vi.waitFor(() =>
      expect(byTestId("hint-status").textContent).toContain("as soon as there is a connection"),
    );
    void hints.requestHint({ id: 1 } as Step); // pressed again meanwhile
    expect(presses.waiting).toHaveLength(1);
    expect(hints.place.querySelector("h2")?.textContent).toBe("Hint 1");
    answers[path] = [201, hint(2)];
    presses.sendNow();
    await vi.waitFor(() => expect(hints.place.querySelector("h2")?.textContent).toBe("Hint 2"));
    expect(byTestId("hint-status").textContent).toBe("");
    expect(presses.waiting).toHaveLength(0);
  });

  it("says why there is none", async () => {
    answers[path] = [400, { detail: "no", reason: "invalid" }];
    const hints = createController();
    await hints.requestHint({ id: 1 } as Step);
    expect(byTestId("hint-status").textContent).toContain("Please ask again");
  });
});

describe("paused hints", () => {
  it("can be resumed after a reload", async () => {
    answers["GET /api/v1/me/snooze"] = [200, { snoozed: true }];
    answers["GET /api/v1/sessions/s/hints"] = [200, [hint(1, "leave_me_alone"), hint(2)]];
    const hints = createController();
    await hints.loadHints();
    expect(hints.place.querySelector("h2")?.textContent).toBe("Hint 2");
    expect(findResume(hints.place)).not.toBeNull();
    findResume(hints.settings)?.click();
    await vi.waitFor(() => expect(document.querySelector("[data-testid=hints-again]")).toBeNull());
    expect(asked).toContain("DELETE /api/v1/me/snooze");
    expect(hints.place.querySelector("h2")?.textContent).toBe("Hint 2");
  });

  it("drops an unsent pause when resumed", async () => {
    const hints = createController();
    hints.answer({ hint_id: 1, answer: "leave_me_alone" });
    expect(findResume(hints.place)).not.toBeNull();
    expect(presses.waiting).toHaveLength(1);
    await hints.resume();
    expect(presses.waiting).toHaveLength(0);
  });

  it("keeps the button where resuming fails", async () => {
    answers["DELETE /api/v1/me/snooze"] = [503, null];
    const hints = createController();
    hints.answer({ hint_id: 1, answer: "leave_me_alone" });
    await hints.resume();
    expect(findResume(hints.place)).not.toBeNull();
    expect(byTestId("hint-status").textContent).toContain("try again");
  });

  it("can be resumed in My preferences", async () => {
    answers["GET /api/v1/me/snooze"] = [200, { snoozed: true }];
    answers["GET /api/v1/me/profile"] = [200, DEFAULT_PROFILE];
    answers["GET /api/v1/me/thresholds"] = [200, { thresholds: [] }];
    document.body.append(document.createElement("learner-profile"));
    await vi.waitFor(() => expect(findResume(document.body)).not.toBeNull());
    findResume(document.body)?.click();
    await vi.waitFor(() => expect(findResume(document.body)).toBeNull());
    expect(byTestId("profile-status").textContent).toBe("Saved.");
  });
});

it("emits a changed profile", async () => {
  const muted = { ...DEFAULT_PROFILE, hints_muted: true };
  answers["PATCH /api/v1/me/profile"] = [200, muted];
  createController();
  const emitted = new Promise((done) =>
    document.body.addEventListener("profile-changed", (event) =>
      done((event as CustomEvent).detail),
    ),
  );
  byTestId("mute-hints").click();
  expect(await emitted).toEqual({ profile: muted });
});
