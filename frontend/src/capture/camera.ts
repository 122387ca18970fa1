import { gettext } from "../text";

export type CameraProblem =
  "refused" | "blocked_by_page" | "none" | "busy" | "insecure" | "gone" | "unknown";

export class CameraError extends Error {
  constructor(readonly problem: CameraProblem) {
    super(problem);
  }
}

const VIDEO_CONSTRAINTS: MediaTrackConstraints = {
  width: { ideal: 640 },
  height: { ideal: 480 },
  frameRate: { ideal: 15, max: 30 },
  facingMode: "user",
};

/** Opens and stops the camera; the only user of getUserMedia. */
export class Camera {
  #stream: MediaStream | null = null;
  #opening: Promise<MediaStream | null> | null = null;
  /** Incremented by stop(), so that a stream requested earlier is stopped when it arrives. */
  #stops = 0;
  #onLost: () => void;

  constructor(onLost: () => void) {
    this.#onLost = onLost;
  }

  get live(): boolean {
    return this.#stream?.getVideoTracks().some((track) => track.readyState === "live") ?? false;
  }

  get stream(): MediaStream | null {
    return this.#stream;
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
    for (const track of stream.getVideoTracks())
      track.addEventListener("ended", () => {
        if (this.#stream !== stream) return;
        this.stop();
        this.#onLost();
      });
    return stream;
  }
}

function stopTracks(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

async function requestStream(): Promise<MediaStream> {
  // Undefined on plain http.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices?.getUserMedia) throw new CameraError("insecure");
  try {
    return await devices.getUserMedia({ video: VIDEO_CONSTRAINTS, audio: false });
  } catch (error) {
    throw new CameraError(toCameraProblem((error as DOMException).name, isCameraBlockedByPage()));
  }
}

/** An embedding page can block the camera by permissions policy. */
function isCameraBlockedByPage(): boolean {
  const policy = (document as { featurePolicy?: { allowsFeature(name: string): boolean } })
    .featurePolicy;
  return policy ? !policy.allowsFeature("camera") : false;
}

export function toCameraProblem(name: string, forbiddenHere: boolean): CameraProblem {
  if (name === "NotAllowedError" || name === "SecurityError")
    return forbiddenHere ? "blocked_by_page" : "refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "none";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "unknown";
}

export function formatCameraProblem(problem: CameraProblem): string {
  switch (problem) {
    case "refused":
      return gettext(
        "Your browser blocks the camera. Allow it in the address bar and try again, or continue without the camera.",
      );
    case "blocked_by_page":
      return gettext(
        "The page around this lesson blocks the camera. Open the lesson in a new window.",
      );
    case "none":
      return gettext("No camera found. Connect one and try again, or continue without the camera.");
    case "busy":
      return gettext(
        "Another program is using the camera. Close it and try again, or continue without the camera.",
      );
    case "insecure":
      return gettext("This browser cannot use a camera here. You can continue without it.");
    case "gone":
      return gettext("The camera was disconnected. Try again, or continue without it.");
    default:
      return gettext("The camera did not start. Try again, or continue without it.");
  }
}
