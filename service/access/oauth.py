"""The token endpoint and what clients need to find it: client credentials (RFC 6749 4.4) with Authlib.

No refresh tokens, no other grants: NL GOV profile for OAuth 2.0, RFC 9700.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import orjson
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    ClientCredentialsGrant,
    ClientMixin,
    InvalidClientError,
    InvalidRequestError,
    OAuth2Request,
    UnsupportedGrantTypeError,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from flask import Flask, Response, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request

from service.access.client_auth import (
    ALGORITHMS,
    ClientAssertion,
    Explained,
    authenticate_by_secret,
    find_client,
)
from service.access.keys import SigningKeys
from service.access.tokens import issue
from service.config import Settings
from service.kernel.database import Database
from service.kernel.problems import Problem
from service.kernel.room import Permission

TOKEN_PATH = "/oauth/token"  # noqa: S105
JWKS_PATH = "/oauth/jwks"
METADATA_PATH = "/.well-known/oauth-authorization-server"
GRANT_TYPE = "client_credentials"
_FORM = "application/x-www-form-urlencoded"
_MOST_BYTES = 32_000
_MOST_FIELDS = 20


def register_oauth(
    app: Flask,
    database: Database,
    settings: Settings,
    permissions: Sequence[Permission],
    headers: Mapping[str, str],
) -> None:
    """Adds the token endpoint, the key set and the server's metadata (RFC 8414). `headers` go with every answer.

    Raises WrongKey when there is no usable signing key in settings.data_dir.
    """
    keys = SigningKeys(settings.data_dir)
    server = _Server(database, settings, tuple(permissions), keys, headers)
    metadata = {
        "issuer": settings.url,
        "token_endpoint": settings.url + TOKEN_PATH,
        "jwks_uri": settings.url + JWKS_PATH,
        "scopes_supported": sorted({permission.scope for permission in permissions}),
        "response_types_supported": [],
        "grant_types_supported": [GRANT_TYPE],
        "token_endpoint_auth_methods_supported": server.methods,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "service_documentation": settings.url + "/docs",
    }

    def token() -> Response:
        return server.answer(request)

    def jwks() -> Response:
        return server.handle_response(HTTPStatus.OK, keys.jwks_public(), ())

    def authorization_server() -> Response:
        return server.handle_response(HTTPStatus.OK, metadata, ())

    app.add_url_rule(TOKEN_PATH, "oauth_token", token, methods=["POST"])
    app.add_url_rule(JWKS_PATH, "oauth_jwks", jwks, methods=["GET"])
    app.add_url_rule(METADATA_PATH, "oauth_metadata", authorization_server, methods=["GET"])


class _TokenRequest(OAuth2Request):
    """A request whose parameters come from the body only: what stands in a URL ends up in logs."""

    def __init__(self, form: dict[str, str], headers: Mapping[str, str]) -> None:
        # Authlib refuses plain http here. Behind a proxy every request looks like that; Settings.check sees to https.
        super().__init__("POST", "https://localhost" + TOKEN_PATH, headers=headers)
        self.payload = BasicOAuth2Payload(form)
        self._form = form

    @property
    def form(self) -> dict[str, str]:
        return self._form


class _ClientCredentials(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS: tuple[str, ...] = ("private_key_jwt",)

    def validate_token_request(self) -> None:
        super().validate_token_request()
        named = self.request.form.get("client_id")
        if named is not None and (self.client is None or named != self.client.get_client_id()):
            raise Explained("'client_id' is not the client that proved itself.")


class _ClientCredentialsOrSecret(_ClientCredentials):
    TOKEN_ENDPOINT_AUTH_METHODS = ("private_key_jwt", "client_secret_basic")


class _Server(AuthorizationServer):
    def __init__(
        self,
        database: Database,
        settings: Settings,
        permissions: tuple[Permission, ...],
        keys: SigningKeys,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(query_client=lambda client_id: find_client(database, permissions, client_id))
        self._headers = headers
        self._challenge = f'{"Basic" if settings.client_secrets else "Bearer"} realm="{settings.url}"'
        self._grant = _ClientCredentialsOrSecret if settings.client_secrets else _ClientCredentials
        self.methods = list(self._grant.TOKEN_ENDPOINT_AUTH_METHODS)
        self.register_client_auth_method("private_key_jwt", ClientAssertion(database, settings.url))
        self.register_client_auth_method("client_secret_basic", authenticate_by_secret)

        def sign(*, client: ClientMixin, grant_type: str, user: Any, scope: str) -> str:
            return issue(keys, settings, database.clock(), client.get_client_id(), scope.split())

        self.register_token_generator(
            "default", BearerTokenGenerator(sign, None, lambda client, grant_type: settings.token_seconds)
        )

    def answer(self, incoming: Request) -> Response:
        """The answer to a token request: a token, or an error by RFC 6749 5.2. Bad input is never more than that."""
        try:
            form = _read_form(incoming)
            _check_form(form, incoming.headers.get("Authorization"))
            grant = self._grant(_TokenRequest(form, dict(incoming.headers)), self)
            grant.validate_token_request()
            token = grant.generate_token(scope=form.get("scope"), include_refresh_token=False)
            return self.handle_response(HTTPStatus.OK, token, ())
        except OAuth2Error as error:
            return self.handle_error_response(None, error)
        except Problem as problem:
            return self.handle_response(problem.status, {"error": "temporarily_unavailable"}, problem.headers.items())

    def handle_error_response(self, request: Any, error: OAuth2Error) -> Response:
        body = {"error": error.error, "error_description": error.get_error_description()}
        if not isinstance(error, InvalidClientError):
            return self.handle_response(error.status_code, body, ())
        if not isinstance(error, Explained):
            body["error_description"] = "Unknown client, or the proof that it is this client does not hold."
        return self.handle_response(HTTPStatus.UNAUTHORIZED, body, [("WWW-Authenticate", self._challenge)])

    def handle_response(self, status_code: int, payload: Any, headers: Any) -> Response:
        """Authlib's own headers (type, no-store) are a part of ours; what it adds beside them is kept."""
        merged = Headers(dict(self._headers))
        merged.set("Cache-Control", "no-store")
        for name, value in headers:
            merged.set(name, value)
        merged.set("Content-Type", "application/json")
        return Response(orjson.dumps(payload), int(status_code), merged)


