//! Writing and reading XML.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::core::input::{BLOB, TIMESTAMP};
use crate::core::time::iso;
use crate::error::AwsError;
use crate::http::message::Response;

/// Text with the characters escaped that XML needs escaped.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            // Not a character of XML 1.0 in any form.
            c if c.is_control() && c != '\n' && c != '\t' => {}
            c => out.push(c),
        }
    }
    out
}

/// Writes `<name>value</name>`; lists have one `item` element for each element, absent values nothing.
pub(crate) fn element(out: &mut String, name: &str, value: &Json, item: &str) {
    match value {
        Json::Null => {}
        Json::Bool(flag) => drop(write!(out, "<{name}>{flag}</{name}>")),
        Json::Number(number) => drop(write!(out, "<{name}>{number}</{name}>")),
        Json::String(text) => drop(write!(out, "<{name}>{}</{name}>", escape(text))),
        Json::Array(items) => {
            let _ = write!(out, "<{name}>");
            for value in items {
                element(out, item, value, item);
            }
            let _ = write!(out, "</{name}>");
        }
        Json::Object(members) => {
            if let Some(millis) = members.get(TIMESTAMP).and_then(Json::as_i64) {
                let _ = write!(out, "<{name}>{}</{name}>", iso(millis));
            } else if let Some(text) = members.get(BLOB).and_then(Json::as_str) {
                let _ = write!(out, "<{name}>{text}</{name}>");
            } else {
                let _ = write!(out, "<{name}>");
                for (key, value) in members {
                    element(out, key, value, item);
                }
                let _ = write!(out, "</{name}>");
            }
        }
    }
}

/// An answer with this document.
pub(crate) fn document(status: u16, body: &str) -> Response {
    Response::new(status)
        .header("content-type", "text/xml")
        .body(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}").into_bytes())
}

/// An error of S3.
pub(crate) fn s3_error(error: &AwsError, request_id: &str) -> Response {
    let mut body = format!("<Error><Code>{}</Code><Message>{}</Message>", error.code, escape(&error.message));
    for (key, value) in &*error.extra {
        element(&mut body, key, value, "member");
    }
    let _ = write!(body, "<RequestId>{request_id}</RequestId><HostId>local</HostId></Error>");
    document(error.status, &body)
}

/// An element of a document that was read.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Self>,
}

impl Element {
    /// The children with this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first child with this name.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.children.iter().find(|child| child.name == name).map(|child| child.text.as_str())
    }
}

/// Reads the small documents that clients of S3 send: elements and text, no attributes kept. The root, if it is whole.
pub(crate) fn read(text: &str) -> Option<Element> {
    let mut open = vec![Element::default()];
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        open.last_mut()?.text.push_str(&unescape(&rest[..start]));
        rest = &rest[start + 1..];
        let end = rest.find('>')?;
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        if tag.starts_with(['?', '!']) {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            let closed = open.pop()?;
            if closed.name != local_name(name) || open.len() > 100 {
                return None;
            }
            open.last_mut()?.children.push(closed);
        } else {
            let element = Element { name: local_name(tag).to_owned(), ..Element::default() };
            if tag.ends_with('/') {
                open.last_mut()?.children.push(element);
            } else {
                open.push(element);
            }
        }
    }
    let mut root = open.pop()?;
    (open.is_empty() && root.children.len() == 1).then(|| root.children.remove(0))
}

fn local_name(tag: &str) -> &str {
    let name = tag.split([' ', '\n', '\t', '/']).next().unwrap_or(tag);
    name.rsplit(':').next().unwrap_or(name)
}

fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&#39;", "'")
        .replace("&#13;", "\r")
        .replace("&#xD;", "\r")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_read_whole_or_not_at_all() {
        let root = read(
            "<?xml version=\"1.0\"?><Delete xmlns=\"x\"><Object><Key>a&amp;b</Key></Object><Quiet/></Delete>",
        );
        let root = root.unwrap();
        assert_eq!(root.name, "Delete");
        assert_eq!(root.all("Object").next().unwrap().text_of("Key"), Some("a&b"));
        assert_eq!(read("<a><b></a>"), None);
        assert_eq!(read("nothing"), None);
    }
}
