// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import type { AuthorApi } from "../api/authoring";
import { ApiProblem } from "../api/http";
import type { AuthoredPicture } from "../api/schema";
import { PictureFields } from "./picture-fields";

const picture = (text: string, revision: string): AuthoredPicture => ({
  url: `/p?v=${revision}`,
  alternative_text: text,
  width: 1,
  height: 1,
  revision,
});

it("keeps what was typed where somebody else has changed the picture", async () => {
  const stored = picture("Theirs", "b");
  const conflict = new ApiProblem(409, "conflict", "Changed.", null, { picture: stored });
  const describePicture = vi
    .fn()
    .mockRejectedValueOnce(conflict)
    .mockResolvedValueOnce(picture("Mine", "c"));
  const onChange = vi.fn();
  const api = { describePicture } as unknown as AuthorApi;
  const fields = new PictureFields(api, 7, picture("First", "a"), onChange);
  const find = (selector: string): HTMLInputElement =>
    fields.node.querySelector(selector) as HTMLInputElement;
  find("[name=alternative]").value = "Mine";
  find("[data-testid=save-picture]").click();
  await vi.waitFor(() => expect(find("[role=alert]").textContent).toContain("“Theirs”"));
  expect(find("[name=alternative]").value).toBe("Mine");
  expect(find("img").getAttribute("src")).toBe("/p?v=b");
  find("[data-testid=save-picture]").click();
  await vi.waitFor(() => expect(describePicture).toHaveBeenLastCalledWith(7, "Mine", stored));
  await vi.waitFor(() => expect(find("[role=status]").textContent).toBe("Saved."));
  expect(onChange.mock.calls.map(([{ revision }]) => revision as string)).toEqual(["b", "c"]);
});
