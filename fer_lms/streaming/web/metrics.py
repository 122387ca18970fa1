"""Prometheus metrics of the frame path. No label identifies a person, a course or a session."""

from prometheus_client import Counter, Gauge

FRAMES_REFUSED = Counter("fer_frames_refused_total", "Frames refused", ["reason"])
FRAMES_ACCEPTED = Counter("fer_frames_accepted_total", "Frames accepted from learners")
FRAMES_RESOLVED = Counter("fer_frames_resolved_total", "Accepted frames by their fate", ["fate"])
SOCKETS = Gauge("fer_sockets", "Open sockets", ["kind"])
GATEWAY_ERRORS = Counter("fer_gateway_errors_total", "Errors in steps of the gateway", ["step"])
CLIENT_DROPS = Counter("fer_client_drops_total", "Frames that browsers did not send", ["reason"])
