import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiProblem } from "../api/http";
import type { AnswerRequest, Hint } from "../api/schema";
import { type Press, PressQueue } from "./press-queue";

const GRADED = { right: true, attempts: 1, feedback: "" };
const submitAnswer = vi.fn<(answer: AnswerRequest) => Promise<typeof GRADED>>();
const answerHint = vi.fn<() => Promise<unknown>>();
const requestHint = vi.fn<(step: number, key: string) => Promise<Hint>>();
const leave = vi.fn<(key: string) => Promise<unknown>>();
const api = { submitAnswer, answerHint, requestHint, leave };
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
  [403, "permission_denied"],
  [403, null],
  [404, null],
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

it.each([
  ["hint request", { kind: "ask", step_id: 4 }, requestHint],
  ["leaving", { kind: "leave" }, leave],
] as [string, Press, typeof requestHint | typeof leave][])(
  "sends a %s again on the next page, with its key",
  async (_name, press, call) => {
    (call as typeof leave).mockReset().mockRejectedValueOnce(new ApiProblem(0, null, ""));
    void new PressQueue(api, session).add(press);
    await vi.advanceTimersByTimeAsync(0);
    (call as typeof leave).mockResolvedValue({ hint_id: 1 });
    const late = vi.fn<(press: Press, result: unknown) => void>();
    const next = new PressQueue(api, session);
    next.onLate = late;
    next.sendNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(late).toHaveBeenCalledWith(press, { hint_id: 1 });
    const keys = (call as typeof leave).mock.calls.map((given) => given.at(-1));
    expect(new Set(keys).size).toBe(1);
    expect(new PressQueue(api, session).waiting).toEqual([]);
  },
);
