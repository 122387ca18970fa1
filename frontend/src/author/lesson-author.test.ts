// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import type { AuthoredStep } from "../api/schema";

const step = (id: number): AuthoredStep => ({
  id,
  revision: 0,
  title: `Step ${id}`,
  body: "",
  easy_body: "",
  embed: null,
  question: null,
  hints: [],
  picture: null,
});

it("moves and deletes a step that was saved since the list was drawn", async () => {
  const lesson = {
    ...{ id: 1, course: "C", title: "L", summary: "", minutes: 20, language: "" },
    ...{ revision: "r", held: true, embed_hosts: [], steps: [step(1), step(2), step(3)] },
  };
  const sent: [string, string, unknown][] = [];
  vi.stubGlobal("fetch", (path: string, { method, body }: { method: string; body?: string }) => {
    if (method !== "GET") sent.push([method, path, body && JSON.parse(body)]);
    return Promise.resolve(new Response(JSON.stringify(lesson)));
  });
  HTMLDialogElement.prototype.showModal = vi.fn();
  HTMLDialogElement.prototype.close = function (value = "") {
    this.returnValue = value;
    this.dispatchEvent(new Event("close"));
  };
  const author = document.createElement("lesson-author");
  author.setAttribute("lesson", "1");
  document.body.append(author);
  await import("./lesson-author");
  const find = (selector: string): HTMLElement => document.querySelector(selector) as HTMLElement;
  await vi.waitFor(() => expect(find('[data-step="1"]')).not.toBeNull());
  const detail = { step: { ...step(1), revision: 4 } };
  find('[data-step="1"]').dispatchEvent(new CustomEvent("saved", { bubbles: true, detail }));
  find('[data-step="1"] [data-testid=down]').click();
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]?.[2]).toEqual({ steps: [2, 1, 3], base: [1, 2, 3] });
  find('[data-step="1"] [data-testid=delete]').click();
  await vi.waitFor(() => expect(find("[data-testid=confirm]")).not.toBeNull());
  find("[data-testid=confirm]").click();
  await vi.waitFor(() => expect(sent.at(-1)?.[1]).toBe("/api/v1/steps/1/?revision=4"));
});
