import { expect, it } from "vitest";
import { IdleWatch } from "./idle";

it("reports idle once and returned once", () => {
  const watch = new IdleWatch(0, 90_000);
  expect(watch.check(89_999)).toBeNull();
  expect(watch.check(90_000)).toBe("idle");
  expect(watch.check(120_000)).toBeNull();
  expect(watch.active(121_000)).toBe("returned");
  expect(watch.active(122_000)).toBeNull();
});

it("restarts with each activity", () => {
  const watch = new IdleWatch(0, 90_000);
  watch.active(60_000);
  expect(watch.check(140_000)).toBeNull();
  expect(watch.check(150_000)).toBe("idle");
});
