FER7_LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
