/** What is kept of one learner, for that learner. */
import "./styles/bars.css";
import "./styles/report.css";
import "./styles/lesson.css";
import "./charts/expression-lines";
import "./charts/figure-with-table";
import "./charts/timeline-chart";
import "./lesson/withdraw-consent";
import "./my/my-page";
