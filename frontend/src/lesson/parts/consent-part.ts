/** The camera question and the consent form. */
import "../camera/camera-question";
import "../consent/consent-form";
