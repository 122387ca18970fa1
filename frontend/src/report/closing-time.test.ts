// @vitest-environment jsdom
import { afterEach, expect, it, vi } from "vitest";
import { ApiProblem } from "../api/http";
import type { Session } from "../api/schema";
import type { SessionApi } from "../api/sessions";
import { ClosingTime, formatClosingError, parseFieldValue, toFieldValue } from "./closing-time";

const FRIDAY = "2026-12-04T14:00:00.000Z";
const save = vi.fn<(closesAt: string | null) => Promise<Session>>();
const session = (closes_at: string | null): Session => ({ state: "open", closes_at }) as Session;

function mount(): ClosingTime {
  const closing = new ClosingTime({ setClosingTime: save } as unknown as SessionApi);
  document.body.replaceChildren(closing.node);
  return closing;
}

const byTestId = (name: string): HTMLElement =>
  document.querySelector(`[data-testid="${name}"]`) as HTMLElement;
const input = (): HTMLInputElement => byTestId("closes-at") as HTMLInputElement;

afterEach(() => save.mockReset());

it("converts between the field and the stored time", () => {
  expect(parseFieldValue(toFieldValue(FRIDAY))).toBe(FRIDAY);
  expect(parseFieldValue("")).toBeNull();
});

it("saves the time that was entered and says so", async () => {
  save.mockResolvedValue(session(FRIDAY));
  const closing = mount();
  closing.show(session(null));
  input().value = toFieldValue(FRIDAY);
  byTestId("save-closing-time").click();
  await vi.waitFor(() => expect(byTestId("closing-status").textContent).toContain("Friday"));
  expect(save.mock.calls).toEqual([[FRIDAY]]);
});

it("does not save an empty field", () => {
  mount().show(session(null));
  byTestId("save-closing-time").click();
  expect(save).not.toHaveBeenCalled();
  expect(byTestId("closing-status").textContent).toContain("enter a date");
});

it("offers to remove a closing time only where there is one", async () => {
  save.mockResolvedValue(session(null));
  const closing = mount();
  closing.show(session(null));
  expect(byTestId("remove-closing-time").hidden).toBe(true);
  closing.show(session(FRIDAY));
  expect(byTestId("remove-closing-time").hidden).toBe(false);
  byTestId("remove-closing-time").click();
  await vi.waitFor(() => expect(byTestId("closing-status").textContent).toContain("you close"));
  expect(save.mock.calls).toEqual([[null]]);
});

it("keeps what the teacher is typing while the page polls", () => {
  const closing = mount();
  closing.show(session(FRIDAY));
  input().value = "2026-12-05T09:00";
  closing.show(session(FRIDAY));
  expect(input().value).toBe("2026-12-05T09:00");
  closing.show(session(null));
  expect(input().value).toBe("");
});

it("shows the server's reason for a refusal", () => {
  const refused = new ApiProblem(400, "invalid", "", { closes_at: ["This time has passed."] });
  expect(formatClosingError(refused)).toBe("This time has passed.");
  const closed = new ApiProblem(409, "session_ended", "");
  expect(formatClosingError(closed)).toContain("closed already");
  expect(formatClosingError(new ApiProblem(0, null, ""))).toContain("try again");
});
