// @vitest-environment jsdom
import { beforeEach, expect, it } from "vitest";
import { DemoTour } from "./demo-tour";
import { getStudentUrl } from "./student-url";

beforeEach(() => {
  localStorage.clear();
  document.body.replaceChildren();
});

function open(): HTMLElement {
  const tour = new DemoTour();
  tour.setAttribute("student-url", "http://localhost:8000/demo/");
  document.body.replaceChildren(tour);
  return tour;
}
const press = (tour: HTMLElement, id: string): void =>
  tour.querySelector<HTMLElement>(`[data-testid="${id}"]`)?.click();

it("has four notes, and is not shown again once it was shown", () => {
  const tour = open();
  expect(tour.textContent).toContain("Tour, 1 of 4");
  press(tour, "tour-next");
  expect(tour.querySelector("a")?.href).toBe("http://localhost:8000/demo/");
  expect(document.activeElement?.textContent).toBe("Tour, 2 of 4");
  press(tour, "tour-next");
  press(tour, "tour-next");
  expect(tour.querySelector('[data-testid="tour-skip"]')).toBeNull();
  press(tour, "tour-next");
  expect(tour.hidden).toBe(true);
  expect(open().hidden).toBe(true);
});

it("can be skipped, and is not shown again either", () => {
  const tour = open();
  press(tour, "tour-skip");
  expect(tour.hidden).toBe(true);
  expect(open().hidden).toBe(true);
});

it("is not shown again after the page was left in the middle", () => {
  open();
  expect(open().hidden).toBe(true);
});

it.each([
  ["http://127.0.0.1:8850/sessions/7/report/", "http://localhost:8850/demo/?session=7"],
  ["http://localhost:8850/sessions/7/report/", "http://127.0.0.1:8850/demo/?session=7"],
])("lets students enter under the other name of this machine (%s)", (page, url) => {
  expect(getStudentUrl("/demo/?session=7", page)).toBe(url);
});
