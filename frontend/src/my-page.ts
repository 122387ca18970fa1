/** Entry point: a learner's own page of a session. */
import "./styles/bars.css";
import "./styles/report.css";
import "./styles/lesson.css";
import "./lesson/consent/withdraw-consent";
import "./my/my-page";
