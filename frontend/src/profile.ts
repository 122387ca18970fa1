/** Entry point: a learner's preferences. */
import "./styles/lesson.css";
import "./profile/learner-profile";
