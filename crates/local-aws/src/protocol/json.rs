//! JSON 1.0 and 1.1.

use serde_json::{Map, Value as Json};

use crate::core::input::{BLOB, TIMESTAMP};
use crate::error::AwsError;
use crate::http::message::Response;

/// The input in a body; an empty body is an empty input.
pub(crate) fn decode(body: &[u8]) -> Result<Json, AwsError> {
    if body.is_empty() {
        return Ok(Json::Object(Map::new()));
    }
    serde_json::from_slice(body)
        .map_err(|error| AwsError::new("SerializationException", format!("the body is not JSON: {error}")))
}

/// Timestamps become seconds, bytes Base64 text; null members are left out.
fn plain(value: &Json) -> Json {
    match value {
        Json::Object(members) => {
            if let Some(millis) = members.get(TIMESTAMP).and_then(Json::as_i64) {
                #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit 53 bits")]
                return Json::from(millis as f64 / 1000.0);
            }
            if let Some(text) = members.get(BLOB) {
                return text.clone();
            }
            let members = members.iter().filter(|(_, value)| !value.is_null());
            Json::Object(members.map(|(key, value)| (key.clone(), plain(value))).collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(plain).collect()),
        other => other.clone(),
    }
}

/// An answer.
pub(crate) fn answer(output: &Json) -> Response {
    Response::new(200)
        .header("content-type", "application/x-amz-json-1.1")
        .body(plain(output).to_string().into_bytes())
}

/// An error; both spellings of the message member are in use.
pub(crate) fn error(error: &AwsError) -> Response {
    let mut body = (*error.extra).clone();
    body.insert("__type".into(), Json::from(error.code.clone()));
    body.insert("message".into(), Json::from(error.message.clone()));
    body.insert("Message".into(), Json::from(error.message.clone()));
    Response::new(error.status)
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amzn-errortype", &error.code)
        .body(Json::Object(body).to_string().into_bytes())
}
