/** Entry point: a student's lesson. */
import "./styles/lesson.css";
import "./styles/bars.css";
import "./lesson/camera/camera-preview";
import "./lesson/camera/camera-question";
import "./lesson/camera/camera-status";
import "./lesson/consent/consent-form";
import "./lesson/camera/camera-calibration";
import "./lesson/hints/hint-panel";
import "./lesson/steps/step-rating";
import "./lesson/lesson-view";
import "./lesson/steps/lesson-step";
import "./lesson/lesson-welcome";
import "./lesson/camera/live-reading";
import "./lesson/consent/withdraw-consent";
import "./lesson/lesson-page";
import "./lti/frame-notice";
