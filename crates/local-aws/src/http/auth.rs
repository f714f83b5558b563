//! What a request's signature says about who asks which service where. Signatures themselves are not checked.

use super::message::Request;
use crate::core::input::from_base64;

/// What the credential of a request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) access_key: String,
    pub(crate) region: String,
    /// Signing name.
    pub(crate) service: String,
    pub(crate) token: Option<String>,
}

/// The credential of a signed request, from the header or, for presigned ones, the query.
pub(crate) fn credential(request: &Request) -> Option<Credential> {
    let (scope, token) = if let Some(scope) = request.parameter("X-Amz-Credential") {
        (scope, request.parameter("X-Amz-Security-Token"))
    } else {
        let scope = request.header("authorization")?.split_once("Credential=")?.1;
        (scope.split([',', ' ']).next()?, request.header("x-amz-security-token"))
    };
    let mut parts = scope.split('/');
    let access_key = parts.next()?.to_owned();
    parts.next()?;
    let region = parts.next()?.to_owned();
    let service = parts.next()?.to_owned();
    Some(Credential { access_key, region, service, token: token.map(str::to_owned) })
}

/// User and password of Basic authentication.
pub(crate) fn basic(request: &Request) -> Option<(String, String)> {
    let encoded = request.header("authorization")?.strip_prefix("Basic ")?;
    let text = String::from_utf8(from_base64(encoded)?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
