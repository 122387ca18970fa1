/** Where a teacher writes a lesson. */
import "./styles/lesson.css";
import "./styles/author.css";
import "./author/lesson-author";
