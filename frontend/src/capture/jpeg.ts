/** JPEG encoding of video frames, in a worker where the browser supports it. */
import { computeCenterCrop } from "./crop";

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
  /** Resolves to null where this frame could not be encoded. */
  make(video: HTMLVideoElement, width: number, height: number): Promise<ArrayBuffer | null>;
  close(): void;
}

const QUALITY = 0.7;

export function createJpegEncoder(): JpegEncoder {
  const able = typeof Worker !== "undefined" && typeof OffscreenCanvas !== "undefined";
  return able ? new WorkerJpegEncoder() : new CanvasJpegEncoder();
}

class WorkerJpegEncoder implements JpegEncoder {
  #worker = new Worker(new URL("./jpeg.worker.ts", import.meta.url), { type: "module" });
  #waiting = new Map<number, (jpeg: ArrayBuffer | null) => void>();
  #next = 0;
  /** Used after the worker failed. */
  #fallback: JpegEncoder | null = null;

  constructor() {
    this.#worker.onmessage = (event: MessageEvent<JpegResponse>) => {
      this.#waiting.get(event.data.id)?.(event.data.jpeg);
      this.#waiting.delete(event.data.id);
    };
    this.#worker.onerror = () => {
      this.#fallback = new CanvasJpegEncoder();
      this.#resolveAll();
    };
  }

  async make(video: HTMLVideoElement, width: number, height: number): Promise<ArrayBuffer | null> {
    if (this.#fallback) return this.#fallback.make(video, width, height);
    const bitmap = await grabBitmap(video, width, height);
    if (!bitmap) return null;
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#worker.postMessage({ id, bitmap, quality: QUALITY } satisfies JpegRequest, [bitmap]);
    });
  }

  close(): void {
    this.#worker.terminate();
    this.#fallback?.close();
    this.#resolveAll();
  }

  #resolveAll(): void {
    for (const resolve of this.#waiting.values()) resolve(null);
    this.#waiting.clear();
  }
}

class CanvasJpegEncoder implements JpegEncoder {
  #canvas = document.createElement("canvas");

  async make(video: HTMLVideoElement, width: number, height: number): Promise<ArrayBuffer | null> {
    const context = this.#canvas.getContext("2d", { alpha: false });
    if (!context || !video.videoWidth) return null;
    this.#canvas.width = width;
    this.#canvas.height = height;
    const part = computeCenterCrop(video.videoWidth, video.videoHeight, width, height);
    context.drawImage(video, part.x, part.y, part.width, part.height, 0, 0, width, height);
    const blob = await new Promise<Blob | null>((resolve) =>
      this.#canvas.toBlob(resolve, "image/jpeg", QUALITY),
    );
    this.close();
    return blob ? blob.arrayBuffer() : null;
  }

  close(): void {
    // Resizing clears the canvas.
    this.#canvas.width = this.#canvas.height = 0;
  }
}

/** Current video frame at the given size; null where the track has ended. */
export async function grabBitmap(
  video: HTMLVideoElement,
  width: number,
  height: number,
): Promise<ImageBitmap | null> {
  if (!video.videoWidth) return null;
  const part = computeCenterCrop(video.videoWidth, video.videoHeight, width, height);
  try {
    return await createImageBitmap(video, part.x, part.y, part.width, part.height, {
      resizeWidth: width,
      resizeHeight: height,
      resizeQuality: "medium",
    });
  } catch {
    // The track has ended.
    return null;
  }
}
