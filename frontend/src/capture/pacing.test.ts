import { describe, expect, it } from "vitest";
import { FramePacer, MAX_BUFFERED_BYTES } from "./pacing";

const ready = 0;

describe("FramePacer", () => {
  it("keeps the minimum interval", () => {
    const pacer = new FramePacer(5);
    const taken: number[] = [];
    for (let now = 1000; now < 11_000; now += 33) {
      if (pacer.take(now, ready)) taken.push(now);
      pacer.done();
    }
    const gaps = taken.slice(1).map((at, i) => at - (taken[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(200);
    expect(taken.length).toBeGreaterThan(40);
  });

  it("keeps one frame in flight and counts drops", () => {
    const pacer = new FramePacer(2);
    expect(pacer.take(1000, ready)).toBe(true);
    expect(pacer.take(1600, ready)).toBe(false);
    pacer.done();
    expect(pacer.take(2200, ready)).toBe(true);
    expect(pacer.collectDrops()).toEqual({ busy: 1, hidden: 0 });
    expect(pacer.collectDrops()).toEqual({ busy: 0, hidden: 0 });
  });

  it("waits for the socket's buffer", () => {
    const pacer = new FramePacer(2);
    expect(pacer.take(1000, MAX_BUFFERED_BYTES + 1)).toBe(false);
    expect(pacer.collectDrops().busy).toBe(1);
  });

  it("counts frames dropped while hidden", () => {
    const pacer = new FramePacer(2);
    pacer.addHidden(2100);
    expect(pacer.collectDrops()).toEqual({ busy: 0, hidden: 4 });
  });

  it("follows the server's target rate", () => {
    const pacer = new FramePacer(5);
    pacer.setTarget(1);
    pacer.take(1000, ready);
    pacer.done();
    expect(pacer.take(1900, ready)).toBe(false);
    expect(pacer.take(2000, ready)).toBe(true);
  });
});
