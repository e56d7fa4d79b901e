"""What the document leaves open: a seat's token, an offer's text, and the options of the game at hand."""

import requests
import schemathesis

# Two data channels, as a browser offers them.
OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        "a=ice-options:trickle",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "a=mid:0",
        "a=sctp-port:5000",
        "a=max-message-size:262144",
        "",
    ]
)


@schemathesis.serializer("application/sdp")
def sdp(context, value):
    # What is no string at all is sent as it is, and refused.
    return (OFFER if isinstance(value, str) else str(value)).encode()


# A seat without a link is kept for 15 seconds.
@schemathesis.auth(refresh_interval=5).apply_to(path=["/v1/session", "/v1/webrtc"])
class Token:
    def get(self, case, context):
        origin = case.operation.base_url.rstrip("/")
        (protocol,) = context.operation.schema.raw_schema["components"]["schemas"]["JoinRequest"][
            "properties"
        ]["protocol"]["enum"]
        join = {"name": "Ada", "protocol": protocol}
        answer = requests.post(f"{origin}/v1/join", json=join, timeout=10)
        return answer.json()["token"]

    def set(self, case, data, context):
        case.headers["authorization"] = f"Bearer {data}"


@schemathesis.hook.apply_to(path="/v1/join")
def map_body(context, body):
    if isinstance(body, dict) and isinstance(body.get("options"), dict):
        del body["options"]
    return body
