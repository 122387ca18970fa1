/** Types of the custom elements by tag name. */
declare global {
  interface HTMLElementTagNameMap {
    "camera-calibration": import("./lesson/camera/camera-calibration").CameraCalibration;
    "camera-preview": import("./lesson/camera/camera-preview").CameraPreview;
    "camera-question": import("./lesson/camera/camera-question").CameraQuestion;
    "camera-status": import("./lesson/camera/camera-status").CameraStatusElement;
    "chart-with-table": import("./charts/chart-with-table").ChartWithTable;
    "consent-form": import("./lesson/consent/consent-form").ConsentFormElement;
    "demo-tour": import("./report/demo-tour").DemoTour;
    "expression-lines": import("./charts/expression-lines").ExpressionLines;
    "hint-panel": import("./lesson/hints/hint-panel").HintPanel;
    "learner-corrections": import("./my/learner-corrections").LearnerCorrections;
    "lesson-step": import("./lesson/steps/lesson-step").LessonStep;
    "lesson-view": import("./lesson/lesson-view").LessonView;
    "lesson-welcome": import("./lesson/lesson-welcome").LessonWelcome;
    "live-reading": import("./lesson/camera/live-reading").LiveReading;
    "new-lesson": import("./author/new-lesson").NewLesson;
    "rule-form": import("./rules/rule-form").RuleForm;
    "step-editor": import("./author/step-editor").StepEditor;
    "step-question": import("./lesson/steps/step-question").StepQuestionForm;
    "step-rating": import("./lesson/steps/step-rating").StepRating;
    "support-sharing": import("./my/support-sharing").SupportSharing;
    "teacher-notifications": import("./report/teacher-notifications").TeacherNotifications;
    "timeline-chart": import("./charts/timeline-chart").TimelineChart;
    "withdraw-consent": import("./lesson/consent/withdraw-consent").WithdrawConsent;
  }
}

export {};
