/** What a student needs after *Start*: steps, hints, ways out. */
import "../camera/camera-status";
import "../consent/withdraw-consent";
import "../hints/hint-panel";
import "../lesson-view";
import "../steps/lesson-step";
import "../steps/step-rating";

export { buildLessonEnd } from "../lesson-end";
