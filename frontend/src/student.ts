/** The student's lesson. */
import "./styles/lesson.css";
import "./styles/bars.css";
import "./lesson/camera-preview";
import "./lesson/camera-question";
import "./lesson/camera-sign";
import "./lesson/consent-form";
import "./lesson/face-at-rest";
import "./lesson/hint-place";
import "./lesson/how-is-it";
import "./lesson/lesson-room";
import "./lesson/lesson-step";
import "./lesson/lesson-welcome";
import "./lesson/live-reading";
import "./lesson/withdraw-consent";
import "./lesson/lesson-page";
import "./lti/frame-notice";
