// @vitest-environment jsdom
import { expect, it } from "vitest";
import { isReadbackAltered } from "./readback";

type Pixels = (drawn: number[]) => number[];

/** A canvas whose pixels are returned as `read` gives them. */
function stubCanvas(read: Pixels): void {
  const drawn: number[] = [];
  const context = {
    fillStyle: "",
    fillRect(x: number, _y: number, width: number) {
      const colour = this.fillStyle.match(/\d+/g)?.map(Number) ?? [];
      for (let at = x; at < x + width; at++)
        [...colour, 255].forEach((v, i) => (drawn[at * 4 + i] = v));
    },
    getImageData: () => ({ data: read(drawn) }),
  };
  HTMLCanvasElement.prototype.getContext = (() => context) as never;
}

it.each<[string, Pixels, boolean]>([
  ["as drawn", (drawn) => drawn, false],
  ["with weak noise", (drawn) => drawn.map((value) => value + 3), false],
  ["black", (drawn) => drawn.map(() => 0), true],
  ["white", (drawn) => drawn.map(() => 255), true],
  ["of one colour", (drawn) => drawn.map((_, at) => [120, 80, 40, 255][at % 4] ?? 0), true],
  ["at random", (drawn) => drawn.map((_, at) => (at * 97) % 256), true],
  ["empty", () => [], true],
])("pixels returned %s", (_what, read, altered) => {
  stubCanvas(read);
  expect(isReadbackAltered()).toBe(altered);
});

it("is altered where the browser refuses to return pixels", () => {
  stubCanvas(() => {
    throw new DOMException("", "SecurityError");
  });
  expect(isReadbackAltered()).toBe(true);
});
