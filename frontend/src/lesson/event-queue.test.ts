import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiProblem } from "../api/http";
import type { LessonEvent } from "../api/types";
import { EventQueue } from "./event-queue";

const event = (step: number): LessonEvent => ({ kind: "step_opened", step_id: step, value: null });
const send = vi.fn<(events: LessonEvent[]) => Promise<unknown>>();

beforeEach(() => {
  vi.useFakeTimers();
  send.mockReset().mockResolvedValue(null);
});

afterEach(() => vi.useRealTimers());

it("gathers what happens close together into one batch", async () => {
  const queue = new EventQueue(send);
  queue.push(event(1));
  queue.push(event(2));
  await vi.advanceTimersByTimeAsync(1000);
  expect(send.mock.calls).toEqual([[[event(1), event(2)]]]);
  expect(queue.waiting).toBe(0);
});

it("keeps everything, in order, while the network is away", async () => {
  send.mockRejectedValueOnce(new ApiProblem(0, null, ""));
  const queue = new EventQueue(send);
  queue.push(event(1));
  await vi.advanceTimersByTimeAsync(1000);
  queue.push(event(2));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(send.mock.calls.at(-1)).toEqual([[event(1), event(2)]]);
  expect(queue.waiting).toBe(0);
});

it("loses nothing that comes while a batch is on its way", async () => {
  let arrived: (value: unknown) => void = () => undefined;
  send.mockReturnValueOnce(new Promise((resolve) => (arrived = resolve)));
  const queue = new EventQueue(send);
  queue.push(event(1));
  await vi.advanceTimersByTimeAsync(1000);
  queue.push(event(2));
  await vi.advanceTimersByTimeAsync(1000);
  arrived(null);
  await vi.advanceTimersByTimeAsync(1000);
  expect(send.mock.calls.map(([events]) => events)).toEqual([[event(1)], [event(2)]]);
});

it("does not ask for ever what is refused for good", async () => {
  send.mockRejectedValue(new ApiProblem(400, "invalid", ""));
  const queue = new EventQueue(send);
  queue.push(event(1));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(send).toHaveBeenCalledTimes(1);
});
