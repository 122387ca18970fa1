/** JPEG encoding of video frames: in a worker, else on the page. */
import { computeCenterCrop, type Rectangle } from "./crop";
import { withLimit } from "./limit";

export interface JpegRequest {
  id: number;
  bitmap: ImageBitmap;
  quality: number;
}

export interface JpegResponse {
  id: number;
  jpeg: ArrayBuffer | null;
}

export interface JpegEncoder {
  /** Resolves to null while the video has no picture; rejects where the browser cannot encode. */
  make(video: HTMLVideoElement, width: number, height: number): Promise<ArrayBuffer | null>;
  close(): void;
}

const QUALITY = 0.7;
const ENCODE_TIMEOUT_MS = 3_000;

/** Encodes in a worker until that fails once, and on the page from then on. */
export function createJpegEncoder(): JpegEncoder {
  let encoder: JpegEncoder | null = null;
  let isWorkerTried = false;
  return {
    async make(video, width, height) {
      if (!isWorkerTried) {
        try {
          encoder ??= new WorkerJpegEncoder();
          return await encoder.make(video, width, height);
        } catch {
          isWorkerTried = true;
          encoder?.close();
          encoder = new CanvasJpegEncoder();
        }
      }
      return encoder?.make(video, width, height) ?? null;
    },
    close() {
      isWorkerTried = true;
      encoder?.close();
      encoder = null;
    },
  };
}

class WorkerJpegEncoder implements JpegEncoder {
  #worker = new Worker(new URL("./jpeg.worker.ts", import.meta.url), { type: "module" });
  #waiting = new Map<number, (jpeg: ArrayBuffer | null) => void>();
  #next = 0;

  constructor() {
    this.#worker.onmessage = (event: MessageEvent<JpegResponse>) =>
      this.#waiting.get(event.data.id)?.(event.data.jpeg);
    this.#worker.onerror = () => this.#resolveAll();
  }

  async make(video: HTMLVideoElement, width: number, height: number): Promise<ArrayBuffer | null> {
    if (!video.videoWidth) return null;
    const bitmap = await grabBitmap(video, width, height);
    const id = this.#next++;
    const work = new Promise<ArrayBuffer | null>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#worker.postMessage({ id, bitmap, quality: QUALITY } satisfies JpegRequest, [bitmap]);
    });
    const jpeg = await withLimit(work, ENCODE_TIMEOUT_MS);
    this.#waiting.delete(id);
    if (!jpeg) throw new Error("the worker encodes no JPEG");
    return jpeg;
  }

  close(): void {
    this.#worker.terminate();
    this.#resolveAll();
  }

  #resolveAll(): void {
    for (const resolve of this.#waiting.values()) resolve(null);
  }
}

class CanvasJpegEncoder implements JpegEncoder {
  #canvas = document.createElement("canvas");

  async make(video: HTMLVideoElement, width: number, height: number): Promise<ArrayBuffer | null> {
    if (!video.videoWidth) return null;
    drawVideo(this.#canvas, video, width, height);
    const work = new Promise<Blob | null>((resolve) =>
      this.#canvas.toBlob(resolve, "image/jpeg", QUALITY),
    );
    const blob = await withLimit(work, ENCODE_TIMEOUT_MS);
    this.close();
    if (blob?.type !== "image/jpeg") throw new Error("the page encodes no JPEG");
    return withLimit(blob.arrayBuffer(), ENCODE_TIMEOUT_MS);
  }

  close(): void {
    // Resizing clears the canvas.
    this.#canvas.width = this.#canvas.height = 0;
  }
}

/** createImageBitmap failed once; some browsers lack its options, do not resize, or never settle. */
let areBitmapsBroken = false;

/** Current video frame at the given size. Rejects where the browser makes no bitmap. */
export async function grabBitmap(
  video: HTMLVideoElement,
  width: number,
  height: number,
): Promise<ImageBitmap> {
  if (!areBitmapsBroken)
    try {
      const { x, y, ...part } = crop(video, width, height);
      const options = {
        resizeWidth: width,
        resizeHeight: height,
        resizeQuality: "medium",
      } as const;
      const work = createImageBitmap(video, x, y, part.width, part.height, options);
      return await withLimit(work, ENCODE_TIMEOUT_MS, (late) => late.close());
    } catch {
      areBitmapsBroken = true;
    }
  const canvas = new OffscreenCanvas(width, height);
  drawVideo(canvas, video, width, height);
  return canvas.transferToImageBitmap();
}

function drawVideo(
  canvas: HTMLCanvasElement | OffscreenCanvas,
  video: HTMLVideoElement,
  width: number,
  height: number,
): void {
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", { alpha: false }) as CanvasRenderingContext2D | null;
  if (!context) throw new Error("no 2d context");
  const part = crop(video, width, height);
  context.drawImage(video, part.x, part.y, part.width, part.height, 0, 0, width, height);
}

function crop(video: HTMLVideoElement, width: number, height: number): Rectangle {
  return computeCenterCrop(video.videoWidth, video.videoHeight, width, height);
}
