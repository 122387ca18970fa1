"""Prometheus figures of the frame path. No label tells a person, a course or a session."""

from prometheus_client import Counter, Gauge

FRAMES_REFUSED = Counter("fer_frames_refused_total", "Frames refused at the door", ["reason"])
FRAMES_ACCEPTED = Counter("fer_frames_accepted_total", "Frames accepted from learners")
FRAMES_RESOLVED = Counter("fer_frames_resolved_total", "Fates of accepted frames", ["fate"])
SOCKETS = Gauge("fer_sockets", "Open sockets", ["kind"])
GATEWAY_ERRORS = Counter("fer_gateway_errors_total", "Failed steps of the gateway", ["step"])
CLIENT_DROPS = Counter("fer_client_drops_total", "Frames the browsers did not send", ["reason"])
