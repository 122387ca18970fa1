/** Entry point: the teacher's report. */
import "./styles/bars.css";
import "./styles/live.css";
import "./styles/report.css";
import "./report/report-page";
