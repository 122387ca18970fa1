// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { getData, putData, type Place } from "./platform-storage";

const PLACE: Place = { target: "_parent", origin: "https://lms.example", key: "k" };

function computeBounds(outside: object | null, parent: object = window): void {
  vi.stubGlobal("opener", outside);
  vi.stubGlobal("parent", parent);
}

/** Fake platform window. */
function platform(value: string): { postMessage: (message: Record<string, unknown>) => void } {
  return {
    postMessage: ({ subject, message_id, key }) => {
      const data = { subject: `${subject as string}.response`, message_id, key, value };
      window.dispatchEvent(new MessageEvent("message", { data, origin: PLACE.origin }));
    },
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the platform's storage", () => {
  it("is not waited for in a tab of its own", async () => {
    computeBounds(null);
    expect(await getData(PLACE)).toBeNull();
    expect(await putData(PLACE, "x")).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is not waited for where there is no frame of that name", async () => {
    computeBounds(null, { frames: {} });
    expect(await getData({ ...PLACE, target: "storage" })).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("answers from a parent, an opener, and a frame beside ours", async () => {
    computeBounds(null, platform("of the parent"));
    expect(await getData(PLACE)).toBe("of the parent");
    computeBounds(platform("of the opener"));
    expect(await getData(PLACE)).toBe("of the opener");
    computeBounds(null, { frames: { storage: platform("beside") } });
    expect(await getData({ ...PLACE, target: "storage" })).toBe("beside");
  });

  it("gives up on a platform that is silent", async () => {
    computeBounds(null, { postMessage: () => undefined });
    const asked = getData(PLACE);
    vi.advanceTimersByTime(3000);
    expect(await asked).toBeNull();
  });
});
