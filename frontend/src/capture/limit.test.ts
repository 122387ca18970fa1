import { expect, it, vi } from "vitest";
import { withLimit } from "./limit";

it("rejects in time and discards what comes late", async () => {
  vi.useFakeTimers();
  const discarded: string[] = [];
  let settle: (value: string) => void = () => undefined;
  const slow = withLimit(new Promise<string>((resolve) => (settle = resolve)), 100, (value) =>
    discarded.push(value),
  );
  const outcome = slow.catch((error: unknown) => (error as Error).name);
  await vi.advanceTimersByTimeAsync(100);
  expect(await outcome).toBe("TimeoutError");
  settle("late");
  await vi.advanceTimersByTimeAsync(0);
  expect(discarded).toEqual(["late"]);
  expect(await withLimit(Promise.resolve("soon"), 100)).toBe("soon");
  await expect(withLimit(Promise.reject(new Error("refused")), 100)).rejects.toThrow("refused");
  vi.useRealTimers();
});
