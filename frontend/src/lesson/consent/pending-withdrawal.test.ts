// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from "vitest";
import { ApiProblem } from "../../api/http";
import type { Consent } from "../../api/schema";
import { SIGNED_IN_AGAIN_EVENT } from "../../page/page-events";
import { finishWithdrawal, finishWithdrawalLater, withdraw } from "./pending-withdrawal";

const WITHDRAWN = { state: "withdrawn" } as Consent;
const withdrawConsent = vi.fn<() => Promise<Consent>>();
let api = { sessionId: "", withdrawConsent };
let count = 0;

/** A page opened later in this browser: how many requests it sends. */
const countLater = async (sessionId = api.sessionId): Promise<number> => {
  withdrawConsent.mockReset().mockResolvedValue(WITHDRAWN);
  const isDone = await finishWithdrawal({ sessionId, withdrawConsent });
  expect(isDone).toBe(withdrawConsent.mock.calls.length === 1);
  return withdrawConsent.mock.calls.length;
};

beforeEach(() => {
  api = { sessionId: `s${++count}`, withdrawConsent };
  withdrawConsent.mockReset().mockResolvedValue(WITHDRAWN);
});

it("keeps nothing after a reply", async () => {
  await expect(withdraw(api)).resolves.toBe(WITHDRAWN);
  expect(await countLater()).toBe(0);
});

it.each([
  [0, null],
  [500, null],
  [503, null],
  [429, "throttled"],
  [401, "not_authenticated"],
  [403, "platform_off"],
  [403, "permission_denied"],
  [404, null],
  [409, "other_person"],
])("is sent again by the next page after %s %s", async (status, reason) => {
  withdrawConsent.mockRejectedValue(new ApiProblem(status, reason, ""));
  await expect(withdraw(api)).rejects.toMatchObject({ status });
  await expect(finishWithdrawal(api)).resolves.toBe(false); // and is kept
  expect(await countLater()).toBe(1);
  expect(await countLater()).toBe(0);
});

it("is sent again where the page was closed before the reply", async () => {
  withdrawConsent.mockReturnValue(new Promise(() => undefined));
  void withdraw(api);
  expect(await countLater()).toBe(1);
});

it("is sent again after an error that is no reply", async () => {
  withdrawConsent.mockRejectedValue(new TypeError("closed"));
  await expect(withdraw(api)).rejects.toThrow("closed");
  expect(await countLater()).toBe(1);
});

it.each([400, 404, 409])("is forgotten where the server refuses it with %s", async (status) => {
  withdrawConsent.mockRejectedValue(new ApiProblem(status, "invalid", ""));
  await expect(withdraw(api)).rejects.toMatchObject({ status });
  expect(await countLater()).toBe(0);
});

it("belongs to one session", async () => {
  withdrawConsent.mockRejectedValue(new ApiProblem(0, null, ""));
  await expect(withdraw(api)).rejects.toThrow();
  expect(await countLater("another")).toBe(0);
  expect(await countLater()).toBe(1);
});

it.each([
  ["signed in again", document, SIGNED_IN_AGAIN_EVENT],
  ["online again", globalThis, "online"],
] as [string, EventTarget, string][])("is sent once %s", async (_name, target, event) => {
  withdrawConsent.mockRejectedValueOnce(new ApiProblem(0, null, ""));
  const onDone = vi.fn();
  finishWithdrawalLater(api, onDone);
  await expect(withdraw(api)).rejects.toThrow();
  expect(onDone).not.toHaveBeenCalled();
  target.dispatchEvent(new Event(event));
  await vi.waitFor(() => expect(onDone).toHaveBeenCalledOnce());
  target.dispatchEvent(new Event(event));
  await Promise.resolve();
  expect(withdrawConsent).toHaveBeenCalledTimes(2);
});
