/** Entry point: the large live view of a class. */
import "./styles/live.css";
import "./report/live-view";
