/** One picture's reading, by the same rules as inference/pipeline.py. Pure but for `classify`. */
import type { Quality } from "../capture/protocol";
import { alignedCrop } from "./alignment";
import type { FoundFace, LandmarkerResult, Pose, Signs } from "./landmarks";
import { largestFace } from "./landmarks";
import { MAX_PITCH, MAX_YAW, MIN_FACE_WIDTH, MIN_LUMINANCE, MIN_TOP_PROBABILITY } from "./limits";
import { type Grey, luminance } from "./pixels";

export interface DeviceReading {
  quality: Quality;
  /** Probabilities of the eight expressions; null for all but "ok". */
  scores: number[] | null;
  pose: Pose | null;
  signs: Signs | null;
}

/** A 48x48 face to eight probabilities. */
export type Classify = (crop: Grey) => Promise<number[]>;

export async function readingOf(
  result: LandmarkerResult,
  grey: Grey,
  classify: Classify,
): Promise<DeviceReading> {
  const face = largestFace(result, grey.width, grey.height);
  if (!face) return nothing("no_face");
  if (result.faceLandmarks.length > 1) return nothing("many_faces");
  const obstacle = obstacleOf(face, grey);
  if (obstacle) return { ...nothing(obstacle), pose: face.pose };
  const scores = await classify(alignedCrop(grey, face.eyes));
  const sure = Math.max(...scores) >= MIN_TOP_PROBABILITY;
  return {
    quality: sure ? "ok" : "low_confidence",
    scores: sure ? scores : null,
    pose: face.pose,
    signs: face.signs,
  };
}

/** Why this face is not worth classifying. */
export function obstacleOf(face: FoundFace, grey: Grey): Quality | null {
  if (face.box.width < MIN_FACE_WIDTH) return "small_face";
  if (luminance(face.box, grey) < MIN_LUMINANCE) return "low_light";
  const away = Math.abs(face.pose.yaw) > MAX_YAW || Math.abs(face.pose.pitch) > MAX_PITCH;
  return away ? "turned_away" : null;
}

function nothing(quality: Quality): DeviceReading {
  return { quality, scores: null, pose: null, signs: null };
}
