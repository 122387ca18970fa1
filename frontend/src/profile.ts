/** How a learner wants to be met. */
import "./styles/lesson.css";
import "./profile/learner-profile";
