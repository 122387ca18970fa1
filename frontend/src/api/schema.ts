// Generated from the OpenAPI schema by `make api-types`. Do not edit.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An entrance to the lesson in the learning platform; its students have own sessions. */
        Activity: {
            id: number;
            title: string;
        };
        AnswerRequest: {
            /** Format: int64 */
            step_id: number;
            /**
             * Format: int64
             * @description of the step that was shown; 409 where it changed
             */
            revision?: number | null;
            /** @description choice: its index from 0; otherwise the text */
            answer: string;
            seconds?: number | null;
            /**
             * @description idempotency key: an answer with the same key is graded once
             * @default
             */
            key?: string;
            /**
             * @description age of an answer that waited for a connection
             * @default 0
             */
            ago_ms?: number;
        };
        /** @enum {string} */
        AskedForHintEnum: "several" | "most";
        AuthoredLesson: {
            id: number;
            course: string;
            title: string;
            summary: string;
            minutes: number;
            language: string;
            /** @description of title, summary, minutes and language */
            revision: string;
            /** @description whether the lesson has sessions */
            held: boolean;
            embed_hosts: string[];
            steps: components["schemas"]["AuthoredStep"][];
        };
        AuthoredPicture: {
            readonly url: string;
            alternative_text: string;
            /** Format: int64 */
            width: number;
            /** Format: int64 */
            height: number;
            readonly revision: string;
        };
        AuthoredStep: {
            title: string;
            /** @default  */
            body: string;
            /** @default  */
            easy_body: string;
            embed: components["schemas"]["EmbedDocument"] | null;
            question: components["schemas"]["QuestionDocument"] | null;
            hints: components["schemas"]["HintDocument"][];
            id: number;
            revision: number;
            picture: components["schemas"]["AuthoredPicture"] | null;
        };
        Baseline: {
            ready: boolean;
            /** Format: date-time */
            from_at: string | null;
            seen_seconds: number;
            /** Format: date-time */
            expires_at: string | null;
            /** @description seconds seen towards the next baseline */
            gathered_seconds: number;
            needed_seconds: number;
            /** Format: double */
            lasts_hours: number;
        };
        /** @enum {unknown} */
        BlankEnum: "";
        CaptureTicket: {
            ticket: string;
            /** @description seconds */
            expires_in: number;
            /** @description absolute ws or wss address */
            url: string;
            max_frame_bytes: number;
            max_fps: number;
            width: number;
            height: number;
        };
        /** @enum {string} */
        ChangeEnum: "lower" | "similar" | "higher";
        ChoiceDocument: {
            text: string;
            /** @default false */
            right: boolean;
        };
        ChoiceDocumentRequest: {
            text: string;
            /** @default false */
            right?: boolean;
        };
        /** @description Shares of one session's final report, unchanged; without a camera. */
        ComparedSession: {
            /** Format: uuid */
            session_id: string;
            /** Format: date-time */
            started_at: string;
            /** @description the steps that both sessions have */
            steps: components["schemas"]["ComparedStep"][];
        };
        ComparedStep: {
            position: number;
            /**
             * Format: double
             * @description `self_reports.hard`
             */
            called_hard: number | null;
            /** Format: double */
            asked_for_hint: number | null;
            /** Format: double */
            right_at_first: number | null;
            /** @description by the rule of the headline */
            is_hard: boolean;
        };
        Consent: {
            text_version: string;
            /** @description by locale */
            text: {
                [key: string]: components["schemas"]["ConsentTextForms"];
            };
            disclosed_terms: components["schemas"]["DisclosedTerms"];
            /**
             * @deprecated
             * @description deprecated: use `disclosed_terms`
             */
            promised?: components["schemas"]["DisclosedTerms"];
            responsible: components["schemas"]["Controller"];
            granted: components["schemas"]["Grants"];
            state: components["schemas"]["ConsentStateEnum"];
            /** @description earlier consent is no longer valid: the text or the policy changed */
            ask_again: boolean;
            /** @description state of the newest request to the guardian */
            guardian: (components["schemas"]["GuardianEnum"] | components["schemas"]["NullEnum"]) | null;
            /** @description permissions waiting for the guardian */
            awaiting: components["schemas"]["PermissionEnum"][];
            epoch: number;
            erased: boolean;
            receipt: string;
            /** @description support persons of this learner */
            supporters: components["schemas"]["NamedSupporter"][];
        };
        /** @description A complete answer; permissions left out are refused. */
        ConsentDecisionRequest: {
            /** @default false */
            capture?: boolean;
            /** @default false */
            server_processing?: boolean;
            /** @default false */
            own_view?: boolean;
            /** @default false */
            support_view?: boolean;
            /** @default false */
            research?: boolean;
            /** @description ids of the supporters shown with the question; 409 where they have changed */
            supporters?: string[] | null;
            /** @description as shown with the text; 409 where they have changed */
            disclosed_terms?: components["schemas"]["DisclosedTermsRequest"] | null;
            /**
             * @deprecated
             * @description deprecated: use `disclosed_terms`
             */
            promised?: components["schemas"]["DisclosedTermsRequest"] | null;
            text_version: string;
            /**
             * @description of the text shown
             * @default
             */
            locale?: string;
            /**
             * @description of the text shown
             * @default
             */
            form?: components["schemas"]["FormEnum"] | components["schemas"]["BlankEnum"];
        };
        ConsentPoint: {
            /** @description name of a pictogram */
            symbol?: string;
            heading: string;
            body: string;
        };
        /** @description One question, as it is shown on a screen of its own. */
        ConsentQuestion: {
            /** @description name of a pictogram */
            symbol: string;
            heading: string;
            body: string;
            permission: components["schemas"]["PermissionEnum"];
        };
        /** @enum {string} */
        ConsentStateEnum: "none" | "granted" | "pending_guardian" | "withdrawn";
        ConsentTextForm: {
            title: string;
            intro: string;
            points: components["schemas"]["ConsentPoint"][];
            /** @description by permission; absent in texts before 2026-11-6 */
            questions?: components["schemas"]["ConsentQuestion"][];
        };
        ConsentTextForms: {
            standard?: components["schemas"]["ConsentTextForm"];
            /** @description easy read */
            easy?: components["schemas"]["ConsentTextForm"];
        };
        /** @description The data controller, as the policy names it. */
        Controller: {
            purpose: string;
            /** @description who is responsible */
            controller: string;
            /** @description contact for questions */
            contact: string;
        };
        Correction: {
            value: components["schemas"]["CorrectionEnum"];
            text: string;
            /**
             * @deprecated
             * @description deprecated: use `value`
             */
            said?: components["schemas"]["CorrectionEnum"];
            /**
             * @deprecated
             * @description deprecated: use `text`
             */
            words?: string;
        };
        /** @enum {string} */
        CorrectionEnum: "thinking" | "interested" | "fine" | "tired" | "stuck" | "other";
        Course: {
            id: number;
            title: string;
        };
        CreatedLesson: {
            id: number;
            notices: string[];
        };
        CreatedSession: {
            /** Format: uuid */
            id: string;
        };
        DeviceModels: {
            /** @description MediaPipe's face_landmarker.task */
            landmarks_url: string;
            /** @description our network, ONNX */
            network_url: string;
            /** @description goes into each `scores` message as `model` */
            network_sha256: string;
            /** @description pixels of its square grey input */
            network_side: number;
            labels: string[];
            labels_version: string;
        };
        DeviceReaderRefusal: {
            reason: components["schemas"]["DeviceReaderRefusalReasonEnum"];
            detail: string;
        };
        /** @enum {string} */
        DeviceReaderRefusalReasonEnum: "no_policy" | "no_models";
        /** @description Numbers that the consent text states. */
        DisclosedTerms: {
            /** Format: int64 */
            kept_days: number;
            /** Format: int64 */
            small_group: number;
        };
        /** @description Numbers that the consent text states. */
        DisclosedTermsRequest: {
            /** Format: int64 */
            kept_days: number;
            /** Format: int64 */
            small_group: number;
        };
        Embed: {
            url: string;
            title: string;
            host: string;
            sandbox: string;
        };
        EmbedDocument: {
            url: string;
            title: string;
        };
        EmbedDocumentRequest: {
            url: string;
            title: string;
        };
        Engagement: {
            /**
             * Format: double
             * @description rounded to 0.1
             */
            mean: number;
            /** @description share of the time at each level, rounded to 0.1; null while the lesson is open */
            levels: components["schemas"]["EngagementLevels"] | null;
        };
        EngagementLevels: {
            /** Format: double */
            high: number;
            /** Format: double */
            medium: number;
            /** Format: double */
            low: number;
        };
        Erasure: {
            erased: boolean;
            receipt: string;
            counts: {
                [key: string]: number;
            };
        };
        EventBatchRequest: {
            events: components["schemas"]["EventRequest"][];
        };
        /** @enum {string} */
        EventKindEnum: "step_opened" | "answered" | "self_report" | "hint_asked" | "idle" | "returned";
        EventRequest: {
            kind: components["schemas"]["EventKindEnum"];
            /** Format: int64 */
            step_id?: number | null;
            /** @description self_report: easy, fine, hard; answered: right, wrong */
            value?: string | null;
            /** @description answered: number of this attempt */
            attempts?: number | null;
            /** @description answered: since the step was opened; idle: duration */
            seconds?: number | null;
            /**
             * @description age by the client's monotonic clock; more than ten minutes count as ten
             * @default 0
             */
            ago_ms?: number;
            /**
             * @description idempotency key: events with the same key are stored once
             * @default
             */
            key?: string;
        };
        /** @enum {string} */
        EvidenceEnum: "frustration" | "confusion" | "disengagement" | "said_hard";
        FiringReason: {
            part: string;
            words: string;
            /**
             * Format: double
             * @description of the learners who got the hint
             */
            share: number;
        };
        /** @enum {string} */
        FormEnum: "standard" | "easy";
        GlobalSwitchRequest: {
            off: boolean;
        };
        GradedAnswer: {
            right: boolean;
            attempts: number;
            feedback: string;
        };
        Grants: {
            /** @default false */
            capture: boolean;
            /** @default false */
            server_processing: boolean;
            /** @default false */
            own_view: boolean;
            /** @default false */
            support_view: boolean;
            /** @default false */
            research: boolean;
        };
        /** @enum {string} */
        GuardianEnum: "asked" | "given" | "refused" | "withdrawn";
        Help: {
            rules: components["schemas"]["RuleHelp"][];
            /** @description why rules did not fire at the end */
            silent: components["schemas"]["SilenceReason"][];
        };
        Hint: {
            hint_id: number;
            title: string;
            body: string;
            /** @description reason in a sentence, to the learner */
            why: string;
            readonly dismissable: boolean;
            kind: components["schemas"]["HintKindEnum"];
            form: string;
            symbol: string;
            /** @description hint level */
            level: number | null;
            /**
             * @deprecated
             * @description deprecated: use `level`
             */
            rung?: number | null;
            readonly step_id: number | null;
            /** Format: date-time */
            fired_at: string;
            /** @description requested by the learner */
            readonly asked: boolean;
            /** @description accepted answers */
            readonly answers: string[];
            /** @description latest answer; empty where there is none */
            readonly answer: string;
        };
        /** @enum {string} */
        HintAnswerEnum: "helped" | "not_now" | "not_hard" | "leave_me_alone" | "yes" | "no" | "hints_again";
        HintAnswerRequest: {
            answer: components["schemas"]["HintAnswerEnum"];
        };
        /** @description The hint of one level. */
        HintDocument: {
            level: components["schemas"]["HintLevelEnum"];
            /**
             * @deprecated
             * @description deprecated: use `level`
             */
            rung?: components["schemas"]["HintLevelEnum"];
            text: string;
            /** @default  */
            simple_text: string;
            /** @default  */
            symbol: components["schemas"]["HintSymbolEnum"] | components["schemas"]["BlankEnum"];
        };
        /** @description The hint of one level. */
        HintDocumentRequest: {
            level: components["schemas"]["HintLevelEnum"];
            /**
             * @deprecated
             * @description deprecated: use `level`
             */
            rung?: components["schemas"]["HintLevelEnum"];
            text: string;
            /** @default  */
            simple_text?: string;
            /** @default  */
            symbol?: components["schemas"]["HintSymbolEnum"] | components["schemas"]["BlankEnum"];
        };
        /** @enum {string} */
        HintFormEnum: "text" | "simple_text" | "symbol" | "audio";
        /** @enum {string} */
        HintKindEnum: "hint" | "break" | "easier" | "question" | "tell_teacher";
        /** @enum {string} */
        HintLevelEnum: "nudge" | "explanation" | "worked_example";
        /** @enum {string} */
        HintSymbolEnum: "look_again" | "draw" | "compare" | "count" | "split" | "read" | "ask" | "pause";
        HintTimingRequest: {
            timing: components["schemas"]["TimingEnum"];
        };
        Html: {
            html: string;
        };
        LearnerGroup: {
            readonly id: number;
            title: string;
            members: string[];
            /** @description titles of rules for this group */
            readonly rules: string[];
            /** @description of the group that was shown; 409 where it is no longer the stored one */
            revision: string | null;
        };
        LearnerGroupRequest: {
            title: string;
            members?: string[];
            /** @description of the group that was shown; 409 where it is no longer the stored one */
            revision?: string | null;
        };
        LearnerGroups: {
            groups: components["schemas"]["LearnerGroup"][];
            /** @description who can be a member */
            learners: components["schemas"]["Option"][];
            /** @description students are in a lesson of the course: changes apply from its next session on */
            in_session: boolean;
        };
        Lesson: {
            readonly id: number;
            title: string;
            summary: string;
            /**
             * Format: int64
             * @description How long it usually takes.
             */
            minutes: number;
            /** @description Language tag such as de or ar; empty: not stated. */
            language: string;
            readonly steps: components["schemas"]["Step"][];
        };
        LessonHeadDocumentRequest: {
            title: string;
            /** @default  */
            summary?: string;
            /** @default 20 */
            minutes?: number;
            /** @description language tag such as de or ar; empty: not stated */
            language?: string;
        };
        LessonRules: {
            rules: components["schemas"]["Rule"][];
            /** @description students are in the lesson: changes apply from the next session on, except switching off */
            in_session: boolean;
            templates: components["schemas"]["RuleTemplate"][];
            off: components["schemas"]["SwitchStates"];
            /** @description threshold, release, over_windows, of_windows, held_windows, minimum_coverage, cooldown_seconds, max_per_lesson, quiet_start_seconds */
            limits: {
                [key: string]: components["schemas"]["ValueRange"];
            };
            evidence: components["schemas"]["Option"][];
            actions: components["schemas"]["Option"][];
            steps: components["schemas"]["Option"][];
            learners: components["schemas"]["Option"][];
            groups: components["schemas"]["Option"][];
            /** @description sessions a preview can run on */
            sessions: components["schemas"]["Option"][];
        };
        LessonSummary: {
            id: number;
            title: string;
            course: string;
            course_id: number;
            activities: components["schemas"]["Activity"][];
            sessions: components["schemas"]["SessionSummary"][];
        };
        /** @description Fields that are left out keep their value. */
        LessonUpdateRequest: {
            title: string;
            /** @default  */
            summary?: string;
            /** @default 20 */
            minutes?: number;
            /** @description language tag such as de or ar; empty: not stated */
            language?: string;
            /** @description of the lesson that was shown; 409 where it is no longer the stored one */
            revision?: string | null;
        };
        LessonUploadRequest: {
            /** Format: binary */
            file: string;
        };
        /** @enum {string} */
        LevelWithheldEnum: "similar_group";
        /** @description The class now, without a camera, as released at the policy's interval. */
        Live: {
            /** Format: date-time */
            released_at: string | null;
            /** @description not_yet, few_present (fewer than k + 3 students) or withdrawn */
            withheld: string | null;
            /** @description position of the first step on which the middle of the class is */
            first_step: number | null;
            last_step: number | null;
            steps: components["schemas"]["LiveStep"][];
        };
        LiveStep: {
            position: number;
            title: string;
            /** @description part of the students in the lesson who are on this step now; null: fewer than k */
            on_step: (components["schemas"]["OnStepEnum"] | components["schemas"]["NullEnum"]) | null;
            /** @description null: fewer than k, or not known */
            asked_for_hint: (components["schemas"]["AskedForHintEnum"] | components["schemas"]["NullEnum"]) | null;
            /** @description at least k students who are on it now asked for a hint, called it hard or answered wrong twice, without a right answer since; until most have left the step */
            may_be_stuck: boolean;
        };
        MarkdownRequest: {
            markdown: string;
        };
        /** @enum {string} */
        ModeEnum: "frames" | "scores" | "lesson";
        ModelInfo: {
            name: string;
            /** @description empty for simulated data */
            sha256: string;
            /** @description where the model's measured accuracy is documented */
            accuracy: string;
        };
        MyReport: {
            windows: components["schemas"]["ObservationWindow"][];
            /** @description what the learner did, and hints shown */
            actions: components["schemas"]["OwnAction"][];
            /** Format: date-time */
            kept_until: string;
            lesson: string;
            /** Format: date-time */
            started_at: string;
            /**
             * Format: date-time
             * @description when the learner came; lesson time counts from it
             */
            joined_at: string;
        };
        NamedSupporter: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @description whether this person has access to this session now */
            sees: boolean;
        };
        NewRuleRequest: {
            title: string;
            /** @default  */
            template?: string;
            spec: components["schemas"]["RuleSpecRequest"];
        };
        NewRuleVersionRequest: {
            spec: components["schemas"]["RuleSpecRequest"];
            /**
             * Format: int64
             * @description number of the version that was shown; 409 where there is a newer one
             */
            base?: number | null;
        };
        NewSessionRequest: {
            /** Format: date-time */
            closes_at?: string | null;
            /**
             * Format: int64
             * @description whose students come into the session; null: those of the first activity
             */
            activity_id?: number | null;
        };
        /** @enum {unknown} */
        NullEnum: null;
        ObservationWindow: {
            /** Format: date-time */
            start: string;
            state: components["schemas"]["ObservationWindowStateEnum"];
            received: number;
            refused: {
                [key: string]: number;
            };
            accepted: number;
            processed: number;
            lost: {
                [key: string]: number;
            };
            /** Format: double */
            coverage: number;
            expressions: {
                [key: string]: number;
            } | null;
            /** Format: double */
            engagement: number | null;
            /** @description the learner's correction */
            correction: components["schemas"]["Correction"] | null;
            /**
             * @deprecated
             * @description deprecated: use `correction`
             */
            own_word?: components["schemas"]["Correction"] | null;
        };
        /** @enum {string} */
        ObservationWindowStateEnum: "provisional" | "closed";
        /** @enum {string} */
        OnStepEnum: "some" | "half" | "most";
        Option: {
            id: string;
            title: string;
        };
        OwnAction: {
            /** Format: date-time */
            at: string;
            kind: components["schemas"]["OwnActionKindEnum"];
            /** @description title of the step */
            step: string;
            /** @description right or wrong; easy, fine or hard */
            value: string;
            /** @description title of the hint */
            text: string;
        };
        /** @enum {string} */
        OwnActionKindEnum: "step_opened" | "answered" | "self_report" | "hint_asked" | "hint";
        PatchedClosingTimeRequest: {
            /**
             * Format: date-time
             * @description a time to come, before the first data of the session is deleted
             */
            closes_at?: string | null;
        };
        /** @description A partial change; permissions left out keep their value. */
        PatchedConsentChangeRequest: {
            /**
             * @description required to grant, not to withdraw
             * @default
             */
            text_version?: string;
            /** @description ids of the supporters shown with the question; 409 where they have changed */
            supporters?: string[] | null;
            /** @description as shown with the text; 409 where they have changed */
            disclosed_terms?: components["schemas"]["DisclosedTermsRequest"] | null;
            /**
             * @deprecated
             * @description deprecated: use `disclosed_terms`
             */
            promised?: components["schemas"]["DisclosedTermsRequest"] | null;
            own_view?: boolean;
            support_view?: boolean;
            research?: boolean;
        };
        PatchedPictureDescriptionRequest: {
            alternative_text?: string;
            /** @description of the picture that was shown, `none` without one; 409 where it changed */
            revision?: string | null;
        };
        PatchedProfileRequest: {
            hint_form?: components["schemas"]["HintFormEnum"];
            reading_level?: components["schemas"]["ReadingLevelEnum"];
            /** @description Never ask this learner about a camera. */
            no_camera?: boolean;
            /** @description What a face shows has no weight for this learner. */
            expressions_do_not_fit?: boolean;
            /** @description No hints come by themselves; asking for one still works. */
            hints_muted?: boolean;
        };
        /** @enum {string} */
        PermissionEnum: "capture" | "server_processing" | "own_view" | "support_view" | "research";
        PersonalData: {
            person: {
                [key: string]: unknown;
            };
            enrolments: {
                [key: string]: unknown;
            }[];
            participations: {
                [key: string]: unknown;
            }[];
            threshold_shifts: {
                [key: string]: unknown;
            }[];
            learner_groups: {
                [key: string]: unknown;
            }[];
            rule_switches: {
                [key: string]: unknown;
            }[];
            supporters: {
                [key: string]: unknown;
            }[];
            supports: {
                [key: string]: unknown;
            }[];
            /** @description browser sessions in which they are signed in */
            logins: number;
            other: {
                [key: string]: unknown;
            };
        };
        PictureUploadRequest: {
            /** Format: binary */
            file: string;
            alternative_text: string;
            /** @description of the picture that was shown, `none` without one; 409 where it changed */
            revision?: string | null;
        };
        PlatformPersonRequest: {
            issuer: string;
            subject: string;
            /**
             * @description for erase: count rows and delete nothing
             * @default false
             */
            dry_run?: boolean;
        };
        PreviewFiring: {
            /** @description simulated class only */
            minute: number | null;
            step_id: number | null;
            /** @description simulated class only */
            times: number | null;
            /** @description recorded session only: in thirds */
            spoken_to: (components["schemas"]["PreviewFiringSpokenToEnum"] | components["schemas"]["NullEnum"]) | null;
            why: string[];
        };
        /** @enum {string} */
        PreviewFiringSpokenToEnum: "some" | "many";
        PreviewParametersRequest: {
            spec: components["schemas"]["RuleSpecRequest"];
            /**
             * Format: uuid
             * @description null: a simulated class
             */
            session_id?: string | null;
            /**
             * Format: int64
             * @description the rule this would be a new version of
             */
            rule_id?: number | null;
        };
        Problem: {
            detail: string;
            reason: string;
        };
        Profile: {
            hint_form: components["schemas"]["HintFormEnum"];
            reading_level: components["schemas"]["ReadingLevelEnum"];
            /** @description Never ask this learner about a camera. */
            no_camera: boolean;
            /** @description What a face shows has no weight for this learner. */
            expressions_do_not_fit: boolean;
            /** @description No hints come by themselves; asking for one still works. */
            hints_muted: boolean;
        };
        /** @description A question without its accepted answers. */
        Question: {
            kind: components["schemas"]["QuestionKindEnum"];
            prompt: string;
            choices: string[];
        };
        QuestionDocument: {
            kind: components["schemas"]["QuestionKindEnum"];
            prompt: string;
            choices: components["schemas"]["ChoiceDocument"][];
            accepted: string[];
            /** Format: double */
            number: number | null;
            /**
             * Format: double
             * @default 0
             */
            tolerance: number;
            /** @default  */
            when_right: string;
            /** @default  */
            when_wrong: string;
        };
        QuestionDocumentRequest: {
            kind: components["schemas"]["QuestionKindEnum"];
            prompt: string;
            choices?: components["schemas"]["ChoiceDocumentRequest"][];
            accepted?: string[];
            /** Format: double */
            number?: number | null;
            /**
             * Format: double
             * @default 0
             */
            tolerance?: number;
            /** @default  */
            when_right?: string;
            /** @default  */
            when_wrong?: string;
        };
        /** @enum {string} */
        QuestionKindEnum: "choice" | "text" | "number";
        /** @enum {string} */
        ReadingLevelEnum: "standard" | "easy";
        Report: {
            state: components["schemas"]["ReportStateEnum"];
            /**
             * Format: date-time
             * @description when the session closes by itself; null: when a teacher ends it
             */
            closes_at: string | null;
            title: string;
            finding: string;
            /** @description few_present, too_few_learners, withdrawn, changed_group, earlier_version, not_yet; then all figures from the camera are null */
            withheld: string | null;
            /** @description levels of students who are present were released before; then `engagement` and `expressions` are null, and rows have `change` */
            level_withheld: (components["schemas"]["LevelWithheldEnum"] | components["schemas"]["NullEnum"]) | null;
            /** @description the policy's smallest group, never the number of students */
            contributors_at_least: number | null;
            /**
             * Format: double
             * @description always null: it would tell who shares a camera
             */
            coverage: number | null;
            model: components["schemas"]["ModelInfo"] | null;
            preset: string;
            simulated: boolean;
            engagement: components["schemas"]["Engagement"] | null;
            expressions: {
                [key: string]: number;
            } | null;
            /** @description since the session's start (live figures), or since each student opened it */
            timeline_unit: components["schemas"]["TimelineUnitEnum"];
            /** @description length of a bin of the timeline */
            bin_seconds: number;
            timeline: components["schemas"]["TimelineRow"][];
            steps: components["schemas"]["StepRow"][];
            /** @description of an ended session only */
            help: components["schemas"]["Help"] | null;
            limits: string[];
            /** Format: date-time */
            kept_until: string;
            /**
             * Format: date-time
             * @description end of the newest released bin of an open session
             */
            metrics_until: string | null;
            /**
             * Format: date-time
             * @deprecated
             * @description deprecated: use `metrics_until`
             */
            figures_until?: string | null;
            /** @description between two updates of an open report */
            live_seconds: number;
            /** @description of an open session only */
            live: components["schemas"]["Live"] | null;
            /** @description this session and up to five earlier ones of the lesson, newest first; empty without an earlier one, and until the report is final */
            comparison: components["schemas"]["ComparedSession"][];
        };
        /** @enum {string} */
        ReportStateEnum: "open" | "provisional" | "final";
        /** @enum {string} */
        RoleEnum: "student" | "teacher";
        Rule: {
            id: number;
            title: string;
            template: string;
            scope: components["schemas"]["ScopeEnum"];
            editable: boolean;
            off: boolean;
            /** @description of the current version */
            number: number;
            /** @description of the version in the running session; null: not part of it, or none runs */
            session_number: number | null;
            /** Format: date-time */
            made_at: string;
            sentence: string;
            spec: components["schemas"]["RuleSpec"];
        };
        RuleExplanation: {
            rule_id: number;
            title: string;
            /** Format: date-time */
            at: string;
            /** @description fired, or a code for why not */
            reason: string;
            /** @description the reason as a sentence */
            why: string;
        };
        /** @description Hints of a version of a rule that at least k learners could have had, or requested hints. */
        RuleHelp: {
            asked: boolean;
            title: string;
            /** @description number of the rule's version; null for requested hints */
            version: number | null;
            /** @description face_evidence: the policy permitted faces in hints; then nothing is stated */
            withheld: (components["schemas"]["WithheldEnum"] | components["schemas"]["NullEnum"]) | null;
            /**
             * Format: double
             * @description share who got them, of those who could have had them by rule and attendance; rounded to 0.05 and clamped to [1/k, 1 - 1/k]
             */
            learners: number | null;
            /** @description positions of steps where at least k learners got them */
            steps: number[];
            /** @description evidence for the hints, each of at least k learners */
            why: components["schemas"]["FiringReason"][];
            /** @description shares of helped, not_now, fine, alone among the answers */
            answers: {
                [key: string]: number;
            } | null;
        };
        RulePreview: {
            source: components["schemas"]["SourceEnum"];
            withheld: string | null;
            sentence: string;
            /** @description notes on how the preview was computed */
            notes: string[];
            learners: number | null;
            /** Format: double */
            minutes: number | null;
            /** @description simulated class only */
            fired: number | null;
            /** @description recorded session only: under a third of the learners, under two thirds, or more */
            spoken_to: (components["schemas"]["RulePreviewSpokenToEnum"] | components["schemas"]["NullEnum"]) | null;
            /** @description minimum group size; 0 for simulated learners */
            group: number;
            places: components["schemas"]["PreviewFiring"][];
            silent: components["schemas"]["SilenceReason"][];
            /** @description simulated class only: when its learners are stuck */
            episodes: components["schemas"]["SimulatedEpisode"][];
        };
        /** @enum {string} */
        RulePreviewSpokenToEnum: "few" | "some" | "many";
        /** @description A rule's specification; `rules.engine.spec` checks its limits. */
        RuleSpec: {
            evidence: string;
            /** Format: double */
            threshold: number;
            /** Format: double */
            release: number;
            /** Format: int64 */
            over_windows: number;
            /** Format: int64 */
            of_windows: number;
            /**
             * Format: int64
             * @description windows of ten seconds; 0: immediately
             */
            held_windows: number;
            /** Format: double */
            minimum_coverage: number;
            /** @default true */
            needs_other_source: boolean;
            steps: number[];
            /** @description public ids */
            learners: string[];
            groups: number[];
            /** Format: int64 */
            cooldown_seconds: number;
            /** Format: int64 */
            max_per_lesson: number;
            /** Format: int64 */
            quiet_start_seconds: number;
            quiet_steps: number[];
            quiet_minutes: [
                number,
                number
            ][];
            action: string;
            /** @default  */
            text: string;
        };
        /** @description A rule's specification; `rules.engine.spec` checks its limits. */
        RuleSpecRequest: {
            evidence: string;
            /** Format: double */
            threshold: number;
            /** Format: double */
            release: number;
            /** Format: int64 */
            over_windows: number;
            /** Format: int64 */
            of_windows: number;
            /**
             * Format: int64
             * @description windows of ten seconds; 0: immediately
             */
            held_windows: number;
            /** Format: double */
            minimum_coverage: number;
            /** @default true */
            needs_other_source?: boolean;
            steps?: number[];
            /** @description public ids */
            learners?: string[];
            groups?: number[];
            /** Format: int64 */
            cooldown_seconds: number;
            /** Format: int64 */
            max_per_lesson: number;
            /** Format: int64 */
            quiet_start_seconds: number;
            quiet_steps?: number[];
            quiet_minutes?: [
                number,
                number
            ][];
            action: string;
            /** @default  */
            text?: string;
        };
        RuleSwitchRequest: {
            off: boolean;
            /** Format: int64 */
            rule_id?: number | null;
            /** Format: uuid */
            learner_id?: string | null;
        };
        RuleTemplate: {
            name: string;
            title: string;
            sentence: string;
            spec: components["schemas"]["RuleSpec"];
        };
        RuleVersion: {
            number: number;
            /** Format: date-time */
            made_at: string;
            made_by: string;
            sentence: string;
            spec: components["schemas"]["RuleSpec"];
        };
        /** @enum {string} */
        ScopeEnum: "everywhere" | "course" | "lesson";
        Session: {
            /** Format: uuid */
            id: string;
            state: components["schemas"]["SessionStateEnum"];
            /** Format: date-time */
            started_at: string;
            /**
             * Format: date-time
             * @description when the session closes by itself; null: when a teacher ends it
             */
            closes_at: string | null;
            /** Format: date-time */
            ended_at: string | null;
            role: components["schemas"]["RoleEnum"];
            /** Format: uuid */
            participant_id: string | null;
            lesson: components["schemas"]["Lesson"];
            /** @description the learner's own; empty for a teacher */
            progress: components["schemas"]["StepProgress"][];
            policy: components["schemas"]["SessionPolicy"];
            kept_days: number;
        };
        SessionPolicy: {
            inference: boolean;
            /** @description whether the consent form offers research */
            research: boolean;
            /** @description camera frames must stay on the device */
            on_device_only: boolean;
            /** @description signs in the face may lead to hints; otherwise nothing is calibrated */
            face_evidence_in_hints: boolean;
            banner: string;
        };
        /** @enum {string} */
        SessionStateEnum: "open" | "ended";
        SessionSummary: {
            /** Format: uuid */
            id: string;
            readonly state: string;
            /** Format: date-time */
            started_at: string;
            /** Format: date-time */
            closes_at: string | null;
            /** Format: date-time */
            ended_at: string | null;
            /** @description null: the first activity of the lesson */
            activity_id: number | null;
            readonly finding: string | null;
        };
        SharedReport: {
            windows: components["schemas"]["ObservationWindow"][];
            /** @description what the learner did, and hints shown */
            actions: components["schemas"]["OwnAction"][];
            /** Format: date-time */
            kept_until: string;
            lesson: string;
            /** Format: date-time */
            started_at: string;
            /** Format: date-time */
            joined_at: string;
        };
        SharedSession: {
            /** Format: uuid */
            session_id: string;
            lesson: string;
            /** Format: date-time */
            started_at: string;
        };
        SilenceReason: {
            reason: string;
            words: string;
            /**
             * Format: double
             * @description of all learners
             */
            share: number;
        };
        SimulatedEpisode: {
            learner: number;
            /** Format: double */
            from_minute: number;
            /** Format: double */
            until_minute: number;
            kind: string;
        };
        Snooze: {
            /** @description hints are paused for today */
            snoozed: boolean;
            /**
             * @deprecated
             * @description deprecated: use `snoozed`
             */
            left_alone?: boolean;
        };
        /** @enum {string} */
        SourceEnum: "simulated" | "session";
        StaleConsentText: {
            detail: string;
            reason: string;
            text_version: string;
        };
        Step: {
            readonly id: number;
            /**
             * Format: int64
             * @description Rises with every change; detects concurrent edits by two authors.
             */
            revision: number;
            /** Format: int64 */
            position: number;
            title: string;
            /** @description Markdown. */
            body: string;
            /** @description safe HTML of `body` */
            readonly html: string;
            /** @description safe HTML of the easier form, or '' */
            readonly easy_html: string;
            readonly picture: components["schemas"]["StepPicture"] | null;
            readonly embed: components["schemas"]["Embed"] | null;
            readonly question: components["schemas"]["Question"] | null;
            /** @description number of hint levels */
            readonly hints: number;
        };
        StepDocumentRequest: {
            title: string;
            /** @default  */
            body?: string;
            /** @default  */
            easy_body?: string;
            embed?: components["schemas"]["EmbedDocumentRequest"] | null;
            question?: components["schemas"]["QuestionDocumentRequest"] | null;
            hints?: components["schemas"]["HintDocumentRequest"][];
        };
        StepOrderRequest: {
            steps: number[];
            /** @description the order that was shown; 409 where it is no longer the stored one */
            base?: number[] | null;
        };
        StepPicture: {
            readonly url: string;
            alternative_text: string;
            /** Format: int64 */
            width: number;
            /** Format: int64 */
            height: number;
        };
        /** @description What the learner who asks has done in one step. */
        StepProgress: {
            step_id: number;
            /** @description number of answers */
            attempts: number;
            /** @description whether one of them was right */
            right: boolean;
            /** @description easy, fine or hard; empty: not rated */
            rating: string;
        };
        StepRatingShares: {
            /** Format: double */
            easy: number;
            /** Format: double */
            fine: number;
            /** Format: double */
            hard: number;
        };
        StepReferenceRequest: {
            /** Format: int64 */
            step_id: number;
        };
        /** @description Metrics from the camera and, of an ended session, from events. */
        StepRow: {
            /**
             * Format: double
             * @description always null; kept for compatibility
             */
            coverage: number | null;
            /**
             * Format: double
             * @description rounded to 0.1
             */
            engagement: number | null;
            /** @description compared with the lesson's mean; only where `level_withheld` is given */
            change: (components["schemas"]["ChangeEnum"] | components["schemas"]["NullEnum"]) | null;
            /** @description few_present, or a reason of the whole report */
            withheld: string | null;
            position: number;
            title: string;
            seconds: number | null;
            /**
             * Format: double
             * @description share, rounded to 0.05 and clamped to [1/k, 1 - 1/k]
             */
            right_at_first: number | null;
            /**
             * Format: double
             * @description share, clamped likewise
             */
            asked_for_hint: number | null;
            /**
             * Format: double
             * @description share of those who asked for a hint, answered, and had no right answer before; clamped likewise. Null in reports of earlier versions
             */
            right_after_hint: number | null;
            /**
             * Format: double
             * @description share, clamped likewise
             */
            idle: number | null;
            /** @description shares of the learners' ratings */
            self_reports: components["schemas"]["StepRatingShares"] | null;
            /**
             * @deprecated
             * @description deprecated: use `self_reports`
             */
            said?: components["schemas"]["StepRatingShares"] | null;
        };
        StepUpdateRequest: {
            title: string;
            /** @default  */
            body?: string;
            /** @default  */
            easy_body?: string;
            embed?: components["schemas"]["EmbedDocumentRequest"] | null;
            question?: components["schemas"]["QuestionDocumentRequest"] | null;
            hints?: components["schemas"]["HintDocumentRequest"][];
            /** Format: int64 */
            revision: number;
        };
        StoredCount: {
            stored: number;
        };
        SupportLink: {
            /** Format: uuid */
            id: string;
            readonly learner: string;
            course: string;
        };
        SupportedLearner: {
            /** Format: uuid */
            id: string;
            readonly learner: string;
            course: string;
            /** @description shared sessions that have data */
            sessions: components["schemas"]["SharedSession"][];
            /**
             * @deprecated
             * @description deprecated: use `sessions`
             */
            sittings?: components["schemas"]["SharedSession"][];
        };
        SwitchStates: {
            /** @description off for the whole installation */
            everywhere: boolean;
            /** @description off in this lesson */
            lesson: boolean;
            /** @description off for these */
            learners: string[];
        };
        TeacherNotification: {
            id: number;
            learner: string;
            step: string;
            /** Format: date-time */
            said_at: string;
            seen: boolean;
        };
        ThresholdShift: {
            evidence: components["schemas"]["EvidenceEnum"];
            /** Format: double */
            shift: number;
        };
        ThresholdShiftRequest: {
            evidence: components["schemas"]["EvidenceEnum"];
            /** Format: double */
            shift: number;
        };
        ThresholdShifts: {
            thresholds: components["schemas"]["ThresholdShift"][];
        };
        ThresholdShiftsRequest: {
            thresholds: components["schemas"]["ThresholdShiftRequest"][];
        };
        TicketModeRequest: {
            /** @default frames */
            mode?: components["schemas"]["ModeEnum"];
        };
        TicketRefusal: {
            reason: components["schemas"]["TicketRefusalReasonEnum"];
            detail: string;
        };
        /** @enum {string} */
        TicketRefusalReasonEnum: "no_policy" | "no_consent" | "session_ended" | "busy";
        TimelineRow: {
            /**
             * Format: double
             * @description always null; kept for compatibility
             */
            coverage: number | null;
            /**
             * Format: double
             * @description rounded to 0.1
             */
            engagement: number | null;
            /** @description compared with the lesson's mean; only where `level_withheld` is given */
            change: (components["schemas"]["ChangeEnum"] | components["schemas"]["NullEnum"]) | null;
            /** @description few_present, or a reason of the whole report */
            withheld: string | null;
            /** @description seconds, see `timeline_unit` */
            start: number;
            expressions: {
                [key: string]: number;
            } | null;
        };
        /** @enum {string} */
        TimelineUnitEnum: "since_start" | "since_opening";
        /** @enum {string} */
        TimingEnum: "right" | "too_early" | "not_needed";
        TokenProblem: {
            detail: string;
            reason: string;
        };
        ValueRange: {
            /** Format: double */
            low: number;
            /** Format: double */
            high: number;
        };
        /** @description The learner's correction of one window. */
        WindowCorrectionRequest: {
            /**
             * Format: date-time
             * @description start of the window, as in my-report
             */
            start: string;
            /** @description empty: remove the correction */
            value: components["schemas"]["CorrectionEnum"] | components["schemas"]["BlankEnum"];
            /** @default  */
            text?: string;
            /**
             * @deprecated
             * @description deprecated: use `value`
             */
            said?: components["schemas"]["CorrectionEnum"] | components["schemas"]["BlankEnum"];
            /**
             * @deprecated
             * @description deprecated: use `text`
             */
            words?: string;
        };
        /** @enum {string} */
        WithheldEnum: "face_evidence";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type Activity = components['schemas']['Activity'];
