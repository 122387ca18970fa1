/** What is kept of one learner, for that learner. */
import "./styles/bars.css";
import "./styles/report.css";
import "./styles/lesson.css";
import "./lesson/withdraw-consent";
import "./my/my-page";
