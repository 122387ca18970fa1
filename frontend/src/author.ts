/** Entry point: lesson editor. */
import "./styles/lesson.css";
import "./styles/author.css";
import "./author/lesson-author";
