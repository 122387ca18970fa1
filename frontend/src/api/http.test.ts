import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem, readCookie, request } from "./http";
import { forgetPresses } from "./presses";

const fetched = vi.fn<(path: string, options: RequestInit) => Promise<Response>>();

beforeEach(() => {
  vi.stubGlobal("fetch", fetched);
  vi.stubGlobal("document", {
    cookie: "a=1; csrftoken=to%20ken",
    documentElement: { dataset: {} },
    dispatchEvent: vi.fn(),
  });
  forgetPresses();
});

afterEach(() => {
  fetched.mockReset();
  vi.unstubAllGlobals();
});

const answer = (status: number, body: string): void => {
  fetched.mockResolvedValue(new Response(body, { status }));
};

const headersSent = (): Record<string, string> =>
  (fetched.mock.calls[0]?.[1].headers ?? {}) as Record<string, string>;

it("readCookie matches the complete name", () => {
  expect(readCookie("csrftoken", "xcsrftoken=no; csrftoken=yes")).toBe("yes");
  expect(readCookie("csrftoken", "")).toBe("");
});

describe("request", () => {
  it("sends the CSRF token with unsafe methods", async () => {
    answer(200, "{}");
    await request("POST", "/x", { a: 1 });
    expect(headersSent()["X-CSRFToken"]).toBe("to ken");
    expect(fetched.mock.calls[0]?.[1].body).toBe('{"a":1}');
  });

  it("sends no token with GET", async () => {
    answer(200, "{}");
    await request("GET", "/x");
    expect(headersSent()).not.toHaveProperty("X-CSRFToken");
  });

  it("rejects with status and reason", async () => {
    answer(403, '{"reason": "no_consent", "detail": "Not permitted."}');
    const problem = await request("POST", "/x").catch((error: unknown) => error);
    expect(problem).toMatchObject({ status: 403, reason: "no_consent", message: "Not permitted." });
  });

  it("rejects with the status where the body is no JSON", async () => {
    answer(502, "<html>");
    await expect(request("GET", "/x")).rejects.toMatchObject({ status: 502, reason: null });
  });

  it("rejects with status 0 without a response", async () => {
    fetched.mockRejectedValue(new TypeError("network"));
    await expect(request("GET", "/x")).rejects.toEqual(new ApiProblem(0, null, "no response"));
  });

  it("resolves to null for an empty body", async () => {
    fetched.mockResolvedValue(new Response(null, { status: 204 }));
    await expect(request("POST", "/x")).resolves.toBeNull();
  });
});
