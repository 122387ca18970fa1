import { getCameraId } from "../page/browser-settings";
import { type CameraProblem, toCameraProblem } from "./camera-problems";
import { withLimit } from "./limit";
import { isReadbackAltered } from "./readback";

/** Also the time in which the browser's question can be answered. */
const OPEN_TIMEOUT_MS = 30_000;
const LIST_TIMEOUT_MS = 3_000;

export class CameraError extends Error {
  constructor(readonly problem: CameraProblem) {
    super(problem);
  }
}

/** Opens and stops the camera; the only user of getUserMedia. */
export class Camera {
  #stream: MediaStream | null = null;
  #opening: Promise<MediaStream | null> | null = null;
  /** Incremented by stop(), so that a stream requested earlier is stopped when it arrives. */
  #stops = 0;
  #onLost: () => void;
  #onMuted: () => void;

  /** `onMuted` is called when the camera stops or starts to deliver pictures. */
  constructor(onLost: () => void, onMuted: () => void) {
    this.#onLost = onLost;
    this.#onMuted = onMuted;
  }

  get live(): boolean {
    return this.#track?.readyState === "live";
  }

  /** Whether the browser or the computer delivers no pictures of a live track. */
  get muted(): boolean {
    return this.#track?.muted ?? false;
  }

  /** Identifier of the open camera. */
  get id(): string {
    return this.#track?.getSettings().deviceId ?? "";
  }

  get stream(): MediaStream | null {
    return this.#stream;
  }

  get #track(): MediaStreamTrack | undefined {
    return this.#stream?.getVideoTracks()[0];
  }

  /** Resolves to null where stop() was called before the stream arrived. */
  open(): Promise<MediaStream | null> {
    if (this.#stream && this.live) return Promise.resolve(this.#stream);
    this.#opening ??= this.#open(this.#stops);
    return this.#opening;
  }

  stop(): void {
    this.#stops += 1;
    this.#opening = null;
    stopTracks(this.#stream);
    this.#stream = null;
    getDevices()?.removeEventListener?.("devicechange", this.#handleDeviceChange);
  }

  async #open(stops: number): Promise<MediaStream | null> {
    try {
      const stream = await requestStream();
      if (stops === this.#stops) return this.#watchStream(stream);
      stopTracks(stream);
      return null;
    } finally {
      if (stops === this.#stops) this.#opening = null;
    }
  }

  #watchStream(stream: MediaStream): MediaStream {
    this.#stream = stream;
    const whileOpen = (act: () => void) => () => {
      if (this.#stream === stream) act();
    };
    for (const track of stream.getVideoTracks()) {
      track.addEventListener("ended", whileOpen(this.#handleLost));
      for (const name of ["mute", "unmute"]) track.addEventListener(name, whileOpen(this.#onMuted));
    }
    getDevices()?.addEventListener?.("devicechange", this.#handleDeviceChange);
    return stream;
  }

  #handleLost = (): void => {
    this.stop();
    this.#onLost();
  };

  /** Some browsers send no "ended" for an unplugged camera. */
  #handleDeviceChange = (): void => {
    const { id } = this;
    void listCameras().then((cameras) => {
      if (id && id === this.id && cameras && !cameras.some(({ deviceId }) => deviceId === id))
        this.#handleLost();
    });
  };
}

function stopTracks(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Undefined on plain http; older browsers lack parts of it. */
export function getDevices(): Partial<MediaDevices> | undefined {
  return navigator.mediaDevices;
}

/** The cameras of this device; null where the browser does not list them. */
export async function listCameras(): Promise<MediaDeviceInfo[] | null> {
  try {
    const all = await withLimit(navigator.mediaDevices.enumerateDevices(), LIST_TIMEOUT_MS);
    return all.filter(({ kind, deviceId }) => kind === "videoinput" && deviceId);
  } catch {
    return null;
  }
}

async function requestStream(): Promise<MediaStream> {
  if (!getDevices()?.getUserMedia) throw new CameraError("insecure");
  if (isReadbackAltered()) throw new CameraError("hidden");
  const tries = listConstraints();
  for (;;) {
    const [video] = tries.splice(0, 1);
    try {
      const request = navigator.mediaDevices.getUserMedia({ video: video ?? true, audio: false });
      return await withLimit(request, OPEN_TIMEOUT_MS, stopTracks);
    } catch (error) {
      const { name } = error as Error;
      // No camera fits, or the chosen one is not connected: ask for less.
      const isTooMuch = name === "OverconstrainedError" || name === "NotFoundError";
      if (isTooMuch && tries.length) continue;
      throw new CameraError(toCameraProblem(error as Error, isCameraBlockedByPage()));
    }
  }
}

/** Constraints to try, the widest last. */
function listConstraints(): (MediaTrackConstraints | true)[] {
  const id = getCameraId();
  const chosen = { deviceId: { exact: id } };
  const quality = {
    width: { ideal: 640 },
    height: { ideal: 480 },
    frameRate: { ideal: 15, max: 30 },
  };
  return id
    ? [{ ...quality, ...chosen }, chosen, true]
    : [{ ...quality, facingMode: "user" }, true];
}

/** An embedding page can block the camera by permissions policy. */
function isCameraBlockedByPage(): boolean {
  const policy = (document as { featurePolicy?: { allowsFeature(name: string): boolean } })
    .featurePolicy;
  return policy ? !policy.allowsFeature("camera") : false;
}
