import { describe, expect, it } from "vitest";
import { classifyLight } from "./brightness";
import { type CameraProblem, formatCameraProblem, toCameraProblem } from "./camera-problems";
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
  const picture = (...values: number[]): Uint8ClampedArray =>
    new Uint8ClampedArray(values.flatMap((value) => [value, value, value, 255]));

  it.each([
    ["a dark picture", [20, 30], "dark"],
    ["a picture", [100, 140], "good"],
    ["a bright picture", [230, 250], "bright"],
    ["black", [0, 0], "empty"],
    ["black with noise", [0, 9], "empty"],
    ["white", [255, 255], "empty"],
    ["grey without any detail", [120, 122], "empty"],
  ] as const)("of %s", (_name, values, light) => {
    expect(classifyLight(picture(...values))).toBe(light);
  });
});

/** Every name of a DOMException (Web IDL), and the errors of getUserMedia beside them. */
const ERROR_NAMES = [
  ...["AbortError", "ConstraintError", "DataCloneError", "DataError", "EncodingError"],
  ...["HierarchyRequestError", "InUseAttributeError", "InvalidAccessError"],
  ...["InvalidCharacterError", "InvalidModificationError", "InvalidNodeTypeError"],
  ...["InvalidStateError", "NamespaceError", "NetworkError", "NoModificationAllowedError"],
  ...["NotAllowedError", "NotFoundError", "NotReadableError", "NotSupportedError"],
  ...["OperationError", "OptOutError", "QuotaExceededError", "ReadOnlyError", "SecurityError"],
  ...["SyntaxError", "TimeoutError", "TransactionInactiveError", "UnknownError", "VersionError"],
  ...["WrongDocumentError", "OverconstrainedError", "TypeError", "Error", "constructor", ""],
];
const EXPECTED: Record<string, CameraProblem> = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "none",
  NotReadableError: "busy",
  NotSupportedError: "insecure",
  OverconstrainedError: "unsuitable",
  TimeoutError: "no_answer",
};

describe("camera errors", () => {
  it.each(ERROR_NAMES)("%s", (name) => {
    const problem = toCameraProblem({ name, message: "" }, false);
    expect(problem).toBe(Object.hasOwn(EXPECTED, name) ? EXPECTED[name] : "unknown");
    expect(formatCameraProblem(problem)).toMatch(/with|allow/i);
  });

  it("distinguishes who blocks the camera", () => {
    const name = "NotAllowedError";
    expect(toCameraProblem({ name, message: "Permission denied by system" }, false)).toBe(
      "blocked_by_system",
    );
    expect(toCameraProblem({ name }, true)).toBe("blocked_by_page");
  });

  it("are formatted differently for each cause", () => {
    const causes = [...new Set(Object.values(EXPECTED))];
    expect(new Set(causes.map(formatCameraProblem)).size).toBe(causes.length);
  });
});
