/** The rules of a lesson. */
import "./styles/report.css";
