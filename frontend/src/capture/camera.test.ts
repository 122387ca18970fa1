import { describe, expect, it } from "vitest";
import { classifyLight, computeMeanLuma } from "./brightness";
import { formatCameraProblem, toCameraProblem } from "./camera";
import { computeCenterCrop } from "./crop";

describe("computeCenterCrop", () => {
  it("crops the sides of a wide image", () => {
    expect(computeCenterCrop(1280, 720, 320, 240)).toEqual({
      x: 160,
      y: 0,
      width: 960,
      height: 720,
    });
  });

  it("crops top and bottom of a tall image", () => {
    expect(computeCenterCrop(480, 640, 320, 240)).toEqual({
      x: 0,
      y: 140,
      width: 480,
      height: 360,
    });
  });

  it("keeps the whole image where the aspect ratio matches", () => {
    expect(computeCenterCrop(640, 480, 320, 240)).toEqual({ x: 0, y: 0, width: 640, height: 480 });
  });
});

describe("light", () => {
  const grey = (value: number): Uint8ClampedArray =>
    new Uint8ClampedArray([value, value, value, 255, value, value, value, 255]);

  it("is measured as mean luma", () => {
    expect(computeMeanLuma(grey(100))).toBeCloseTo(100);
    expect(computeMeanLuma(new Uint8ClampedArray([0, 255, 0, 255]))).toBeCloseTo(149.7, 1);
    expect(computeMeanLuma(new Uint8ClampedArray())).toBe(0);
  });

  it.each([
    [20, "dark"],
    [120, "good"],
    [240, "bright"],
  ])("of %i is %s", (luma, light) => {
    expect(classifyLight(luma)).toBe(light);
  });
});

describe("camera errors", () => {
  it.each([
    ["NotAllowedError", false, "refused"],
    ["NotAllowedError", true, "blocked_by_page"],
    ["NotFoundError", false, "none"],
    ["NotReadableError", false, "busy"],
    ["SomethingElse", false, "unknown"],
  ] as const)("%s (forbidden here: %s) is %s", (name, forbidden, problem) => {
    expect(toCameraProblem(name, forbidden)).toBe(problem);
  });

  it("are formatted differently for each cause", () => {
    const causes = ["refused", "blocked_by_page", "none", "busy", "insecure", "gone"] as const;
    expect(new Set(causes.map(formatCameraProblem)).size).toBe(causes.length);
  });
});