export type AnswerRequest = components['schemas']['AnswerRequest'];
export type AskedForHintEnum = components['schemas']['AskedForHintEnum'];
export type AuthoredLesson = components['schemas']['AuthoredLesson'];
export type AuthoredPicture = components['schemas']['AuthoredPicture'];
export type AuthoredStep = components['schemas']['AuthoredStep'];
export type Baseline = components['schemas']['Baseline'];
export type BlankEnum = components['schemas']['BlankEnum'];
export type CaptureTicket = components['schemas']['CaptureTicket'];
export type ChangeEnum = components['schemas']['ChangeEnum'];
export type ChoiceDocument = components['schemas']['ChoiceDocument'];
export type ChoiceDocumentRequest = components['schemas']['ChoiceDocumentRequest'];
export type ComparedSession = components['schemas']['ComparedSession'];
export type ComparedStep = components['schemas']['ComparedStep'];
export type Consent = components['schemas']['Consent'];
export type ConsentDecisionRequest = components['schemas']['ConsentDecisionRequest'];
export type ConsentPoint = components['schemas']['ConsentPoint'];
export type ConsentQuestion = components['schemas']['ConsentQuestion'];
export type ConsentStateEnum = components['schemas']['ConsentStateEnum'];
export type ConsentTextForm = components['schemas']['ConsentTextForm'];
export type ConsentTextForms = components['schemas']['ConsentTextForms'];
export type Controller = components['schemas']['Controller'];
export type Correction = components['schemas']['Correction'];
export type CorrectionEnum = components['schemas']['CorrectionEnum'];
export type Course = components['schemas']['Course'];
export type CreatedLesson = components['schemas']['CreatedLesson'];
export type CreatedSession = components['schemas']['CreatedSession'];
export type DeviceModels = components['schemas']['DeviceModels'];
export type DeviceReaderRefusal = components['schemas']['DeviceReaderRefusal'];
export type DeviceReaderRefusalReasonEnum = components['schemas']['DeviceReaderRefusalReasonEnum'];
export type DisclosedTerms = components['schemas']['DisclosedTerms'];
export type DisclosedTermsRequest = components['schemas']['DisclosedTermsRequest'];
export type Embed = components['schemas']['Embed'];
export type EmbedDocument = components['schemas']['EmbedDocument'];
export type EmbedDocumentRequest = components['schemas']['EmbedDocumentRequest'];
export type Engagement = components['schemas']['Engagement'];
export type EngagementLevels = components['schemas']['EngagementLevels'];
export type Erasure = components['schemas']['Erasure'];
export type EventBatchRequest = components['schemas']['EventBatchRequest'];
export type EventKindEnum = components['schemas']['EventKindEnum'];
export type EventRequest = components['schemas']['EventRequest'];
export type EvidenceEnum = components['schemas']['EvidenceEnum'];
export type FiringReason = components['schemas']['FiringReason'];
export type FormEnum = components['schemas']['FormEnum'];
export type GlobalSwitchRequest = components['schemas']['GlobalSwitchRequest'];
export type GradedAnswer = components['schemas']['GradedAnswer'];
export type Grants = components['schemas']['Grants'];
export type GuardianEnum = components['schemas']['GuardianEnum'];
export type Help = components['schemas']['Help'];
export type Hint = components['schemas']['Hint'];
export type HintAnswerEnum = components['schemas']['HintAnswerEnum'];
export type HintAnswerRequest = components['schemas']['HintAnswerRequest'];
export type HintDocument = components['schemas']['HintDocument'];
export type HintDocumentRequest = components['schemas']['HintDocumentRequest'];
export type HintFormEnum = components['schemas']['HintFormEnum'];
export type HintKindEnum = components['schemas']['HintKindEnum'];
export type HintLevelEnum = components['schemas']['HintLevelEnum'];
export type HintSymbolEnum = components['schemas']['HintSymbolEnum'];
export type HintTimingRequest = components['schemas']['HintTimingRequest'];
export type Html = components['schemas']['Html'];
export type LearnerGroup = components['schemas']['LearnerGroup'];
export type LearnerGroupRequest = components['schemas']['LearnerGroupRequest'];
export type LearnerGroups = components['schemas']['LearnerGroups'];
export type Lesson = components['schemas']['Lesson'];
export type LessonHeadDocumentRequest = components['schemas']['LessonHeadDocumentRequest'];
export type LessonRules = components['schemas']['LessonRules'];
export type LessonSummary = components['schemas']['LessonSummary'];
export type LessonUpdateRequest = components['schemas']['LessonUpdateRequest'];
export type LessonUploadRequest = components['schemas']['LessonUploadRequest'];
export type LevelWithheldEnum = components['schemas']['LevelWithheldEnum'];
export type Live = components['schemas']['Live'];
export type LiveStep = components['schemas']['LiveStep'];
export type MarkdownRequest = components['schemas']['MarkdownRequest'];
export type ModeEnum = components['schemas']['ModeEnum'];
export type ModelInfo = components['schemas']['ModelInfo'];
export type MyReport = components['schemas']['MyReport'];
export type NamedSupporter = components['schemas']['NamedSupporter'];
export type NewRuleRequest = components['schemas']['NewRuleRequest'];
export type NewRuleVersionRequest = components['schemas']['NewRuleVersionRequest'];
export type NewSessionRequest = components['schemas']['NewSessionRequest'];
export type NullEnum = components['schemas']['NullEnum'];
export type ObservationWindow = components['schemas']['ObservationWindow'];
export type ObservationWindowStateEnum = components['schemas']['ObservationWindowStateEnum'];
export type OnStepEnum = components['schemas']['OnStepEnum'];
export type Option = components['schemas']['Option'];
export type OwnAction = components['schemas']['OwnAction'];
export type OwnActionKindEnum = components['schemas']['OwnActionKindEnum'];
export type PatchedClosingTimeRequest = components['schemas']['PatchedClosingTimeRequest'];
export type PatchedConsentChangeRequest = components['schemas']['PatchedConsentChangeRequest'];
export type PatchedPictureDescriptionRequest = components['schemas']['PatchedPictureDescriptionRequest'];
export type PatchedProfileRequest = components['schemas']['PatchedProfileRequest'];
export type PermissionEnum = components['schemas']['PermissionEnum'];
export type PersonalData = components['schemas']['PersonalData'];
export type PictureUploadRequest = components['schemas']['PictureUploadRequest'];
export type PlatformPersonRequest = components['schemas']['PlatformPersonRequest'];
export type PreviewFiring = components['schemas']['PreviewFiring'];
export type PreviewFiringSpokenToEnum = components['schemas']['PreviewFiringSpokenToEnum'];
export type PreviewParametersRequest = components['schemas']['PreviewParametersRequest'];
export type Problem = components['schemas']['Problem'];
export type Profile = components['schemas']['Profile'];
export type Question = components['schemas']['Question'];
export type QuestionDocument = components['schemas']['QuestionDocument'];
export type QuestionDocumentRequest = components['schemas']['QuestionDocumentRequest'];
export type QuestionKindEnum = components['schemas']['QuestionKindEnum'];
export type ReadingLevelEnum = components['schemas']['ReadingLevelEnum'];
export type Report = components['schemas']['Report'];
export type ReportStateEnum = components['schemas']['ReportStateEnum'];
export type RoleEnum = components['schemas']['RoleEnum'];
export type Rule = components['schemas']['Rule'];
export type RuleExplanation = components['schemas']['RuleExplanation'];
export type RuleHelp = components['schemas']['RuleHelp'];
export type RulePreview = components['schemas']['RulePreview'];
export type RulePreviewSpokenToEnum = components['schemas']['RulePreviewSpokenToEnum'];
export type RuleSpec = components['schemas']['RuleSpec'];
export type RuleSpecRequest = components['schemas']['RuleSpecRequest'];
export type RuleSwitchRequest = components['schemas']['RuleSwitchRequest'];
export type RuleTemplate = components['schemas']['RuleTemplate'];
export type RuleVersion = components['schemas']['RuleVersion'];
export type ScopeEnum = components['schemas']['ScopeEnum'];
export type Session = components['schemas']['Session'];
export type SessionPolicy = components['schemas']['SessionPolicy'];
export type SessionStateEnum = components['schemas']['SessionStateEnum'];
export type SessionSummary = components['schemas']['SessionSummary'];
export type SharedReport = components['schemas']['SharedReport'];
export type SharedSession = components['schemas']['SharedSession'];
export type SilenceReason = components['schemas']['SilenceReason'];
export type SimulatedEpisode = components['schemas']['SimulatedEpisode'];
export type Snooze = components['schemas']['Snooze'];
export type SourceEnum = components['schemas']['SourceEnum'];
export type StaleConsentText = components['schemas']['StaleConsentText'];
export type Step = components['schemas']['Step'];
export type StepDocumentRequest = components['schemas']['StepDocumentRequest'];
export type StepOrderRequest = components['schemas']['StepOrderRequest'];
export type StepPicture = components['schemas']['StepPicture'];
export type StepProgress = components['schemas']['StepProgress'];
export type StepRatingShares = components['schemas']['StepRatingShares'];
export type StepReferenceRequest = components['schemas']['StepReferenceRequest'];
export type StepRow = components['schemas']['StepRow'];
export type StepUpdateRequest = components['schemas']['StepUpdateRequest'];
export type StoredCount = components['schemas']['StoredCount'];
export type SupportLink = components['schemas']['SupportLink'];
export type SupportedLearner = components['schemas']['SupportedLearner'];
export type SwitchStates = components['schemas']['SwitchStates'];
export type TeacherNotification = components['schemas']['TeacherNotification'];
export type ThresholdShift = components['schemas']['ThresholdShift'];
export type ThresholdShiftRequest = components['schemas']['ThresholdShiftRequest'];
export type ThresholdShifts = components['schemas']['ThresholdShifts'];
export type ThresholdShiftsRequest = components['schemas']['ThresholdShiftsRequest'];
export type TicketModeRequest = components['schemas']['TicketModeRequest'];
export type TicketRefusal = components['schemas']['TicketRefusal'];
export type TicketRefusalReasonEnum = components['schemas']['TicketRefusalReasonEnum'];
export type TimelineRow = components['schemas']['TimelineRow'];
export type TimelineUnitEnum = components['schemas']['TimelineUnitEnum'];
export type TimingEnum = components['schemas']['TimingEnum'];
export type TokenProblem = components['schemas']['TokenProblem'];
export type ValueRange = components['schemas']['ValueRange'];
export type WindowCorrectionRequest = components['schemas']['WindowCorrectionRequest'];
export type WithheldEnum = components['schemas']['WithheldEnum'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
