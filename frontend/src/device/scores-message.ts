import type { DeviceModels } from "../api/schema";
import type { FrameHeader } from "../capture/protocol";
import type { Signs } from "./landmarks";
import type { DeviceReading } from "./reading";

const ROUNDING = 1e5;

/** The `scores` message of fer.capture.v1, sent in place of a frame. */
export function buildScoresMessage(
  header: FrameHeader,
  reading: DeviceReading,
  models: DeviceModels,
): string {
  const { pose, signs } = reading;
  return JSON.stringify({
    type: "scores",
    seq: header.seq,
    captured_ms: Math.floor(header.capturedMs),
    labels_version: models.labels_version,
    scores: reading.scores?.map(rounded) ?? null,
    pose: pose && [pose.yaw, pose.pitch, pose.roll].map(rounded),
    signs: signs && roundedSigns(signs),
    quality: reading.quality,
    model: models.network_sha256,
  });
}

function rounded(value: number): number {
  return Math.round(value * ROUNDING) / ROUNDING;
}

function roundedSigns(signs: Signs): Record<string, number> {
  // The eye aspect ratio of a turned face can exceed the protocol's range.
  return Object.fromEntries(
    Object.entries(signs).map(([name, value]) => [name, rounded(Math.min(2, Math.max(-2, value)))]),
  );
}
