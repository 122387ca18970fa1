import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiProblem } from "../api/http";
import type { EventRequest } from "../api/schema";
import { EventQueue } from "./event-queue";

const event = (step: number): EventRequest => ({ kind: "step_opened", step_id: step, value: null });
/** The event as sent: with key and age. */
const sentEvent = (step: number): EventRequest => ({
  ...event(step),
  key: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
  ago_ms: expect.any(Number) as number,
});
const send = vi.fn<(events: EventRequest[], keepalive?: boolean) => Promise<unknown>>();

let count = 0;

beforeEach(() => {
  count += 1;
  vi.useFakeTimers();
  send.mockReset().mockResolvedValue(null);
});

afterEach(() => vi.useRealTimers());

it("batches events", async () => {
  const queue = new EventQueue(send, `session-${count}`);
  queue.push(event(1));
  queue.push(event(2));
  await vi.advanceTimersByTimeAsync(1000);
  expect(send.mock.calls).toEqual([[[sentEvent(1), sentEvent(2)]]]);
  expect(queue.waiting).toBe(0);
});

it("keeps the order while offline", async () => {
  send.mockRejectedValueOnce(new ApiProblem(0, null, ""));
  const queue = new EventQueue(send, `session-${count}`);
  queue.push(event(1));
  await vi.advanceTimersByTimeAsync(1000);
  queue.push(event(2));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(send.mock.calls.at(-1)).toEqual([[sentEvent(1), sentEvent(2)]]);
  expect(queue.waiting).toBe(0);
});

it("keeps events pushed while sending", async () => {
  let arrived: (value: unknown) => void = () => undefined;
  send.mockReturnValueOnce(new Promise((resolve) => (arrived = resolve)));
  const queue = new EventQueue(send, `session-${count}`);
  queue.push(event(1));
  await vi.advanceTimersByTimeAsync(1000);
  queue.push(event(2));
  await vi.advanceTimersByTimeAsync(1000);
  arrived(null);
  await vi.advanceTimersByTimeAsync(1000);
  expect(send.mock.calls.map(([events]) => events)).toEqual([[sentEvent(1)], [sentEvent(2)]]);
});

it("does not retry permanent refusals", async () => {
  send.mockRejectedValue(new ApiProblem(400, "invalid", ""));
  const queue = new EventQueue(send, `session-${count}`);
  queue.push(event(1));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(send).toHaveBeenCalledTimes(1);
});

it("loses no event beside an invalid one", async () => {
  const stored: number[] = [];
  send.mockImplementation((events) => {
    const steps = events.map(({ step_id }) => step_id ?? 0);
    if (steps.includes(3)) return Promise.reject(new ApiProblem(400, "invalid", ""));
    stored.push(...steps);
    return Promise.resolve(null);
  });
  const queue = new EventQueue(send, `session-${count}`);
  for (const step of [1, 2, 3, 4, 5]) queue.push(event(step));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(stored).toEqual([1, 2, 4, 5]);
  expect(queue.waiting).toBe(0);
});

it.each([-60_000, 0, 3 * 24 * 3_600_000])("sends an age in bounds after %i ms", async (ageMs) => {
  send.mockRejectedValueOnce(new ApiProblem(0, null, ""));
  const queue = new EventQueue(send, `session-${count}`);
  queue.push(event(1));
  await vi.advanceTimersByTimeAsync(1000);
  vi.setSystemTime(Date.now() + ageMs);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(queue.waiting).toBe(0);
  const age = send.mock.calls.at(-1)?.[0][0]?.ago_ms;
  expect(age).toBeGreaterThanOrEqual(0);
  expect(age).toBeLessThanOrEqual(86_400_000); // the server's limit (EventSerializer)
});

it("sends the age and keeps the key on retries", async () => {
  send.mockRejectedValueOnce(new ApiProblem(0, null, ""));
  const queue = new EventQueue(send, `session-${count}`);
  queue.push(event(1));
  await vi.advanceTimersByTimeAsync(10_000);
  const [first, again] = send.mock.calls.map(([events]) => events[0]);
  expect(again?.key).toBe(first?.key);
  expect(again?.ago_ms).toBeGreaterThan(5_000);
});

it("sends everything queued before unload", async () => {
  send.mockReturnValueOnce(new Promise(() => undefined));
  const queue = new EventQueue(send, `session-${count}`);
  queue.push(event(1));
  await vi.advanceTimersByTimeAsync(1000);
  queue.push(event(2));
  queue.sendBeforeUnload();
  expect(send.mock.calls.at(-1)).toEqual([[sentEvent(1), sentEvent(2)], true]);
});

it.each([
  [401, "not_authenticated"],
  [403, "not_authenticated"],
  [403, "platform_off"],
  [409, "other_person"],
  [503, null],
])("keeps events at %s %s, also for the next page", async (status, reason) => {
  send.mockRejectedValue(new ApiProblem(status, reason, ""));
  const queue = new EventQueue(send, `session-${count}`);
  queue.push(event(1));
  await vi.advanceTimersByTimeAsync(1000);
  expect(queue.waiting).toBe(1);
  const key = send.mock.calls[0]?.[0][0]?.key;
  send.mockReset().mockResolvedValue(null);
  const next = new EventQueue(send, `session-${count}`);
  await vi.advanceTimersByTimeAsync(1000);
  expect(send.mock.calls[0]?.[0][0]?.key).toBe(key);
  expect(next.waiting).toBe(0);
});
