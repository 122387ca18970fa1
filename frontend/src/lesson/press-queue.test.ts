import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiProblem } from "../api/http";
import type { AnswerRequest } from "../api/schema";
import { type Press, PressQueue } from "./press-queue";

const GRADED = { right: true, attempts: 1, feedback: "" };
const submitAnswer = vi.fn<(answer: AnswerRequest) => Promise<typeof GRADED>>();
const answerHint = vi.fn<() => Promise<unknown>>();
const api = { submitAnswer, answerHint };
const answer = (text: string): Press => ({
  kind: "answer",
  answer: { step_id: 1, answer: text, revision: 3 },
});
let session = "";
let count = 0;

beforeEach(() => {
  vi.useFakeTimers();
  session = `s${++count}`;
  submitAnswer.mockReset().mockResolvedValue(GRADED);
  answerHint.mockReset().mockResolvedValue(null);
});

afterEach(() => vi.useRealTimers());

it("resolves with the grade and keeps nothing", async () => {
  const queue = new PressQueue(api, session);
  await expect(queue.add(answer("1"))).resolves.toEqual(GRADED);
  expect(new PressQueue(api, session).waiting).toEqual([]);
});

it.each([
  [0, null],
  [503, null],
  [403, "not_authenticated"],
  [403, "platform_off"],
  [409, "other_person"],
  [429, "throttled"],
])("tells and repeats with the same key after %s %s", async (status, reason) => {
  submitAnswer.mockRejectedValueOnce(new ApiProblem(status, reason, ""));
  const queue = new PressQueue(api, session);
  const onWaiting = vi.fn<(error: unknown) => void>();
  const graded = queue.add(answer("1"), onWaiting);
  await vi.advanceTimersByTimeAsync(100);
  expect(onWaiting).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(2000);
  await expect(graded).resolves.toEqual(GRADED);
  const [first, again] = submitAnswer.mock.calls.map(([sent]) => sent);
  expect(again?.key).toBe(first?.key);
});

it.each([
  [400, "invalid"],
  [409, "step_changed"],
  [409, "session_ended"],
])("rejects and forgets after %s %s", async (status, reason) => {
  submitAnswer.mockRejectedValue(new ApiProblem(status, reason, ""));
  const queue = new PressQueue(api, session);
  await expect(queue.add(answer("1"))).rejects.toMatchObject({ reason });
  expect(queue.waiting).toEqual([]);
});

it("sends what an earlier page left, in order, with its age", async () => {
  submitAnswer.mockReturnValue(new Promise(() => undefined));
  const closed = new PressQueue(api, session);
  void closed.add(answer("1"));
  vi.advanceTimersByTime(10);
  void closed.add({ kind: "hint", hint_id: 5, answer: "helped" });
  submitAnswer.mockReset().mockResolvedValue(GRADED);
  vi.advanceTimersByTime(60_000);
  const next = new PressQueue(api, session);
  const onLate = vi.fn<(press: Press, result: unknown) => void>();
  next.onLate = onLate;
  next.sendNow();
  await vi.advanceTimersByTimeAsync(100);
  expect(submitAnswer.mock.calls[0]?.[0].ago_ms).toBeGreaterThanOrEqual(60_000);
  expect(onLate.mock.calls[0]).toEqual([answer("1"), GRADED]);
  expect(answerHint).toHaveBeenCalledTimes(1);
  expect(next.waiting).toEqual([]);
});
