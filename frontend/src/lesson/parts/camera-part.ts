/** What a student needs who uses the camera. */
import "../camera/camera-calibration";
import "../camera/camera-preview";
import "../camera/live-reading";

export { CaptureSession } from "../../capture/capture-session";
