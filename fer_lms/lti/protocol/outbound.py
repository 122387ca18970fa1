"""The one way by which LTI asks a platform's server; see fer_lms.outbound."""

from fer_lms.outbound import (
    AddressRefused,
    Answer,
    AnswerRefused,
    Limits,
    OutboundError,
    checked_url,
    fetch,
    fetch_json,
)
from fer_lms.outbound_network import Unreachable

__all__ = [
    "AddressRefused",
    "Answer",
    "AnswerRefused",
    "Limits",
    "OutboundError",
    "Unreachable",
    "checked_url",
    "fetch",
    "fetch_json",
]
