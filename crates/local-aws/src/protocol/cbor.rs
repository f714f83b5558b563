//! Smithy RPC v2 with CBOR bodies, which newer clients of CodePipeline, CodeBuild and CodeConnections speak.

use serde_json::{Map, Number, Value as Json};

use crate::core::input::{BLOB, TIMESTAMP, base64, from_base64};
use crate::error::AwsError;
use crate::http::message::Response;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const BREAK: u8 = 0xff;
/// How deep a body may nest.
const DEPTH: u8 = 64;

/// The value in a body, if it is exactly one. Bytes become Base64 text, tagged values what they wrap.
pub(crate) fn decode(body: &[u8]) -> Option<Json> {
    let mut reader = Reader { rest: body };
    let value = reader.value(DEPTH)?;
    reader.rest.is_empty().then_some(value)
}

/// How long a list or map is.
enum Length {
    Known(u64),
    UntilBreak,
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn number(&mut self, info: u8) -> Option<u64> {
        let count = match info {
            0..=23 => return Some(u64::from(info)),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => return None,
        };
        Some(self.take(count)?.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)))
    }

    /// Whether the next byte ends an item of unknown length; it is taken then.
    fn ends(&mut self) -> bool {
        let ends = self.rest.first() == Some(&BREAK);
        if ends {
            self.rest = &self.rest[1..];
        }
        ends
    }

    /// The length of a list or map.
    fn length(&mut self, info: u8) -> Option<Length> {
        if info == 31 { Some(Length::UntilBreak) } else { self.number(info).map(Length::Known) }
    }

    /// Whether an item of this length, of which so much was read, has more to read.
    fn more(&mut self, length: &Length, read: u64) -> bool {
        match length {
            Length::Known(length) => read < *length,
            Length::UntilBreak => !self.ends(),
        }
    }

    fn string(&mut self, major: u8, info: u8) -> Option<Vec<u8>> {
        if info != 31 {
            let length = usize::try_from(self.number(info)?).ok()?;
            return self.take(length).map(<[u8]>::to_vec);
        }
        let mut whole = Vec::new();
        while !self.ends() {
            let first = self.take(1)?[0];
            if first >> 5 != major || first & 31 == 31 {
                return None;
            }
            whole.extend(self.string(major, first & 31)?);
        }
        Some(whole)
    }

    fn value(&mut self, depth: u8) -> Option<Json> {
        let depth = depth.checked_sub(1)?;
        let first = self.take(1)?[0];
        let (major, info) = (first >> 5, first & 31);
        Some(match major {
            UNSIGNED => Json::from(self.number(info)?),
            NEGATIVE => Json::from(-1 - i64::try_from(self.number(info)?).ok()?),
            BYTES => Json::from(base64(&self.string(BYTES, info)?)),
            TEXT => Json::from(String::from_utf8(self.string(TEXT, info)?).ok()?),
            ARRAY => {
                let length = self.length(info)?;
                let mut items = Vec::new();
                while self.more(&length, items.len() as u64) {
                    items.push(self.value(depth)?);
                }
                Json::Array(items)
            }
            MAP => {
                let length = self.length(info)?;
                let mut members = Map::new();
                let mut read = 0;
                while self.more(&length, read) {
                    let key = self.value(depth)?.as_str()?.to_owned();
                    members.insert(key, self.value(depth)?);
                    read += 1;
                }
                Json::Object(members)
            }
            TAG => {
                self.number(info)?;
                self.value(depth)?
            }
            _ => self.simple(info)?,
        })
    }

    fn simple(&mut self, info: u8) -> Option<Json> {
        Some(match info {
            20 => Json::Bool(false),
            21 => Json::Bool(true),
            22 | 23 => Json::Null,
            25 => Json::from(half(u16::from_be_bytes(self.take(2)?.try_into().ok()?))),
            26 => Json::from(f64::from(f32::from_be_bytes(self.take(4)?.try_into().ok()?))),
            27 => Json::from(f64::from_be_bytes(self.take(8)?.try_into().ok()?)),
            _ => return None,
        })
    }
}

/// A half-precision float.
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from(bits >> 10 & 31);
    let fraction = f64::from(bits & 1023);
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        31 => return if fraction == 0.0 { sign * f64::INFINITY } else { f64::NAN },
        _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    }
}

