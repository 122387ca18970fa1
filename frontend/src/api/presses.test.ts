import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiProblem, request } from "./http";
import { forgetPresses } from "./presses";

const fetched = vi.fn<(path: string, options: RequestInit) => Promise<Response>>();
const keys = (): (string | undefined)[] =>
  fetched.mock.calls.map(
    ([, { headers }]) => (headers as Record<string, string>)["Idempotency-Key"],
  );
const flush = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

beforeEach(() => {
  forgetPresses();
  vi.stubGlobal("fetch", fetched);
  vi.stubGlobal("document", {
    cookie: "",
    documentElement: { dataset: { person: "p1" } },
    dispatchEvent: vi.fn(),
  });
  fetched.mockReset().mockImplementation(() => Promise.resolve(new Response("{}")));
});

afterEach(() => vi.unstubAllGlobals());

it("sends a double press once, while it runs and right after it", async () => {
  const done = vi.fn<() => void>();
  void request("POST", "/x", { a: 1 }).then(done);
  void request("POST", "/x", { a: 1 }).then(done);
  await flush();
  void request("POST", "/x", { a: 1 }).then(done);
  await flush();
  expect(fetched).toHaveBeenCalledTimes(1);
  expect(done).toHaveBeenCalledTimes(1);
});

it("sends another press of the same kind again", async () => {
  await request("POST", "/x", { off: true });
  await request("POST", "/x", { off: false });
  await request("POST", "/x", { off: true });
  expect(fetched).toHaveBeenCalledTimes(3);
  expect(new Set(keys()).size).toBe(3);
});

it.each([0, 503, 403])("keeps the key after %s until the request is answered", async (status) => {
  fetched.mockImplementationOnce(() =>
    status
      ? Promise.resolve(new Response('{"reason": "not_authenticated"}', { status }))
      : Promise.reject(new TypeError("network")),
  );
  await expect(request("POST", "/x")).rejects.toBeInstanceOf(ApiProblem);
  await request("POST", "/x");
  expect(keys()[0]).toBeTruthy();
  expect(keys()[1]).toBe(keys()[0]);
});

it("uses a new key after a refusal", async () => {
  fetched.mockImplementationOnce(() =>
    Promise.resolve(new Response('{"reason": "invalid"}', { status: 400 })),
  );
  await expect(request("POST", "/x")).rejects.toBeInstanceOf(ApiProblem);
  await request("POST", "/x");
  expect(keys()[1]).not.toBe(keys()[0]);
});

it("names the person of the page and sends no key with reads", async () => {
  await request("GET", "/x");
  const headers = fetched.mock.calls[0]?.[1].headers as Record<string, string>;
  expect(headers["X-Page-Person"]).toBe("p1");
  expect(headers).not.toHaveProperty("Idempotency-Key");
});
