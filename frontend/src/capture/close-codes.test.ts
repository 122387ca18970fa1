import { describe, expect, it } from "vitest";
import { formatTicketRefusal, handleCloseCode } from "./close-codes";

describe("handleCloseCode", () => {
  it.each([1006, 1012, 1013, 4408, 4429, 4401])("%i is retried", (code) => {
    expect(handleCloseCode(code, 1).retry).toBe(true);
  });

  it.each([1009, 4403, 4409, 4413])("%i stops with a message", (code) => {
    const next = handleCloseCode(code, 0);
    expect(next.retry).toBe(false);
    expect(next.message).not.toBe("");
  });

  it("offers to take over from a newer window", () => {
    expect(handleCloseCode(4409, 0).canTakeOver).toBe(true);
    expect(handleCloseCode(4403, 0).canTakeOver).toBe(false);
  });

  it("4429 waits and reduces the rate", () => {
    expect(handleCloseCode(4429, 0)).toMatchObject({ slower: true, atLeastMs: 5000 });
  });

  it("repeated ticket refusals stop", () => {
    expect(handleCloseCode(4401, 5).retry).toBe(false);
  });
});

describe("formatTicketRefusal", () => {
  it.each([0, 429, 500, 503])("status %i is retried", (status) => {
    expect(formatTicketRefusal(status, null)).toBeNull();
  });

  it("formats each reason", () => {
    const message = ["no_consent", "session_ended", "policy"].map((why) =>
      formatTicketRefusal(403, why),
    );
    expect(new Set(message).size).toBe(3);
    expect(message).not.toContain(null);
  });
});
