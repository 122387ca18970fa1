import { describe, expect, it } from "vitest";
import { formatTicketRefusal, handleCloseCode } from "./close-codes";

describe("after a close", () => {
  it.each([1006, 1012, 1013, 4408, 4429, 4401])("%i is tried again", (code) => {
    expect(handleCloseCode(code, 1).retry).toBe(true);
  });

  it.each([1009, 4403, 4409, 4413])("%i stops and says why", (code) => {
    const next = handleCloseCode(code, 0);
    expect(next.retry).toBe(false);
    expect(next.message).not.toBe("");
  });

  it("a newer window can be taken over from", () => {
    expect(handleCloseCode(4409, 0).canTakeOver).toBe(true);
    expect(handleCloseCode(4403, 0).canTakeOver).toBe(false);
  });

  it("too fast for too long means a wait and fewer frames", () => {
    expect(handleCloseCode(4429, 0)).toMatchObject({ slower: true, atLeastMs: 5000 });
  });

  it("tickets refused again and again are not asked for for ever", () => {
    expect(handleCloseCode(4401, 5).retry).toBe(false);
  });
});

describe("a refused ticket", () => {
  it.each([0, 429, 500, 503])("with status %i is worth another try", (status) => {
    expect(formatTicketRefusal(status, null)).toBeNull();
  });

  it("says in words what forbids the camera", () => {
    const message = ["no_consent", "session_ended", "policy"].map((why) =>
      formatTicketRefusal(403, why),
    );
    expect(new Set(message).size).toBe(3);
    expect(message).not.toContain(null);
  });
});
