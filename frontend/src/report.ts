/** The teacher's report of one sitting. */
import "./styles/bars.css";
import "./styles/report.css";
import "./report/report-page";
