/**
 * The same values as in inference/pipeline.py, inference/imaging/alignment.py and
 * inference/detection/landmarks.py; tests/inference/test_device_limits.py compares them.
 */

export const MIN_FACE_WIDTH_PX = 36;
export const MIN_VISIBLE_SHARE = 0.8;
export const MIN_LUMINANCE = 40;
export const MAX_YAW_DEG = 40;
export const MAX_PITCH_DEG = 30;
export const MIN_TOP_PROBABILITY = 0.4;

export const CROP_SIDE = 48;
export const EYE_MIDDLE_X = 0.498;
export const EYE_MIDDLE_Y = 0.39;
export const EYE_DISTANCE = 0.353;
export const MAX_OVERSAMPLING = 8;

export const MAX_FACES = 2;
export const MIN_SCORE = 0.5;
export const POINTS_BEFORE_IRISES = 468;
