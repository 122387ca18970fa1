/** Entry point: a student's lesson. Other parts are loaded when they are needed. */
import "./styles/lesson.css";
import "./styles/bars.css";
import "./lesson/lesson-welcome";
import "./lesson/lesson-page";
import "./lti/frame-notice";
