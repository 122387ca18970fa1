/** Messages between the page and the reading worker. */
import type { DeviceModels } from "../api/schema";
import type { DeviceReading } from "./reading";

export type WorkerRequest =
  { type: "open"; models: DeviceModels } | { type: "read"; id: number; bitmap: ImageBitmap };

export type WorkerResponse =
  | { type: "ready" }
  | { type: "failed"; why: string }
  | { type: "read"; id: number; reading: DeviceReading | null; ms: number };
