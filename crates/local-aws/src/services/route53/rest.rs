//! Route 53's REST with XML.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};

use crate::core::input::TIMESTAMP;
use crate::core::time::iso;
use crate::error::AwsError;
use crate::http::message::{Request, Response};
use crate::protocol::xml::{self, Element, document, escape};

const VERSION: &str = "2013-04-01";
const NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";
/// Elements that hold lists; the name of an item is that without the last letter.
const LISTS: [&str; 5] = ["Changes", "HostedZones", "NameServers", "ResourceRecordSets", "ResourceRecords"];

/// Operation and input of a request.
pub(crate) fn read(request: &Request) -> Result<(String, Json), AwsError> {
    let mut steps =
        request.path.split('/').filter(|step| !step.is_empty()).skip_while(|step| *step == VERSION);
    let place = (request.method.as_str(), steps.next(), steps.next(), steps.next());
    let parameter = |name: &str| request.parameter(name).map(str::to_owned);
    let body = || {
        let text = std::str::from_utf8(&request.body).unwrap_or_default();
        xml::read(text).map(|root| value(&root)).ok_or_else(|| {
            AwsError::new("InvalidInput", "The request body is not the XML that the operation takes")
        })
    };
    let (operation, input) = match place {
        ("GET", Some("hostedzonesbyname"), None, _) => (
            "ListHostedZonesByName",
            json!({
                "DNSName": parameter("dnsname"), "HostedZoneId": parameter("hostedzoneid"),
                "MaxItems": parameter("maxitems"),
            }),
        ),
        ("GET", Some("hostedzone"), None, _) => {
            ("ListHostedZones", json!({"Marker": parameter("marker"), "MaxItems": parameter("maxitems")}))
        }
        ("POST", Some("hostedzone"), None, _) => ("CreateHostedZone", body()?),
        ("GET", Some("hostedzone"), Some(id), None) => ("GetHostedZone", json!({"Id": id})),
        ("DELETE", Some("hostedzone"), Some(id), None) => ("DeleteHostedZone", json!({"Id": id})),
        ("GET", Some("hostedzone"), Some(id), Some("rrset")) => (
            "ListResourceRecordSets",
            json!({
                "HostedZoneId": id, "StartRecordName": parameter("name"),
                "StartRecordType": parameter("type"), "StartRecordIdentifier": parameter("identifier"),
                "MaxItems": parameter("maxitems"),
            }),
        ),
        ("POST", Some("hostedzone"), Some(id), Some("rrset")) => {
            let mut input = body()?;
            input["HostedZoneId"] = id.into();
            ("ChangeResourceRecordSets", input)
        }
        ("GET", Some("change"), Some(id), _) => ("GetChange", json!({"Id": format!("/change/{id}")})),
        _ => {
            return Err(AwsError::unknown_operation(
                "route53",
                &format!("{} {}", request.method, request.path),
            ));
        }
    };
    Ok((operation.to_owned(), input))
}

fn value(element: &Element) -> Json {
    if LISTS.contains(&element.name.as_str()) {
        return element.children.iter().map(value).collect();
    }
    if element.children.is_empty() {
        return element.text.trim().into();
    }
    let members = element.children.iter().map(|child| (child.name.clone(), value(child)));
    Json::Object(members.collect::<Map<_, _>>())
}

/// Writes an answer.
pub(crate) fn answer(operation: &str, output: &Json) -> Response {
    let mut body = format!("<{operation}Response xmlns=\"{NAMESPACE}\">");
    for (name, value) in output.as_object().into_iter().flatten() {
        write(&mut body, name, value);
    }
    let _ = write!(body, "</{operation}Response>");
    document(if operation == "CreateHostedZone" { 201 } else { 200 }, &body)
}

fn write(out: &mut String, name: &str, value: &Json) {
    match value {
        Json::Null => {}
        Json::Array(items) => {
            let _ = write!(out, "<{name}>");
            for item in items {
                write(out, &name[..name.len().saturating_sub(1)], item);
            }
            let _ = write!(out, "</{name}>");
        }
        Json::Object(members) => {
            let _ = write!(out, "<{name}>");
            match members.get(TIMESTAMP).and_then(Json::as_i64) {
                Some(millis) => out.push_str(&iso(millis)),
                None => members.iter().for_each(|(name, value)| write(out, name, value)),
            }
            let _ = write!(out, "</{name}>");
        }
        Json::String(text) => drop(write!(out, "<{name}>{}</{name}>", escape(text))),
        other => drop(write!(out, "<{name}>{other}</{name}>")),
    }
}
