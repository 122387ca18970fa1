/** Pose and signs from MediaPipe's FaceLandmarker; the same as inference/detection/landmarks.py. */
import type { Eyes, Point } from "./alignment";
import { POINTS_BEFORE_IRISES } from "./limits";
import type { Box } from "./pixels";

/** The part of a FaceLandmarkerResult that is used. */
export interface LandmarkerResult {
  faceLandmarks: Point[][];
  faceBlendshapes: { categories: { categoryName: string; score: number }[] }[];
  facialTransformationMatrixes: { data: number[] }[];
}

export interface Pose {
  yaw: number;
  pitch: number;
  roll: number;
}

/** In the order of inference.results.FacialSigns. */
export const SIGNS = [
  "brow_lowering",
  "inner_brow_raise",
  "mouth_press",
  "mouth_frown",
  "smile",
  "jaw_drop",
  "eye_squint",
  "blink",
  "eye_openness",
  "gaze_horizontal",
  "gaze_vertical",
] as const;
export type Signs = Record<(typeof SIGNS)[number], number>;

export interface DetectedFace {
  box: Box;
  eyes: Eyes;
  pose: Pose;
  signs: Signs;
}

/** Corner, two upper lid, corner, two lower lid points; left and right of the learner. */
type EyePoints = [number, number, number, number, number, number];
const RIGHT_EYE: EyePoints = [33, 160, 158, 133, 153, 144];
const LEFT_EYE: EyePoints = [362, 385, 387, 263, 373, 380];

/** The largest face, in pixels; null where there is none. */
export function findLargestFace(
  result: LandmarkerResult,
  width: number,
  height: number,
): DetectedFace | null {
  let largest: { index: number; points: Point[]; area: number } | null = null;
  for (const [index, marks] of result.faceLandmarks.entries()) {
    const points = marks.map(({ x, y }) => ({ x: x * width, y: y * height }));
    const box = computeBounds(points);
    const area = box.width * box.height;
    if (!largest || area > largest.area) largest = { index, points, area };
  }
  if (!largest) return null;
  const { index, points } = largest;
  return {
    box: computeBounds(points.slice(0, POINTS_BEFORE_IRISES)),
    eyes: [computeEyeCenter(points, RIGHT_EYE), computeEyeCenter(points, LEFT_EYE)],
    pose: computePose(result.facialTransformationMatrixes[index]?.data ?? []),
    signs: computeSigns(points, readBlendshapes(result, index)),
  };
}

function computeBounds(points: Point[]): Box {
  const [xs, ys] = [points.map((point) => point.x), points.map((point) => point.y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

function point(points: Point[], index: number): Point {
  return points[index] ?? { x: 0, y: 0 };
}

/** Middle of the eye's corners, which do not move with the gaze. */
function computeEyeCenter(points: Point[], eye: EyePoints): Point {
  const [inner, outer] = [point(points, eye[0]), point(points, eye[3])];
  return { x: (inner.x + outer.x) / 2, y: (inner.y + outer.y) / 2 };
}

/** Pose in degrees from MediaPipe's column-major 4x4 transformation matrix. */
export function computePose(matrix: number[]): Pose {
  const at = (row: number, column: number): number => matrix[column * 4 + row] ?? 0;
  return {
    yaw: degrees(Math.atan2(at(0, 2), at(2, 2))),
    pitch: degrees(Math.asin(Math.max(-1, Math.min(1, at(1, 2))))),
    roll: degrees(Math.atan2(at(1, 0), at(1, 1))),
  };
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI;
}

function readBlendshapes(result: LandmarkerResult, index: number): Map<string, number> {
  const categories = result.faceBlendshapes[index]?.categories ?? [];
  return new Map(categories.map(({ categoryName, score }) => [categoryName, score]));
}

function computeSigns(points: Point[], scores: Map<string, number>): Signs {
  const mean = (...names: string[]): number =>
    names.reduce((sum, name) => sum + (scores.get(name) ?? 0), 0) / names.length;
  const both = (name: string): number => mean(`${name}Left`, `${name}Right`);
  return {
    brow_lowering: both("browDown"),
    inner_brow_raise: mean("browInnerUp"),
    mouth_press: both("mouthPress"),
    mouth_frown: both("mouthFrown"),
    smile: both("mouthSmile"),
    jaw_drop: mean("jawOpen"),
    eye_squint: both("eyeSquint"),
    blink: both("eyeBlink"),
    eye_openness: (aspectRatio(points, RIGHT_EYE) + aspectRatio(points, LEFT_EYE)) / 2,
    gaze_horizontal:
      mean("eyeLookOutLeft", "eyeLookInRight") - mean("eyeLookInLeft", "eyeLookOutRight"),
    gaze_vertical: both("eyeLookUp") - both("eyeLookDown"),
  };
}

/** Eye aspect ratio: lid distance over corner distance. */
function aspectRatio(points: Point[], eye: EyePoints): number {
  const [corner, upper, upper2, corner2, lower2, lower] = eye;
  const distance = (from: number, to: number): number => {
    const [a, b] = [point(points, from), point(points, to)];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  return (
    (distance(upper, lower) + distance(upper2, lower2)) /
    (2 * Math.max(distance(corner, corner2), 1e-6))
  );
}
