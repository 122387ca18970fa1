/** Entry point: a student's lesson. */
import "./styles/lesson.css";
import "./styles/bars.css";
import "./lesson/camera-preview";
import "./lesson/camera-question";
import "./lesson/camera-status";
import "./lesson/consent-form";
import "./lesson/camera-calibration";
import "./lesson/hint-panel";
import "./lesson/step-rating";
import "./lesson/lesson-view";
import "./lesson/lesson-step";
import "./lesson/lesson-welcome";
import "./lesson/live-reading";
import "./lesson/withdraw-consent";
import "./lesson/lesson-page";
import "./lti/frame-notice";
