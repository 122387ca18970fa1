/** Reading of one frame by the rules of inference/pipeline.py. */
import type { Quality } from "../capture/protocol";
import { alignCrop } from "./alignment";
import type { DetectedFace, LandmarkerResult, Pose, Signs } from "./landmarks";
import { findLargestFace } from "./landmarks";
import {
  MAX_PITCH_DEG,
  MAX_YAW_DEG,
  MIN_FACE_WIDTH_PX,
  MIN_LUMINANCE,
  MIN_TOP_PROBABILITY,
  MIN_VISIBLE_SHARE,
} from "./limits";
import { type Grey, luminance } from "./pixels";

export interface DeviceReading {
  quality: Quality;
  /** Probabilities of the eight expressions; null for all but "ok". */
  scores: number[] | null;
  pose: Pose | null;
  signs: Signs | null;
}

/** Maps a 48x48 face to eight probabilities. */
export type Classify = (crop: Grey) => Promise<number[]>;

export async function readFace(
  result: LandmarkerResult,
  grey: Grey,
  classify: Classify,
): Promise<DeviceReading> {
  const face = findLargestFace(result, grey.width, grey.height);
  if (!face) return buildEmptyReading("no_face");
  if (result.faceLandmarks.length > 1) return buildEmptyReading("many_faces");
  const obstacle = findQualityProblem(face, grey);
  if (obstacle) return { ...buildEmptyReading(obstacle), pose: face.pose };
  const scores = await classify(alignCrop(grey, face.eyes));
  const sure = Math.max(...scores) >= MIN_TOP_PROBABILITY;
  return {
    quality: sure ? "ok" : "low_confidence",
    scores: sure ? scores : null,
    pose: face.pose,
    signs: face.signs,
  };
}

/** Quality problem that prevents classification, or null. */
export function findQualityProblem(face: DetectedFace, grey: Grey): Quality | null {
  if (face.box.width < MIN_FACE_WIDTH_PX) return "small_face";
  if (isCutOff(face, grey)) return "cut_off";
  if (luminance(face.box, grey) < MIN_LUMINANCE) return "low_light";
  const away = Math.abs(face.pose.yaw) > MAX_YAW_DEG || Math.abs(face.pose.pitch) > MAX_PITCH_DEG;
  return away ? "turned_away" : null;
}

function isCutOff({ box, eyes }: DetectedFace, { width, height }: Grey): boolean {
  const visibleWidth = Math.min(box.x + box.width, width) - Math.max(box.x, 0);
  const visibleHeight = Math.min(box.y + box.height, height) - Math.max(box.y, 0);
  const visible = Math.max(0, visibleWidth) * Math.max(0, visibleHeight);
  const seesEyes = eyes.every(({ x, y }) => x >= 0 && x < width && y >= 0 && y < height);
  return !seesEyes || visible < MIN_VISIBLE_SHARE * box.width * box.height;
}

function buildEmptyReading(quality: Quality): DeviceReading {
  return { quality, scores: null, pose: null, signs: null };
}
