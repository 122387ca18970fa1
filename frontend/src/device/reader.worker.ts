/**
 * Worker: analyses frames on the device, clears them and returns scores. It cannot send anything.
 */
import "./mute-console";
import { FaceLandmarker } from "@mediapipe/tasks-vision";
import wasmLoaderPath from "@mediapipe/tasks-vision/vision_wasm_module_internal.js?url";
import wasmBinaryPath from "@mediapipe/tasks-vision/vision_wasm_module_internal.wasm?url";
import * as ort from "onnxruntime-web/wasm";
import type { LandmarkerResult } from "./landmarks";
import { MAX_FACES, MIN_SCORE } from "./limits";
import { restrictFetch } from "./fetch-guard";
import { type Grey, resizeBilinear, toGrey } from "./pixels";
import type { DeviceModels } from "../api/schema";
import type { WorkerRequest, WorkerResponse } from "./reader-messages";
import { type DeviceReading, readFace } from "./reading";

restrictFetch(globalThis);

interface WorkerScope {
  onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null;
  postMessage(message: WorkerResponse): void;
}

interface Reader {
  landmarker: FaceLandmarker;
  network: ort.InferenceSession;
  side: number;
}

const scope = self as unknown as WorkerScope;
let reader: Reader | null = null;
let canvas: OffscreenCanvas | null = null;

scope.onmessage = ({ data }) => {
  if (data.type === "open")
    void open(data.models).then(
      () => scope.postMessage({ type: "ready" }),
      (error: unknown) => scope.postMessage({ type: "failed", why: String(error) }),
    );
  else
    void readWithTime(data.bitmap).then(
      ({ reading, ms }) => scope.postMessage({ type: "read", id: data.id, reading, ms }),
      () => scope.postMessage({ type: "read", id: data.id, reading: null, ms: 0 }),
    );
};

async function open(models: DeviceModels): Promise<void> {
  const [task, network] = await Promise.all([
    fetchBytes(models.landmarks_url),
    fetchBytes(models.network_url),
  ]);
  reader = {
    landmarker: await openLandmarker(task),
    network: await openNetwork(network),
    side: models.network_side,
  };
  // Warm-up: the first run allocates memory.
  reader.landmarker.detect(new ImageData(320, 240));
  await classify(reader, toGrey(new Uint8ClampedArray(48 * 48 * 4), 48, 48));
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

function openLandmarker(task: Uint8Array): Promise<FaceLandmarker> {
  return FaceLandmarker.createFromOptions(
    { wasmLoaderPath, wasmBinaryPath },
    {
      baseOptions: { modelAssetBuffer: task, delegate: "CPU" },
      runningMode: "IMAGE",
      numFaces: MAX_FACES,
      minFaceDetectionConfidence: MIN_SCORE,
      minFacePresenceConfidence: MIN_SCORE,
      outputFaceBlendshapes: true,
      outputFacialTransformationMatrixes: true,
    },
  );
}

function openNetwork(network: Uint8Array): Promise<ort.InferenceSession> {
  // Threads need cross-origin isolation, which embedding pages do not provide.
  ort.env.wasm.numThreads = 1;
  return ort.InferenceSession.create(network, { executionProviders: ["wasm"] });
}

async function readWithTime(bitmap: ImageBitmap): Promise<{ reading: DeviceReading; ms: number }> {
  if (!reader) throw new Error("not open");
  const started = performance.now();
  const opened = reader;
  const pixels = readPixels(bitmap);
  try {
    const result = opened.landmarker.detect(pixels) as unknown as LandmarkerResult;
    const grey = toGrey(pixels.data, pixels.width, pixels.height);
    const reading = await readFace(result, grey, (crop) => classify(opened, crop));
    return { reading, ms: performance.now() - started };
  } finally {
    pixels.data.fill(0);
  }
}

function readPixels(bitmap: ImageBitmap): ImageData {
  const { width, height } = bitmap;
  canvas ??= new OffscreenCanvas(width, height);
  if (canvas.width !== width || canvas.height !== height)
    [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  if (!context) throw new Error("no 2d context");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const pixels = context.getImageData(0, 0, width, height);
  context.clearRect(0, 0, width, height);
  return pixels;
}

async function classify({ network, side }: Reader, crop: Grey): Promise<number[]> {
  const input = Float32Array.from(resizeBilinear(crop, side).data, (value) => value / 255);
  const face = new ort.Tensor("float32", input, [1, 1, side, side]);
  const { expressions } = await network.run({ face }, ["expressions"]);
  return Array.from(expressions?.data as Float32Array);
}