fn head(out: &mut Vec<u8>, major: u8, number: u64) {
    let major = major << 5;
    let bytes = number.to_be_bytes();
    match number {
        0..=23 => out.push(major | bytes[7]),
        24..=0xff => out.extend([major | 0x18, bytes[7]]),
        0x100..=0xffff => {
            out.push(major | 0x19);
            out.extend(&bytes[6..]);
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 0x1a);
            out.extend(&bytes[4..]);
        }
        _ => {
            out.push(major | 0x1b);
            out.extend(bytes);
        }
    }
}

fn encode_number(out: &mut Vec<u8>, number: &Number) {
    if let Some(n) = number.as_u64() {
        head(out, UNSIGNED, n);
    } else if let Some(n) = number.as_i64() {
        head(out, NEGATIVE, n.unsigned_abs() - 1);
    } else {
        encode_double(out, number.as_f64().unwrap_or_default());
    }
}

fn encode_double(out: &mut Vec<u8>, number: f64) {
    out.push(0xfb);
    out.extend(number.to_be_bytes());
}

/// Members that are no whole numbers, also where their value is one: clients take nothing else.
const DOUBLES: [&str; 1] = ["Threshold"];

/// Writes a value; null members of objects are left out.
pub(crate) fn encode(out: &mut Vec<u8>, value: &Json) {
    match value {
        Json::Null => out.push(0xf6),
        Json::Bool(flag) => out.push(if *flag { 0xf5 } else { 0xf4 }),
        Json::Number(number) => encode_number(out, number),
        Json::String(text) => {
            head(out, TEXT, text.len() as u64);
            out.extend(text.as_bytes());
        }
        Json::Array(items) => {
            head(out, ARRAY, items.len() as u64);
            for item in items {
                encode(out, item);
            }
        }
        Json::Object(members) => {
            if let Some(millis) = members.get(TIMESTAMP).and_then(Json::as_i64) {
                head(out, TAG, 1);
                out.push(0xfb);
                #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit 53 bits")]
                out.extend((millis as f64 / 1000.0).to_be_bytes());
                return;
            }
            if let Some(bytes) = members.get(BLOB).and_then(Json::as_str).and_then(from_base64) {
                head(out, BYTES, bytes.len() as u64);
                out.extend(bytes);
                return;
            }
            head(out, MAP, members.values().filter(|value| !value.is_null()).count() as u64);
            for (key, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                head(out, TEXT, key.len() as u64);
                out.extend(key.as_bytes());
                match value.as_f64().filter(|_| DOUBLES.contains(&key.as_str())) {
                    Some(number) => encode_double(out, number),
                    None => encode(out, value),
                }
            }
        }
    }
}

fn response(status: u16, value: &Json) -> Response {
    let mut body = Vec::new();
    encode(&mut body, value);
    Response::new(status)
        .header("content-type", "application/cbor")
        .header("smithy-protocol", "rpc-v2-cbor")
        .body(body)
}

/// An answer.
pub(crate) fn answer(output: &Json) -> Response {
    response(200, output)
}

/// An error.
pub(crate) fn error(error: &AwsError) -> Response {
    let mut body = (*error.extra).clone();
    body.insert("__type".into(), Json::from(format!("com.amazonaws#{}", error.code)));
    body.insert("message".into(), Json::from(error.message.clone()));
    response(error.status, &Json::Object(body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read_again() {
        let value =
            json!({"a": [1, -2, 300, 70_000, 5_000_000_000_u64, 1.5], "b": {"c": true, "d": "ü"}, "e": []});
        let mut bytes = Vec::new();
        encode(&mut bytes, &value);
        assert_eq!(decode(&bytes), Some(value));
    }

    #[test]
    fn items_of_unknown_length_and_broken_ones() {
        assert_eq!(decode(&[0xbf, 0x61, b'a', 0x9f, 0x01, 0xff, 0xff]), Some(json!({"a": [1]})));
        assert_eq!(decode(&[0x7f, 0x61, b'a', 0x61, b'b', 0xff]), Some(json!("ab")));
        assert_eq!(decode(&[0xf9, 0x3c, 0x00]), Some(json!(1.0)));
        for cut in
            [&[0xbf_u8][..], &[0x62, b'a'], &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], &[]]
        {
            assert_eq!(decode(cut), None);
        }
    }
}
