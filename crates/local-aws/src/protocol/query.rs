//! The query protocol and EC2's dialect of it: form fields in, XML out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use super::xml::{document, element, escape};
use crate::error::AwsError;
use crate::http::message::{Response, form_fields};

/// A field's place in the tree that the dots of its name describe.
#[derive(Default)]
struct Node {
    text: Option<String>,
    children: BTreeMap<Step, Self>,
}

/// Numbers sort as numbers, so that `member.10` follows `member.9`.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Index(u32),
    Name(String),
}

/// The input in a form-encoded body.
pub(crate) fn decode(body: &[u8]) -> Json {
    let mut root = Node::default();
    for (name, value) in form_fields(&String::from_utf8_lossy(body)) {
        let mut node = &mut root;
        for step in name.split('.').take(32) {
            let step = step.parse().map_or_else(|_| Step::Name(step.to_owned()), Step::Index);
            node = node.children.entry(step).or_default();
        }
        node.text = Some(value);
    }
    root.into_json()
}

impl Node {
    fn into_json(mut self) -> Json {
        if self.children.is_empty() {
            return self.text.map_or(Json::Null, Json::String);
        }
        // `Tags.member.1` is the list `Tags`; so is `Filter.1` without a wrapper, in EC2's dialect.
        if self.children.len() == 1
            && let Some(member) = self.children.remove(&Step::Name("member".into()))
        {
            return member.into_list();
        }
        if self.children.keys().all(|step| matches!(step, Step::Index(_))) {
            return self.into_list();
        }
        let members = self.children.into_iter().map(|(step, node)| {
            let name = match step {
                Step::Index(index) => index.to_string(),
                Step::Name(name) => name,
            };
            (name, node.into_json())
        });
        Json::Object(members.collect::<Map<_, _>>())
    }

    fn into_list(self) -> Json {
        Json::Array(self.children.into_values().map(Self::into_json).collect())
    }
}

fn namespace(service: &str) -> &'static str {
    match service {
        "cloudformation" => "http://cloudformation.amazonaws.com/doc/2010-05-15/",
        "sts" => "https://sts.amazonaws.com/doc/2011-06-15/",
        "iam" => "https://iam.amazonaws.com/doc/2010-05-08/",
        "monitoring" => "http://monitoring.amazonaws.com/doc/2010-08-01/",
        "sns" => "http://sns.amazonaws.com/doc/2010-03-31/",
        _ => "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    }
}

/// An answer.
pub(crate) fn answer(service: &str, operation: &str, output: &Json, request_id: &str) -> Response {
    let mut body = format!("<{operation}Response xmlns=\"{}\">", namespace(service));
    let result = format!("{operation}Result");
    if output.as_object().is_some_and(Map::is_empty) || output.is_null() {
        let _ = write!(body, "<{result}/>");
    } else {
        element(&mut body, &result, output, "member");
    }
    let _ = write!(
        body,
        "<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    );
    document(200, &body)
}

/// An error.
pub(crate) fn error(error: &AwsError, request_id: &str) -> Response {
    let kind = if error.status < 500 { "Sender" } else { "Receiver" };
    let body = format!(
        "<ErrorResponse><Error><Type>{kind}</Type><Code>{}</Code><Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
        error.code,
        escape(&error.message)
    );
    document(error.status, &body)
}

/// An answer of EC2.
pub(crate) fn ec2_answer(operation: &str, output: &Json, request_id: &str) -> Response {
    let mut body = format!(
        "<{operation}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>{request_id}</requestId>"
    );
    for (key, value) in output.as_object().into_iter().flatten() {
        element(&mut body, key, value, "item");
    }
    let _ = write!(body, "</{operation}Response>");
    document(200, &body)
}

/// An error of EC2.
pub(crate) fn ec2_error(error: &AwsError, request_id: &str) -> Response {
    let body = format!(
        "<Response><Errors><Error><Code>{}</Code><Message>{}</Message></Error></Errors><RequestID>{request_id}</RequestID></Response>",
        error.code,
        escape(&error.message)
    );
    document(error.status, &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dots_make_a_tree() {
        let input = decode(b"Action=X&Tags.member.2.Key=b&Tags.member.1.Key=a+%26&Filter.1.Value.1=v&Empty=");
        assert_eq!(
            input,
            json!({"Action": "X", "Tags": [{"Key": "a &"}, {"Key": "b"}], "Filter": [{"Value": ["v"]}], "Empty": ""})
        );
    }
}
