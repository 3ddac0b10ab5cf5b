"""Standard Webhooks 1.0.0 and the body of the public contract, section 4, under their own names."""

from types import MappingProxyType
from typing import Final

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 (the prefix, not a secret)

# Pauses between tries in seconds; with the first try at once the last one is about 75 hours later.
RETRY_SCHEDULE: Final = (5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)

# Receivers say these while they are overloaded or being changed; `Retry-After` counts then.
THROTTLING: Final = frozenset({429, 502, 503, 504})
RETRY_AFTER_LIMITS_S: Final = (1.0, 86400.0)

CODES: Final = MappingProxyType(
    {
        400: "bad_request",
        401: "unauthorized",
        403: "forbidden",
        404: "not_found",
        405: "method_not_allowed",
        413: "too_large",
        415: "unsupported_media_type",
        422: "unprocessable",
        429: "too_many_requests",
    }
)
