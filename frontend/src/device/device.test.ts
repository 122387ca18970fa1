import { describe, expect, it } from "vitest";
import { alignCrop } from "./alignment";
import { computePose, type DetectedFace, type LandmarkerResult, SIGNS } from "./landmarks";
import { isRequestAllowed } from "./fetch-guard";
import { averageDown, type Grey, luminance, resizeBilinear, toGrey } from "./pixels";
import { findQualityProblem, readFace } from "./reading";
import { buildScoresMessage } from "./scores-message";

const filled = (width: number, height: number, value: number): Grey => ({
  width,
  height,
  data: new Uint8Array(width * height).fill(value),
});
/** Each column is one level brighter than the previous. */
const ramp = (side: number): Grey => ({
  width: side,
  height: side,
  data: Uint8Array.from({ length: side * side }, (_, i) => i % side),
});
const UPRIGHT = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

function landmarks(width: number, faces = 1): LandmarkerResult {
  const marks = Array.from({ length: 478 }, (_, i) => ({
    x: 0.5 + ((i % 2) - 0.5) * width,
    y: 0.5 + ((i % 3) - 1) * 0.2,
  }));
  const repeat = <T>(value: T): T[] => Array.from({ length: faces }, () => value);
  return {
    faceLandmarks: repeat(marks),
    faceBlendshapes: repeat({ categories: [{ categoryName: "mouthSmileLeft", score: 0.5 }] }),
    facialTransformationMatrixes: repeat({ data: UPRIGHT }),
  };
}

const sure = (): Promise<number[]> => Promise.resolve([0.6, 0.4, 0, 0, 0, 0, 0, 0]);
const unsure = (): Promise<number[]> => Promise.resolve(Array<number>(8).fill(0.125));

describe("readFace", () => {
  it.each([
    ["no_face", { ...landmarks(0.5), faceLandmarks: [] }, 128, sure],
    ["many_faces", landmarks(0.5, 2), 128, sure],
    ["small_face", landmarks(0.1), 128, sure],
    ["cut_off", landmarks(1.3), 128, sure],
    ["low_light", landmarks(0.5), 39, sure],
    ["low_confidence", landmarks(0.5), 128, unsure],
    ["ok", landmarks(0.5), 128, sure],
  ])("is %s", async (quality, found, light, classify) => {
    const reading = await readFace(found, filled(320, 240, light), classify);
    expect(reading.quality).toBe(quality);
    expect(reading.scores !== null).toBe(quality === "ok");
    expect(reading.signs !== null).toBe(["ok", "low_confidence"].includes(quality));
    expect(reading.pose !== null).toBe(!["no_face", "many_faces"].includes(quality));
  });

  it("is cut_off where a fifth of the face or an eye is outside", () => {
    const grey = filled(200, 200, 128);
    const at = (x: number, y: number, eyeX = 100): DetectedFace => ({
      box: { x, y, width: 100, height: 100 },
      eyes: [
        { x: eyeX, y: 100 },
        { x: 100, y: 100 },
      ],
      pose: { yaw: 0, pitch: 0, roll: 0 },
      signs: {} as DetectedFace["signs"],
    });
    for (const face of [at(-20, 0), at(120, 0), at(0, -20), at(0, 120), at(-10, -11)])
      expect(findQualityProblem(face, grey)).toBeNull();
    for (const face of [at(-21, 0), at(121, 0), at(0, -21), at(0, 121), at(-11, -11)])
      expect(findQualityProblem(face, grey)).toBe("cut_off");
    for (const eyeX of [-1, 200])
      expect(findQualityProblem(at(50, 50, eyeX), grey)).toBe("cut_off");
  });

  it("is turned_away beyond the limits", () => {
    const face = (yaw: number, pitch: number): DetectedFace => ({
      box: { x: 0, y: 0, width: 100, height: 100 },
      eyes: [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
      ],
      pose: { yaw, pitch, roll: 0 },
      signs: {} as DetectedFace["signs"],
    });
    const grey = filled(200, 200, 128);
    expect(findQualityProblem(face(40, 30), grey)).toBeNull();
    for (const [yaw, pitch] of [
      [-41, 0],
      [41, 0],
      [0, 31],
      [0, -31],
    ] as const)
      expect(findQualityProblem(face(yaw, pitch), grey)).toBe("turned_away");
  });
});

describe("pixels", () => {
  it("are converted to grey by Rec. 601", () => {
    const red = new Uint8ClampedArray([255, 0, 0, 255]);
    expect(toGrey(red, 1, 1).data[0]).toBe(76);
  });

  it("outside the image do not count for luminance", () => {
    expect(luminance({ x: -50, y: 0, width: 60, height: 5 }, ramp(10))).toBe(4.5);
    expect(luminance({ x: 50, y: 0, width: 60, height: 5 }, ramp(10))).toBe(0);
  });

  it("are downscaled and upscaled without a shift", () => {
    expect([...averageDown(ramp(4), 2).data]).toEqual([1, 3, 1, 3]);
    expect([...resizeBilinear(ramp(2), 4).data].slice(0, 4)).toEqual([0, 0, 1, 1]);
  });

  it("are cropped around the eyes", () => {
    const eyes = { x: 100 + 0.498 * 48 - 0.5, y: 100 + 0.39 * 48 - 0.5 };
    const half = (0.353 * 48) / 2;
    const crop = alignCrop(ramp(200), [
      { x: eyes.x - half, y: eyes.y },
      { x: eyes.x + half, y: eyes.y },
    ]);
    expect([crop.width, crop.data[0], crop.data[47]]).toEqual([48, 100, 147]);
  });
});

describe("head pose", () => {
  it("reads the matrix column by column", () => {
    const angle = Math.PI / 6;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const pose = computePose([c, 0, -s, 0, 0, 1, 0, 0, s, 0, c, 0, 0, 0, 0, 1]);
    expect(pose.yaw).toBeCloseTo(30);
    expect(pose.pitch).toBeCloseTo(0);
  });
});

describe("scores message", () => {
  const models = {
    ...{ landmarks_url: "", network_url: "", network_sha256: "a".repeat(64) },
    ...{ network_side: 96, labels: [], labels_version: "ferplus-8" },
  };

  it("contains known numbers only", () => {
    const signs = Object.fromEntries(SIGNS.map((name) => [name, 9])) as DetectedFace["signs"];
    const header = { seq: 7, capturedMs: 12.9, visible: true, focused: true };
    const reading = { quality: "ok" as const, scores: [1 / 3], pose: null, signs };
    const message = JSON.parse(buildScoresMessage(header, reading, models)) as Record<
      string,
      unknown
    >;
    expect(Object.keys(message)).toEqual([
      ...["type", "seq", "captured_ms", "labels_version", "scores"],
      ...["pose", "signs", "quality", "model"],
    ]);
    expect(message).toMatchObject({ seq: 7, captured_ms: 12, scores: [0.33333] });
    expect(Object.values(message["signs"] as object).every((value) => value === 2)).toBe(true);
  });

  it("is restricted to GET of its own origin", () => {
    const own = "https://school.example/static/dist/assets/reader.worker.js";
    expect(isRequestAllowed("/static/dist/x.wasm", "GET", own)).toBe(true);
    expect(isRequestAllowed("/static/dist/x.wasm", "POST", own)).toBe(false);
    expect(isRequestAllowed("https://elsewhere.example/log", "GET", own)).toBe(false);
    expect(isRequestAllowed("about:blank", "POST", own)).toBe(false);
  });
});
