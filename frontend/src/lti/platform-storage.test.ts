// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { getData, type Place, putData } from "./platform-storage";

const PLACE: Place = { target: "_parent", origin: "https://lms.example", key: "k" };

function setWindows(outside: object | null, parent: object = window): void {
  vi.stubGlobal("opener", outside);
  vi.stubGlobal("parent", parent);
}

/** Fake platform window. */
function createPlatform(value: string): {
  postMessage: (message: Record<string, unknown>) => void;
} {
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

describe("platform storage", () => {
  it("is skipped in a tab of its own", async () => {
    setWindows(null);
    expect(await getData(PLACE)).toBeNull();
    expect(await putData(PLACE, "x")).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is skipped without the frame", async () => {
    setWindows(null, { frames: {} });
    expect(await getData({ ...PLACE, target: "storage" })).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("reads from a parent, an opener and a sibling frame", async () => {
    setWindows(null, createPlatform("of the parent"));
    expect(await getData(PLACE)).toBe("of the parent");
    setWindows(createPlatform("of the opener"));
    expect(await getData(PLACE)).toBe("of the opener");
    setWindows(null, { frames: { storage: createPlatform("beside") } });
    expect(await getData({ ...PLACE, target: "storage" })).toBe("beside");
  });

  it("times out", async () => {
    setWindows(null, { postMessage: () => undefined });
    const request = getData(PLACE);
    vi.advanceTimersByTime(3000);
    expect(await request).toBeNull();
  });
});