class _OtherGrant(UnsupportedGrantTypeError):
    def __init__(self) -> None:
        super().__init__("")

    def get_error_description(self) -> str:
        return f"Only grant_type={GRANT_TYPE} is supported."


class _TooLarge(InvalidRequestError):
    status_code = int(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    description = f"Send at most {_MOST_BYTES} bytes."


def _read_form(incoming: Request) -> dict[str, str]:
    """The parameters in the body. Raises InvalidRequestError for anything that is not one plain, readable form."""
    if incoming.query_string:
        raise InvalidRequestError("Send the parameters in the body, not in the URL.")
    if incoming.mimetype != _FORM:
        raise InvalidRequestError(f"Send the parameters as {_FORM}.")
    incoming.max_content_length = min(_MOST_BYTES, incoming.max_content_length or _MOST_BYTES)
    try:
        raw = incoming.get_data()
    except RequestEntityTooLarge:
        raise _TooLarge from None
    if len(raw) > _MOST_BYTES:
        raise _TooLarge
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise InvalidRequestError("The body is not a readable form.") from None
    form = {name: value for name, value in pairs if value}
    if len(form) != sum(1 for _, value in pairs if value):
        raise InvalidRequestError("A parameter occurs twice.")
    if any(ord(character) < 32 for value in form.values() for character in value):
        raise InvalidRequestError("A parameter holds control characters.")
    return form


def _check_form(form: Mapping[str, str], authorization: str | None) -> None:
    if "grant_type" not in form:
        raise InvalidRequestError("The parameter 'grant_type' is missing.")
    if form["grant_type"] != GRANT_TYPE:
        raise _OtherGrant
    if authorization is not None and "client_assertion" in form:
        raise InvalidRequestError("Prove yourself in one way only: an assertion or an Authorization header.")
