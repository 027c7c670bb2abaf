"""What is refused before the application sees it, answered like every other refusal.

gunicorn answers a request that it cannot read with a page of HTML that repeats what it read. Here
that is a problem document, which repeats nothing. What it would read in its own way, though it says
two things, is refused too.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus

from gunicorn.http import errors as unread  # type: ignore[import-untyped]

from gateway.web import problems
from gateway.web.language import negotiate
from services.common import errors, tracing

#: What may come once. gunicorn refuses a second Host or Content-Type itself, and joins all others
#: with a comma: two keys would be a third one, which no retry of either client would find again.
_ONCE = frozenset({"AUTHORIZATION", "IDEMPOTENCY-KEY", "IF-MATCH"})


class HeaderRepeated(Exception):
    """A header that may come once came again."""


class TooManyConnections(Exception):
    """The requests at work from one address are as many as its connections may be."""


# The first that fits. What the application or the operator did wrong is a defect, though gunicorn
# has it among the faults of a request.
_KINDS: tuple[tuple[type[Exception], str | None], ...] = (
    (unread.ConfigurationProblem, None),
    (unread.InvalidResponseHeader, None),
    (unread.InvalidResponseHeaderName, None),
    (unread.LimitRequestLine, "uri_too_long"),
    (HeaderRepeated, "header_repeated"),
    (TooManyConnections, "too_many_connections"),
    (unread.ExpectationFailed, "expectation_failed"),
    (unread.LimitRequestHeaders, "headers_too_large"),
    (unread.UnsupportedTransferCoding, "transfer_coding_unknown"),
    (unread.ParseException, "malformed"),
    (ssl.SSLError, "malformed"),
)


def check_headers(headers: Iterable[tuple[str, str]]) -> None:
    """Raises:
    HeaderRepeated: where it is not clear which of two is meant.
    gunicorn.http.errors.UnsupportedTransferCoding: for a body with a coding beside chunks;
        gunicorn knows of some codings, and undoes none.
    """
    for name, value in headers:
        if name == "TRANSFER-ENCODING" and value.strip().lower() != "chunked":
            raise unread.UnsupportedTransferCoding(value)
    names = [name for name, _ in headers if name in _ONCE]
    if len(names) > len(set(names)):
        raise HeaderRepeated


def forwarded_for(headers: Iterable[tuple[str, str]], proxies: int) -> str:
    """The client's address, as the outermost of the trusted proxies saw it; empty if none says."""
    values = [value for name, value in headers if name == "X-FORWARDED-FOR"]
    addresses = [each.strip() for each in ",".join(values).split(",")]
    return addresses[-proxies] if len(addresses) >= proxies else ""


def headers_in(head: bytes) -> list[tuple[str, str]]:
    """The lines of a head that look like headers, also in a broken head."""
    lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    return [
        (name, value.strip()) for name, colon, value in (x.partition(":") for x in lines) if colon
    ]


def refusal(error: BaseException) -> errors.MasahaError:
    """What kind of refusal it is; ``errors.Internal`` for what is no fault of the request."""
    code = next((code for kind, code in _KINDS if isinstance(error, kind)), None)
    if code is None:
        return errors.Internal()
    if code == "malformed":
        return errors.Malformed()
    again = {"Retry-After": "1"} if code == "too_many_connections" else None
    return problems.HttpProblem(code, headers=again)


def answer(
    refused: errors.MasahaError,
    headers: Iterable[tuple[str, str]],
    *,
    head_only: bool,
    traceparent: str,
    public_url: str,
) -> bytes:
    """A whole HTTP answer, after which the connection ends.

    Args:
        headers: of the request, as far as they were read; its language is among them.
        head_only: the request was for the head of an answer (RFC 9110, 9.3.2).
    """
    wanted = next((value for name, value in headers if name.upper() == "ACCEPT-LANGUAGE"), None)
    language = negotiate(wanted)
    document = problems.document(
        refused,
        language=language,
        trace_id=tracing.trace_id(traceparent),
        public_url=public_url,
    )
    body = problems.encode(document)
    status = HTTPStatus(document["status"])
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"Date: {formatdate(usegmt=True)}",
        "Connection: close",
        f"Content-Type: {problems.CONTENT_TYPE}",
        f"Content-Length: {len(body)}",
        f"Content-Language: {language}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        f"traceparent: {traceparent}",
        *(f"{name}: {value}" for name, value in problems.headers_of(refused).items()),
    )
    head = "\r\n".join((*lines, "", "")).encode("ascii")
    return head if head_only else head + body
