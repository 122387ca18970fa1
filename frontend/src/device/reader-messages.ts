/** What the page and the reading worker say to each other. */
import type { DeviceReading } from "./reading";

/** The answer of /api/v1/device-reader. */
export interface DeviceModels {
  landmarks_url: string;
  network_url: string;
  network_sha256: string;
  network_side: number;
  labels: string[];
  labels_version: string;
}

export type WorkerRequest =
  { type: "open"; models: DeviceModels } | { type: "read"; id: number; bitmap: ImageBitmap };

export type WorkerAnswer =
  | { type: "ready" }
  | { type: "failed"; why: string }
  | { type: "read"; id: number; reading: DeviceReading | null; ms: number };
